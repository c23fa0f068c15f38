/* Every word on the screen, in the reader's language. */

import words from "words";

export const language = document.documentElement.lang;

export const LANGUAGES = { en: "English", ru: "Русский", uk: "Українська", ms: "Bahasa Melayu", "zh-Hant": "繁體中文" };

/** The words of a key, with `{name}` filled in. A code that has no words yet is shown as it is. */
export function t(key, values) {
  const found = words[key];
  if (found === undefined) return key.slice(key.lastIndexOf(".") + 1).replaceAll("_", " ");
  if (values === undefined) return found;
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
