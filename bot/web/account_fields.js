/* What an account of a channel needs, as fields of a form; and what its platform says, as a list. */

import { html } from "core/html.js";
import { Icon } from "core/icons.js";
import { t } from "core/words.js";

const FACES = { good: "done", warning: "warning", bad: "warning" };

/** `bot_token` → `Bot token`: the name it also has in the environment and at the command line. */
const titleOf = (name) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");

/** A sentence of the server that begins with a field's name, with its title instead. */
export function withTitles(sentence, fields) {
  const field = fields.find((one) => sentence.startsWith(`${one.name}: `));
  return field ? sentence.replace(field.name, titleOf(field.name)) : sentence;
}

function Field({ field }) {
  const hint = `hint-${field.name}`;
  const input = field.choices.length
    ? html`<select name=${field.name} aria-describedby=${hint}>${!field.required && html`<option value=""></option>`}${field.choices.map((one) => html`<option value=${one}>${one}</option>`)}</select>`
    : html`<input name=${field.name} aria-describedby=${hint} type=${field.secret ? "password" : "text"} required=${field.required} autocomplete="off" spellcheck="false" />`;
  return html`<label>${titleOf(field.name)}${field.required ? " *" : ""}<span class="soft field-hint" id=${hint}>${field.description}</span>${input}</label>`;
}

/** What is needed first; the rest behind a fold. */
export function AccountFields({ fields }) {
  const more = fields.filter((one) => !one.required);
  return html`${fields.filter((one) => one.required).map((one) => html`<${Field} key=${one.name} field=${one} />`)}
    ${more.length > 0 && html`<details><summary>${t("channel.more")}</summary><div class="folded">${more.map((one) => html`<${Field} key=${one.name} field=${one} />`)}</div></details>`}`;
}

/** `items` null: nothing was asked; empty: the answer is awaited. */
export function Findings({ items }) {
  if (items === null) return null;
  return html`<ul class="findings" aria-live="polite">${items.length === 0 ? html`<li>…</li>` : items.map((one) => html`<li class=${one.level}><${Icon} name=${FACES[one.level]} size=${16} /> ${one.sentence}</li>`)}</ul>`;
}
