/* The right column: who the customer is, what was with him before, and what can be done about him. */

import { html } from "core/html.js";
import { clockTime, fullTime, now, span } from "core/dates.js";
import { Avatar, Icon } from "core/icons.js";
import { may } from "core/session.js";
import { language, LANGUAGES, t } from "core/words.js";
import { setBlocked, useCard } from "handoff/customer_card.js";
import { askToBlock, askToErase } from "handoff/customer_dialogs.js";
import { Fields, Notes } from "handoff/customer_known.js";
import { channels } from "handoff/inbox_state.js";
import { customerName, editTags } from "handoff/owning.js";

function Fact({ name, children }) {
  return children ? html`<div><dt>${name}</dt><dd>${children}</dd></div>` : null;
}

const titleOf = (channel) => channels.value.find((other) => other.name === channel)?.title ?? channel;

/** What his clock shows; nothing where his zone is not known. */
function localTime(timezone) {
  if (!timezone) return null;
  try {
    return new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: timezone }).format(now.value);
  } catch {
    return null; // a zone that the server knows and this browser does not
  }
}

function Head({ one, card, onClose }) {
  return html`<header><${Avatar} name=${customerName(one)} seed=${one.id} size="large" /><h2>${customerName(one)}</h2>
    ${card?.blocked_at && html`<p class="chip urgent-2">${t("customer.blocked", { at: fullTime(card.blocked_at) })}</p>`}
    ${!one.contact.reachable && !card?.gone && html`<p class="chip urgent-2">${t("customer.unreachable")}</p>`}
    <button class="quiet icon-only aside-close" aria-label=${t("shell.close")} onClick=${onClose}><${Icon} name="close" /></button></header>`;
}

function Facts({ one, card }) {
  const spoken = one.language ?? card.language;
  return html`<dl class="facts">
    <${Fact} name=${t("customer.channel")}>${card.handles.map((handle) => html`<span key=${handle.external_id} class="handle">${titleOf(handle.channel)} · ${handle.account}<span class="soft">${handle.handle ? `@${handle.handle.replace(/^@/, "")}` : handle.external_id}</span></span>`)}</${Fact}>
    <${Fact} name=${t("customer.language")}>${spoken ? LANGUAGES[spoken] ?? spoken : null}</${Fact}>
    <${Fact} name=${t("customer.local_time")}>${localTime(card.timezone)}</${Fact}>
    <${Fact} name=${t("customer.first_seen")}>${fullTime(card.first_seen_at)}</${Fact}>
    <${Fact} name=${t("customer.last_wrote")}>${one.last_customer_at ? `${clockTime(one.last_customer_at)} · ${span(now.value - Date.parse(one.last_customer_at))}` : null}</${Fact}>
    <${Fact} name=${t("customer.ratings")}>${card.ratings.length ? card.ratings.map((rating) => rating.score).join(", ") : null}</${Fact}>
  </dl>`;
}

function Before({ one, card }) {
  const others = card.conversations.filter((other) => other.id !== one.id);
  if (!card.earlier.length && !others.length) return null;
  return html`<section><h3>${t("customer.earlier")}</h3><ul class="earlier">
    ${others.map((other) => html`<li key=${other.id}><a href=${`/conversations/${other.id}`} data-screen>${t(`status.${other.status}`)}</a><span class="soft">${fullTime(other.last_message_at)}</span></li>`)}
    ${card.earlier.map((found) => html`<li key=${found.opened_at}><strong>${t(`reason.${found.reason}`)}</strong>${found.question && html`<span class="clip-two">${found.question}</span>`}<span class="soft">${fullTime(found.opened_at)}</span></li>`)}</ul></section>`;
}

function Weighty({ card, name }) {
  const id = card.id;
  const file = (format) => `/api/v1/contacts/${id}/export?format=${format}`;
  return html`<section class="weighty">
    ${card.blocked_at ? html`<button class="quiet" onClick=${() => setBlocked(id, false)}><${Icon} name="done" size=${16} />${t("customer.unblock")}</button>`
      : html`<button class="quiet" onClick=${() => askToBlock(id, name)}><${Icon} name="close" size=${16} />${t("customer.block")}</button>`}
    ${may("manage_contacts") && html`<p class="exports"><${Icon} name="file" size=${16} />${t("customer.export")} <a href=${file("json")} download>JSON</a> <a href=${file("zip")} download>ZIP</a></p>
      <button class="quiet danger" onClick=${() => askToErase(id, name)}><${Icon} name="warning" size=${16} />${t("customer.erase")}</button>`}</section>`;
}

export function Customer({ one, onClose }) {
  const card = useCard(one.contact.id, one.id);
  const name = one.contact.name.trim() || one.contact.handle || String(one.contact.id);
  return html`<aside class="customer" aria-label=${t("customer.title")}>
    <${Head} one=${one} card=${card} onClose=${onClose} />
    ${card?.gone ? html`<p class="soft empty">${t("customer.erased")}</p>` : card && html`<${Facts} one=${one} card=${card} />
    <section><h3>${t("customer.tags")}</h3>
      <p class="chips">${one.tags.map((tag) => html`<span class="chip">#${tag}</span>`)}<button class="chip button" onClick=${() => editTags(one)}><${Icon} name="plus" size=${13} />${t("action.tag")}</button></p></section>
    <${Fields} key=${card.id} id=${card.id} card=${card} />
    <${Notes} id=${card.id} notes=${card.notes} />
    <${Before} one=${one} card=${card} />
    <${Weighty} card=${card} name=${name} />`}
  </aside>`;
}
