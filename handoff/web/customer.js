/* The right column: who the customer is, and what was with him before. */

import { html } from "core/html.js";
import { clockTime, fullTime, now, span } from "core/dates.js";
import { Avatar, Icon } from "core/icons.js";
import { LANGUAGES, t } from "core/words.js";
import { channels } from "handoff/inbox_state.js";
import { customerName, editTags } from "handoff/owning.js";
import { readThread, threadOf } from "handoff/thread_state.js";

function Fact({ name, children }) {
  return children ? html`<div><dt>${name}</dt><dd>${children}</dd></div>` : null;
}

function download(one, thread) {
  const content = JSON.stringify({ conversation: thread.conversation, messages: thread.messages, events: thread.events }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  link.download = `conversation-${one.id}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function Customer({ id, one, onClose }) {
  const thread = threadOf(id).value;
  const language = one.language ?? one.contact.language;
  const title = channels.value.find((other) => other.name === one.channel)?.title ?? one.channel;
  const ratings = (thread?.events ?? []).filter((event) => event.kind === "rating");
  const earlier = (thread?.cases ?? []).filter((found) => found.closed_at);
  return html`<aside class="customer" aria-label=${t("customer.title")}>
    <header><${Avatar} name=${customerName(one)} seed=${one.id} size="large" /><h2>${customerName(one)}</h2>
      ${one.contact.handle && html`<p class="soft">@${one.contact.handle.replace(/^@/, "")}</p>`}
      ${!one.contact.reachable && html`<p class="chip urgent-2">${t("customer.unreachable")}</p>`}
      <button class="quiet icon-only aside-close" aria-label=${t("shell.close")} onClick=${onClose}><${Icon} name="close" /></button></header>
    <dl class="facts">
      <${Fact} name=${t("customer.channel")}>${title} · ${one.account}</${Fact}>
      <${Fact} name=${t("customer.language")}>${language ? LANGUAGES[language] ?? language : null}</${Fact}>
      <${Fact} name=${t("customer.first_seen")}>${thread ? fullTime(thread.firstSeenAt) : null}</${Fact}>
      <${Fact} name=${t("customer.last_wrote")}>${one.last_customer_at ? `${clockTime(one.last_customer_at)} · ${span(now.value - Date.parse(one.last_customer_at))}` : null}</${Fact}>
      <${Fact} name=${t("customer.ratings")}>${ratings.length ? ratings.map((event) => event.details.score).join(", ") : null}</${Fact}>
    </dl>
    <section><h3>${t("customer.tags")}</h3>
      <p class="chips">${one.tags.map((tag) => html`<span class="chip">#${tag}</span>`)}<button class="chip button" onClick=${() => editTags(one)}><${Icon} name="plus" size=${13} />${t("action.tag")}</button></p></section>
    ${earlier.length > 0 && html`<section><h3>${t("customer.earlier")}</h3><ul class="earlier">${earlier.map((found) => html`<li><strong>${t(`reason.${found.reason}`)}</strong>
      ${found.question && html`<span class="clip-two">${found.question}</span>`}<span class="soft">${fullTime(found.opened_at)}</span></li>`)}</ul></section>`}
    <section><button class="quiet" onClick=${async () => { await readThread(id); download(one, threadOf(id).value); }}><${Icon} name="file" size=${16} />${t("customer.export")}</button></section>
  </aside>`;
}
