/* One message, one event, one day in a thread. */

import { html, useComputed, useEffect, useState } from "core/html.js";
import { clockTime, dayName, fullTime } from "core/dates.js";
import { Avatar, Icon } from "core/icons.js";
import { t } from "core/words.js";
import { Attachments } from "handoff/attachments.js";
import { Editor, editable, editing, startEditing } from "handoff/editing.js";
import { insert } from "handoff/composing.js";
import { forget, retry, sendAgain, withdraw } from "handoff/sending.js";
import { WrongAnswer } from "handoff/wrong_answer.js";

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g;

/** Text as text, with plain web addresses as links. */
export function Text({ text }) {
  const parts = text.split(LINK);
  return html`<p class="words" dir="auto">${parts.map((part, index) => (index % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer nofollow">${part}</a>` : part))}</p>`;
}

const STATE_ICONS = { pending: "clock", sending: "clock", sent: "done", delivered: "ticks", read: "ticks", failed: "warning", in_doubt: "warning" };

function State({ conversation, message }) {
  if (message.author === "customer" || ["note", "draft"].includes(message.purpose) || !STATE_ICONS[message.state]) return null;
  return html`<span class=${`state state-${message.state}`}><${Icon} name=${STATE_ICONS[message.state]} size=${14} />${t(`state.${message.state}`)}</span>`;
}

function Trouble({ conversation, message }) {
  if (message.lost || (message.original && message.state === "failed")) {
    return html`<p class="trouble" role="alert"><span>${message.error}</span>
      <button onClick=${() => sendAgain(message)}>${t("composer.retry")}</button><button class="quiet" onClick=${() => forget(conversation.id, message)}>${t("composer.discard")}</button></p>`;
  }
  if (!["failed", "in_doubt"].includes(message.state)) return null;
  return html`<p class="trouble" role="alert"><span>${message.error ?? t(`state.${message.state}`)}</span>
    <button onClick=${() => retry(conversation.id, message)}>${t("composer.retry")}</button></p>`;
}

function Edits({ message }) {
  const [open, setOpen] = useState(false);
  return html`<span> · <button class="inline" aria-expanded=${open} onClick=${() => setOpen(!open)}>${t("thread.edited")}</button>
    ${open && html`<ol class="edits">${message.edits.map((one) => html`<li><span class="soft">${t("thread.until", { at: fullTime(one.until) })}</span><${Text} text=${one.text} /></li>`)}</ol>`}</span>`;
}

function Undo({ conversation, message }) {
  const left = message.sendable_at && message.state === "pending" ? Date.parse(message.sendable_at) - Date.now() : 0;
  const [, again] = useState(0);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => again((count) => count + 1), left);
    return () => clearTimeout(timer);
  }, [message]);
  return left > 0 ? html`<button class="inline" onClick=${() => withdraw(conversation.id, message)}>${t("composer.undo")}</button>` : null;
}

const WHO_ICONS = { bot: "bot", note: "note", draft: "spark", system: "bell" };

export function Bubble({ conversation, message, author, follows }) {
  const changing = useComputed(() => editing.value === message.id).value;
  const ours = author !== "customer";
  const name = author === "customer" ? conversation.contact.name || t("author.customer") : message.user?.name ?? t(`author.${author}`);
  const label = author === "note" ? t("author.note") : author === "draft" ? t("author.draft") : null;
  return html`<li class=${`message by-${author}${follows ? " follows" : ""}`} data-message=${message.id}>
    ${!follows && html`<p class="who">${WHO_ICONS[author] ? html`<${Icon} name=${WHO_ICONS[author]} size=${15} />` : html`<${Avatar} name=${name} seed=${ours ? name : conversation.id} size="small" />`}
      <strong>${label ?? name}</strong>${label && message.user && html`<span> · ${name}</span>`}</p>`}
    <div class="bubble">
      ${changing ? html`<${Editor} conversation=${conversation} message=${message} />` : message.deleted_at ? html`<p class="words soft"><em>${t("thread.deleted")}</em></p>` : html`<${Attachments} list=${message.attachments} />${message.text && html`<${Text} text=${message.text} />`}`}
      ${message.buttons.length > 0 && html`<ul class="buttons">${message.buttons.map((one) => html`<li>${one.title}</li>`)}</ul>`}
      ${author === "draft" && html`<button class="use" onClick=${() => insert(message.text)}><${Icon} name="spark" size=${16} />${t("thread.use_draft")} <kbd>U</kbd></button>`}
      <p class="below"><time datetime=${message.at} title=${fullTime(message.at)}>${clockTime(message.at)}</time>
        ${message.edited_at && html`<${Edits} message=${message} />`}
        ${message.sources.length > 0 && html`<span class="source"> · ${message.sources.map((one) => one.entry).join(", ")}</span>`}
        <${State} conversation=${conversation} message=${message} /><${Undo} conversation=${conversation} message=${message} />
        ${editable(message) && !changing && html`<button class="inline edit" onClick=${() => startEditing(conversation, message)}>${t("edit.edit")}</button>`}
        ${author === "bot" && message.purpose === "answer" && html`<${WrongAnswer} conversation=${conversation} message=${message} />`}</p>
      ${message.reactions.length > 0 && html`<p class="reactions" aria-label=${t("thread.reactions")}>${message.reactions.join(" ")}</p>`}
    </div>
    <${Trouble} conversation=${conversation} message=${message} />
  </li>`;
}

const OWN_WORDS = {
  assign: (details) => details.team,
  transfer: (details) => details.team,
  release: (details) => (details.by === "silence" ? t("event.silent") : ""),
  promise: (details) => `${fullTime(details.until)} · ${t("event.promise_data", { n: details.waits, ahead: details.ahead })}`,
  warning: (details) => `${t(details.missed ? "event.missed" : "event.due_soon")} · ${clockTime(details.due_at)}`,
};

export function EventLine({ event }) {
  const who = event.user?.name ?? (event.details.by === "platform" ? t("event.platform") : "");
  const more = OWN_WORDS[event.kind] ? OWN_WORDS[event.kind](event.details) : event.kind === "handoff" ? t(`reason.${event.details.reason}`) : event.kind === "snooze" && event.details.until ? fullTime(event.details.until)
    : event.kind === "rating" ? String(event.details.score ?? "") : event.kind === "feedback" ? t(event.details.helpful ? "event.helpful" : "event.not_helpful") : "";
  return html`<li class="event"><span>${t(`event.${event.kind}`)}${who && ` · ${who}`}${more && ` · ${more}`} · <time datetime=${event.at} title=${fullTime(event.at)}>${clockTime(event.at)}</time></span></li>`;
}

export const Day = ({ at }) => html`<li class="day"><span>${dayName(at)}</span></li>`;
