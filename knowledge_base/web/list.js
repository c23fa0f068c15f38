/* All entries: found by words, tag, status and by the language they lack. */

import { html, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { go } from "core/router.js";
import { may } from "core/session.js";
import { language, LANGUAGES, t } from "core/words.js";
import { Ask } from "knowledge_base/asking.js";
import { addressOf, coverage, entries, missingIn, shareOf, spoken, textOf } from "knowledge_base/entries_state.js";

const SHOWN = 300;
const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });

function Languages({ entry }) {
  return html`<span class="chips">${spoken().map((code) => (entry.translations[code]
    ? html`<span class="chip" key=${code} title=${LANGUAGES[code]}>${code}</span>`
    : html`<span class="chip lacking" key=${code} title=${t("knowledge.lacks", { language: LANGUAGES[code] })}><span class="unseen">${t("knowledge.lacks", { language: LANGUAGES[code] })}</span><span aria-hidden="true">${code}</span></span>`))}</span>`;
}

function Row({ entry, onTag }) {
  const text = textOf(entry);
  return html`<tr><td><a href=${addressOf(entry.id)} data-screen>${text?.question || entry.id}</a><div class="soft clip-two">${text?.answer}</div></td>
    <td><${Languages} entry=${entry} /></td>
    <td><span class="chips">${entry.tags.map((tag) => html`<button type="button" class="chip" key=${tag} onClick=${() => onTag(tag)}>#${tag}</button>`)}</span></td>
    <td><span class=${`chip is-${entry.status}`}>${t(`entry.${entry.status}`)}</span></td></tr>`;
}

/** What each language lacks, and how many customers that concerns. */
function Coverage({ wanted, onChoose }) {
  const all = entries.value ?? [];
  const title = coverage.value && t("knowledge.counted", { n: coverage.value.days });
  return html`<ul class="coverage" aria-label=${t("knowledge.coverage")} title=${title}>${spoken().map((code) => {
    const lacking = all.filter((entry) => !entry.translations[code]).length;
    const share = shareOf(code);
    return html`<li key=${code}><button type="button" class="coverage-one" aria-pressed=${wanted === code} disabled=${!lacking} onClick=${() => onChoose(wanted === code ? "" : code)}>
      <strong lang=${code}>${LANGUAGES[code]}</strong>
      <span class=${lacking ? "due" : "soft"}>${lacking ? t("knowledge.lacking", { n: lacking }) : t("knowledge.complete")}</span>
      ${share !== null && html`<span class="soft">${t("knowledge.of_customers", { share: PERCENT.format(share) })}</span>`}</button></li>`;
  })}</ul>`;
}

const STATES = ["", "published", "draft"];

export function List() {
  const [words, setWords] = useState("");
  const [status, setStatus] = useState("");
  const [lacking, setLacking] = useState("");
  const parts = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fits = (entry) => {
    if ((status && entry.status !== status) || (lacking && !missingIn(entry).includes(lacking))) return false;
    if (!parts.length) return true;
    const whole = `${entry.id} ${entry.tags.map((tag) => `#${tag}`).join(" ")} ${Object.values(entry.translations).map((one) => `${one.question} ${one.answer} ${one.phrasings.join(" ")}`).join(" ")}`.toLocaleLowerCase();
    return parts.every((part) => whole.includes(part));
  };
  const matching = (entries.value ?? []).filter(fits);
  return html`<${Ask} />
    <${Coverage} wanted=${lacking} onChoose=${setLacking} />
    <div class="line knowledge-filters"><label class="find"><${Icon} name="search" size=${16} /><span class="unseen">${t("knowledge.search")}</span><input type="search" placeholder=${t("knowledge.search")} value=${words} onInput=${(event) => setWords(event.target.value)} /></label>
      <label><span class="unseen">${t("knowledge.status")}</span><select onChange=${(event) => setStatus(event.target.value)}>${STATES.map((one) => html`<option value=${one} selected=${one === status}>${t(one ? `entry.${one}` : "knowledge.any_status")}</option>`)}</select></label>
      ${may("edit_knowledge") && html`<button type="button" class="primary" onClick=${() => go("/knowledge/+")}><${Icon} name="plus" size=${17} />${t("knowledge.new")}</button>`}</div>
    <div class="panel flush" tabindex="0" role="region" aria-label=${t("screen.knowledge")}><table class="entries"><thead><tr><th>${t("knowledge.question")}</th><th>${t("knowledge.languages")}</th><th>${t("knowledge.tags")}</th><th>${t("knowledge.status")}</th></tr></thead>
      <tbody>${matching.slice(0, SHOWN).map((entry) => html`<${Row} key=${entry.id} entry=${entry} onTag=${(tag) => setWords(`#${tag}`)} />`)}</tbody></table>
      ${entries.value && matching.length === 0 && html`<p class="empty">${t("knowledge.none")}</p>`}</div>
    <p class="soft">${t("knowledge.count", { n: matching.length })}${matching.length > SHOWN && ` · ${t("knowledge.first", { n: SHOWN })}`}</p>`;
}
