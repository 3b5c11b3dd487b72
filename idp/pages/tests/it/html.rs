//! The little HTML that the tests have to read: the tags of a page, in order, with their attributes. It reads the way
//! a browser does as far as quotes and tags go, so text that broke out of its place would show up as a tag.

/// An opening or closing tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The name, with a slash in front of a closing one.
    pub(crate) name: String,
    /// Names and values, undecoded.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == attribute).map(|(_, value)| value.as_str())
    }
}

/// All tags of a page.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = tag(after);
        tags.push(tag);
        rest = after;
    }
    tags
}

fn tag(text: &str) -> (Tag, &str) {
    let end = text.find(|c: char| c.is_whitespace() || c == '>').expect("a tag ends");
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (Tag { name: name.to_lowercase(), attributes }, after);
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '=').expect("an attribute ends");
        let (attribute, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a quoted value ends"),
            None => ("", after),
        };
        assert!(!after.starts_with('='), "the value of {attribute} is not in double quotes");
        attributes.push((attribute.to_lowercase(), value.to_owned()));
        rest = after;
    }
}
