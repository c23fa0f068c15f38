/* Canned replies: `/` and a part of the shortcut. */

import { html, signal } from "core/html.js";
import { get } from "core/requests.js";
import { brand, me } from "core/session.js";
import { t } from "core/words.js";

const replies = signal(null);

export async function loadCanned() {
  replies.value = (await get("/canned-replies").catch(() => ({ items: [] }))).items;
}

/** The words in the customer's language, else the brand's, else any; with the names filled in. */
export function filledIn(reply, one) {
  const texts = reply.texts;
  const text = texts[one.language] ?? texts[brand.value?.default_language] ?? Object.values(texts)[0];
  const values = { customer: one.contact.name || "", agent: me.value.name || me.value.email, brand: brand.value?.name ?? "" };
  return text.replace(/\{(customer|agent|brand)\}/g, (_, name) => values[name]);
}

/** Those whose shortcut or words match what stands after the slash; null where the text is no call for one. */
export function cannedFor(text) {
  const call = /^\/([\p{L}\p{N}_-]*)$/u.exec(text);
  if (!call) return null;
  const part = call[1].toLowerCase();
  return (replies.value ?? []).filter((one) => one.shortcut.includes(part) || Object.values(one.texts).some((words) => part && words.toLowerCase().includes(part))).slice(0, 8);
}

export function CannedMenu({ list, chosen, one, onChoose }) {
  return html`<ul class="canned" id="canned" role="listbox" aria-label=${t("canned.title")}>
    ${list.map((reply, index) => html`<li id=${`canned-${index}`} role="option" aria-selected=${index === chosen} onMouseDown=${(event) => { event.preventDefault(); onChoose(reply); }}>
      <strong>/${reply.shortcut}</strong> <span class="soft clip">${filledIn(reply, one)}</span></li>`)}
    ${list.length === 0 && html`<li class="soft">${t("canned.none")}</li>`}
  </ul>`;
}
