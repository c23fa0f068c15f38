/* What should be mended: empty answers, repeated and nearly repeated phrasings, lost buttons, missing translations. */

import { html, useEffect, useState } from "core/html.js";
import { get } from "core/requests.js";
import { complain } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";
import { addressOf } from "knowledge_base/entries_state.js";

const LEVELS = ["error", "warning"];

function Line({ one }) {
  const values = { ...one.values, languages: (one.values.languages ?? "").split(", ").map((code) => LANGUAGES[code] ?? code).join(", ") };
  return html`<tr><td><a href=${addressOf(one.entry)} data-screen>${one.entry}</a></td><td>${one.language && html`<span class="chip">${one.language}</span>`}</td>
    <td>${t(`check.${one.kind}`, values)}${one.values.other && html` <a href=${addressOf(one.values.other)} data-screen>${one.values.other}</a>`}</td></tr>`;
}

export function Mending() {
  const [items, setItems] = useState(null);
  useEffect(() => { get("/knowledge/check").then((found) => setItems(found.items)).catch(complain); }, []);
  if (!items) return html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div>`;
  if (!items.length) return html`<p class="empty">${t("check.nothing")}</p>`;
  return LEVELS.map((level) => ({ level, found: items.filter((one) => one.level === level) })).filter((one) => one.found.length).map(({ level, found }) => html`<section key=${level} class="stack">
    <h2>${t(`check.${level}`, { n: found.length })}</h2><p class="soft">${t(`check.${level}_means`)}</p>
    <div class="panel flush" tabindex="0" role="region" aria-label=${t(`check.${level}`, { n: found.length })}><table class="mending"><thead><tr><th>${t("check.entry")}</th><th>${t("knowledge.languages")}</th><th>${t("check.what")}</th></tr></thead>
      <tbody>${found.map((one) => html`<${Line} one=${one} />`)}</tbody></table></div></section>`);
}
