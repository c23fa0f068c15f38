/* Changing what one has sent: in its own bubble, at the platform too where it can; elsewhere the agent is told so. */

import { html, signal, useEffect, useRef, useState } from "core/html.js";
import { put } from "core/requests.js";
import { me } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { t } from "core/words.js";
import { channels } from "handoff/inbox_state.js";
import { change, threadOf } from "handoff/thread_state.js";

const REACHED = ["sent", "delivered", "read"];

/** The message that is being changed. */
export const editing = signal(null);

export const editable = (message) => message.author === "agent" && message.user?.id === me.value.id && !message.deleted_at && !message.original
  && (message.purpose === "note" || REACHED.includes(message.state));

export function startEditing(conversation, message) {
  const channel = channels.value.find((one) => one.name === conversation.channel);
  if (message.purpose !== "note" && channel && !channel.edits) toast(t("edit.impossible", { channel: channel.title }));
  else editing.value = message.id;
}

/** The last words of one's own that can be changed. */
export function editLast(conversation) {
  const last = threadOf(conversation.id).value?.messages.findLast(editable);
  if (last) startEditing(conversation, last);
}

export function Editor({ conversation, message }) {
  const field = useRef();
  const [busy, setBusy] = useState(false);
  const away = () => { editing.value = null; document.querySelector(".composer textarea")?.focus(); };
  useEffect(() => { field.current.focus(); field.current.setSelectionRange(message.text.length, message.text.length); }, []);
  const save = async () => {
    const text = field.current.value.trim();
    if (!text || busy) return;
    setBusy(true);
    try {
      const fresh = text === message.text ? message : await put(`/conversations/${conversation.id}/messages/${message.id}`, { text });
      change(conversation.id, (thread) => ({ messages: thread.messages.map((one) => (one.id === fresh.id ? fresh : one)) }));
      away();
    } catch (refusal) {
      setBusy(false);
      complain(refusal);
    }
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); away(); }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); save(); }
  };
  return html`<div class="changing"><textarea ref=${field} rows="2" dir="auto" aria-label=${t("edit.label")} disabled=${busy} maxlength="20000" onKeyDown=${onKeyDown}>${message.text}</textarea>
    <p class="below"><span>${t("edit.hint")}</span><button onClick=${away}>${t("edit.cancel")}</button><button class="primary" disabled=${busy} onClick=${save}>${t("shell.save")}</button></p></div>`;
}
