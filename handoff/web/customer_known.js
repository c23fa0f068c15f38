/* What agents write down about a customer: fields, his time zone, and notes that stay beside all his conversations. */

import { html, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { Icon } from "core/icons.js";
import { may, me } from "core/session.js";
import { t } from "core/words.js";
import { addNote, deleteNote, know } from "handoff/customer_card.js";

const zones = Intl.supportedValuesOf?.("timeZone") ?? [];

/** A field that is saved when one leaves it. */
function Field({ label, value, list, save }) {
  const onChange = async (event) => { if (!(await save(event.target.value.trim()))) event.target.value = value; };
  return html`<label>${label}<input defaultValue=${value} key=${value} list=${list} maxlength="2000" onChange=${onChange} /></label>`;
}

export function Fields({ id, card }) {
  return html`<section><h3>${t("customer.fields")}</h3><div class="known">
    ${card.fields.map((field) => html`<${Field} key=${field.name} label=${field.name} value=${field.value} save=${(value) => know(id, { fields: { [field.name]: value } })} />`)}
    <${Field} label=${t("customer.timezone")} value=${card.timezone ?? ""} list="customer-zones" save=${(timezone) => know(id, { timezone })} />
    <datalist id="customer-zones">${zones.map((zone) => html`<option value=${zone} />`)}</datalist></div></section>`;
}

export function Notes({ id, notes }) {
  const [text, setText] = useState("");
  const add = async (event) => { event.preventDefault(); if (text.trim() && (await addNote(id, text))) setText(""); };
  return html`<section><h3>${t("customer.notes")}</h3>
    ${notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li key=${note.id}><p>${note.text}</p><p class="soft">${note.user?.name ?? ""} · ${fullTime(note.at)}
      ${(note.user?.id === me.value.id || may("take_over")) && html`<button class="inline" aria-label=${`${t("shell.delete")}: ${note.text.slice(0, 40)}`} onClick=${() => deleteNote(id, note.id)}>${t("shell.delete")}</button>`}</p></li>`)}</ul>`}
    <form class="stack" onSubmit=${add}><label><span class="unseen">${t("customer.note_write")}</span><textarea rows="2" maxlength="10000" placeholder=${t("customer.note_write")} value=${text} onInput=${(event) => setText(event.target.value)}></textarea></label>
      ${text.trim() && html`<div><button><${Icon} name="note" size=${16} />${t("customer.note_add")}</button></div>`}</form></section>`;
}
