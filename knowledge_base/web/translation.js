/* An entry in one language: question, phrasings, answer, picture, buttons, and how it will look. */

import { html } from "core/html.js";
import { Icon } from "core/icons.js";
import { post } from "core/requests.js";
import { complain } from "core/toasts.js";
import { language, LANGUAGES, t } from "core/words.js";
import { shareOf } from "knowledge_base/entries_state.js";
import { Preview } from "knowledge_base/preview.js";

const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const ENTRY = "entry:";
const KINDS = ["url", "entry", "payload"];

export const blank = () => ({ question: "", answer: "", phrasings: [], buttons: [], picture: null });

const kindOf = (button) => (button.url !== null && button.url !== undefined ? "url" : button.payload?.startsWith(ENTRY) ? "entry" : "payload");
const targetOf = (button) => ({ url: button.url, entry: button.payload?.slice(ENTRY.length), payload: button.payload })[kindOf(button)] ?? "";
const pointed = (title, kind, target) => ({ title, url: kind === "url" ? target : null, payload: kind === "url" ? null : kind === "entry" ? ENTRY + target : target });

function ButtonRow({ button, change, remove, code }) {
  const kind = kindOf(button);
  return html`<li class="button-row"><input aria-label=${t("button.title")} placeholder=${t("button.title")} maxlength="64" value=${button.title} onInput=${(event) => change({ ...button, title: event.target.value })} lang=${code} />
    <select aria-label=${t("button.leads")} onChange=${(event) => change(pointed(button.title, event.target.value, event.target.value === "payload" ? "person" : ""))}>${KINDS.map((one) => html`<option value=${one} selected=${one === kind}>${t(`button.${one}`)}</option>`)}</select>
    ${kind === "payload" && targetOf(button) === "person" ? null : html`<input aria-label=${t(`button.${kind}`)} list=${kind === "entry" ? "entry-ids" : null} placeholder=${kind === "url" ? "https://" : ""} value=${targetOf(button)} onInput=${(event) => change(pointed(button.title, kind, event.target.value))} />`}
    <button type="button" class="quiet icon-only" aria-label=${t("button.remove", { title: button.title })} onClick=${remove}><${Icon} name="close" size=${16} /></button></li>`;
}

function Buttons({ list, change, code }) {
  return html`<div><h3>${t("field_of_entry.buttons")}</h3>
    <ul class="button-rows">${list.map((button, place) => html`<${ButtonRow} key=${place} code=${code} button=${button}
      change=${(one) => change(list.with(place, one))} remove=${() => change(list.filter((_, other) => other !== place))} />`)}</ul>
    ${list.length < 10 && html`<button type="button" class="inline" onClick=${() => change([...list, { title: "", url: "", payload: null }])}>${t("button.add")}</button>`}</div>`;
}

function Picture({ text, change }) {
  const keep = async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    try { change({ ...text, picture: (await post(`/knowledge/pictures?name=${encodeURIComponent(file.name)}`, file)).picture }); } catch (refusal) { complain(refusal); }
    event.target.value = "";
  };
  return html`<div class="picture-line">${text.picture && html`<img class="entry-picture" src=${`/api/v1/files/${text.picture}`} alt=${t("knowledge.picture_word")} />`}
    <label class="button quiet"><${Icon} name="attach" size=${16} />${t(text.picture ? "knowledge.other_picture" : "knowledge.picture")}<input class="unseen" type="file" accept="image/png,image/jpeg" onChange=${keep} /></label>
    ${text.picture && html`<button type="button" class="quiet" onClick=${() => change({ ...text, picture: null })}>${t("knowledge.no_picture")}</button>`}</div>`;
}

export function Translation({ code, text, change, editable, isNew }) {
  const set = (name) => (event) => change({ ...text, [name]: event.target.value });
  const share = shareOf(code);
  return html`<section class="panel translation" aria-label=${LANGUAGES[code]}>
    <header class="page-head"><h2 lang=${code}>${LANGUAGES[code]}</h2><span class="chips">${isNew && html`<span class="chip lacking">${t("knowledge.not_translated")}</span>`}${share !== null && html`<span class="chip">${t("knowledge.of_customers", { share: PERCENT.format(share) })}</span>`}</span></header>
    <fieldset class="stack" disabled=${!editable}>
      <label>${t("knowledge.question")}<input lang=${code} value=${text.question} onInput=${set("question")} maxlength="1000" /></label>
      <label>${t("knowledge.phrasings")}<textarea lang=${code} rows=${Math.min(10, Math.max(4, text.phrasings.length + 1))} value=${text.phrasings.join("\n")} onInput=${(event) => change({ ...text, phrasings: event.target.value.split("\n") })}></textarea></label>
      <label>${t("knowledge.answer")}<textarea lang=${code} rows=${Math.min(14, Math.max(5, Math.ceil(text.answer.length / 42)))} value=${text.answer} onInput=${set("answer")}></textarea></label>
      <${Picture} text=${text} change=${change} />
      <${Buttons} list=${text.buttons} code=${code} change=${(buttons) => change({ ...text, buttons })} />
    </fieldset>
    <${Preview} text=${text} language=${code} />
  </section>`;
}
