/* Tells that somebody waits: the tab's title, a browser notification, and a soft sound. */

import { effect } from "core/html.js";
import { brand, me, memory } from "core/session.js";
import { waiting } from "core/shell.js";
import { go } from "core/router.js";
import { toast } from "core/toasts.js";
import { t } from "core/words.js";
import { followers } from "handoff/inbox_state.js";
import { customerName } from "handoff/owning.js";

export const wantsAlerts = () => memory.read("alerts") === true && "Notification" in window && Notification.permission === "granted";

export async function askForAlerts(wanted) {
  if (wanted && "Notification" in window) wanted = (await Notification.requestPermission()) === "granted";
  memory.write("alerts", wanted);
  return wanted;
}

function chime() {
  const context = new AudioContext();
  const volume = context.createGain();
  volume.gain.setValueAtTime(0.08, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.4);
  volume.connect(context.destination);
  const tone = context.createOscillator();
  tone.frequency.setValueAtTime(660, context.currentTime);
  tone.connect(volume);
  tone.start();
  tone.stop(context.currentTime + 0.4);
  tone.onended = () => context.close();
}

/** The key of what is to be told of it, or null. */
function concerns(fresh, before) {
  const began = fresh.status === "waiting" && before?.status !== "waiting";
  const due = fresh.due_at && fresh.warned > (before?.warned ?? 0) && (fresh.assignee === null || fresh.assignee.id === me.value.id);
  const wrote = fresh.assignee?.id === me.value.id && fresh.last_message?.author === "customer" && fresh.last_message.id !== before?.last_message?.id;
  return began ? "alert.waits" : due ? "alert.due" : wrote ? "alert.wrote" : null;
}

let started = false;
export function startAlerts() {
  if (started) return;
  started = true;
  effect(() => { document.title = `${waiting.value ? `(${waiting.value}) ` : ""}${brand.value?.name ?? "Replydesk"}`; });
  followers.add((fresh, before) => {
    const concern = concerns(fresh, before);
    if (concern === "alert.due" && !document.hidden) toast(t(concern, { name: customerName(fresh) }));
    if (!document.hidden || !wantsAlerts() || !concern) return;
    const note = new Notification(t(concern, { name: customerName(fresh) }), { body: fresh.last_message?.text ?? "", tag: `conversation-${fresh.id}` });
    note.onclick = () => { window.focus(); go(`/conversations/${fresh.id}`); note.close(); };
    chime();
  });
}
