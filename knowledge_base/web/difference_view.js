/* Shows what differs between two versions of an entry. */

import { html } from "core/html.js";
import { LANGUAGES, t } from "core/words.js";
import { differences, marked } from "knowledge_base/differences.js";

export const fieldName = ({ language, field }) => `${language ? `${LANGUAGES[language] ?? language} · ` : ""}${t(`field_of_entry.${field}`)}`;

export function Marked({ before, after, language }) {
  return html`<p class="marked" lang=${language ?? null}>${marked(before, after).map((part) => (part.kind === "gone" ? html`<del>${part.text}</del>` : part.kind === "new" ? html`<ins>${part.text}</ins>` : part.text))}</p>`;
}

export function Differences({ before, after }) {
  const found = differences(before, after);
  if (!found.length) return html`<p class="soft">${t("history.same")}</p>`;
  return html`<dl class="differences">${found.map((one) => html`<div key=${one.key}><dt>${fieldName(one)}</dt>
    <dd>${["status"].includes(one.field) ? html`<p class="marked">${one.before && html`<del>${t(`entry.${one.before}`)}</del> `}${one.after && html`<ins>${t(`entry.${one.after}`)}</ins>`}</p>`
      : one.field === "picture" ? html`<p class="marked">${one.before && html`<del>${t("knowledge.picture_word")}</del> `}${one.after && html`<ins>${t("knowledge.picture_word")}</ins>`}</p>`
      : html`<${Marked} before=${one.before} after=${one.after} language=${one.language} />`}</dd></div>`)}</dl>`;
}
