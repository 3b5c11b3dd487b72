//! What is promised about all pages at once: their words, their markup, their weight, and that nobody changes one
//! without meaning to. The rules of a single page are beside it.

#[cfg(test)]
mod golden;
#[cfg(test)]
mod html;
mod mail;
#[cfg(test)]
mod markup;
#[cfg(test)]
mod source;
#[cfg(test)]
mod weight;
#[cfg(test)]
mod words;
