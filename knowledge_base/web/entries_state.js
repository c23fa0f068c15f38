/* The entries as this tab knows them, and who asks in which language. */

import { signal } from "core/html.js";
import { get } from "core/requests.js";
import { brand } from "core/session.js";
import { LANGUAGES } from "core/words.js";

export const entries = signal(null);
/** `{ days, languages, customers }`, or null until it is read. */
export const coverage = signal(null);

export async function load() {
  const all = [];
  let cursor = "";
  do {
    const page = await get(`/knowledge/entries?limit=1000&cursor=${encodeURIComponent(cursor)}`);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  entries.value = all;
}

export const loadCoverage = async () => { coverage.value = await get("/knowledge/coverage"); };

export const spoken = () => brand.value?.languages ?? Object.keys(LANGUAGES);
export const asPath = (id) => id.split("/").map(encodeURIComponent).join("/");
export const addressOf = (id) => `/knowledge/${asPath(id)}`;
export const textOf = (entry) => entry.translations[brand.value?.default_language] ?? Object.values(entry.translations)[0];
export const missingIn = (entry) => spoken().filter((code) => !entry.translations[code]);

/** The share of customers who write in a language, 0 to 1; null while nobody wrote. */
export function shareOf(code) {
  const counts = coverage.value?.customers ?? {};
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return total ? (counts[code] ?? 0) / total : null;
}
