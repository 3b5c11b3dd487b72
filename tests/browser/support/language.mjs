// Finds what was left in English on a page that should be German: every message of the English file that reads
// differently in the German one.
import { readFileSync } from "node:fs";

/** The messages of a language that are plain text in one line. */
function messages(language) {
  const text = readFileSync(new URL(`../../../idp/pages/locales/${language}.ftl`, import.meta.url), "utf8");
  const lines = text.matchAll(/^([a-z][\w-]*) = (\S[^{}\n]*)$/gm);
  return new Map(Array.from(lines, ([, id, words]) => [id, words.trim()]));
}

const german = messages("de");
const germanWords = new Set(german.values());
const english = Array.from(messages("en").values()).filter((words) => !germanWords.has(words));

/** The English messages that a page shows or tells a screen reader. */
export async function englishLeft(page) {
  const shown = await page.evaluate(() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (["aria-label", "title", "alt", "placeholder"].includes(name)) texts.push(value);
        if (name.startsWith("data-") && name !== "data-theme") texts.push(value);
      }
    }
    return [document.title, ...texts];
  });
  return english.filter((words) => shown.includes(words));
}
