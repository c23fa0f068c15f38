/*
 * Sending: the bubble is there at once, the server confirms it behind. A message that could not reach the server stays
 * in this browser under its `client_id` and is sent again when the connection is back; twice is still once.
 */

import { connection } from "core/live.js";
import { batch, effect } from "core/html.js";
import { post, remove } from "core/requests.js";
import { memory } from "core/session.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

import { change, changeLocal, localMessage, localOf, readThread, threadOf } from "handoff/thread_state.js";

export const HOLD_SECONDS = 5;

const key = (one) => `outbox.${one.client_id}`;

/** Shows the message and sends it. `files`: `[{ digest, kind, name, media_type, size_bytes }]` that were stored. */
export function send(id, { text, note, files = [] }) {
  const one = { id, text, note, files, client_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}` };
  show(one);
  change(id, () => ({ draft: null }));
  memory.write(key(one), one);
  setTimeout(() => deliver(one)); // the bubble is seen first
}

function show(one) {
  const attachments = one.files.map(({ digest, ...file }) => ({ ...file, url: `/api/v1/files/${digest}` }));
  changeLocal(one.id, (local) => [...local, localMessage({ ...one, attachments })]);
}

async function deliver(one) {
  mark(one, { error: null, lost: false });
  try {
    const { id, text, note, client_id, files } = one;
    const stored = await post(`/conversations/${id}/messages`, {
      text, note, client_id, hold_seconds: note ? 0 : HOLD_SECONDS, files: files.map((file) => file.digest),
    });
    memory.write(key(one), null);
    batch(() => {
      if (threadOf(id).value) changeLocal(id, (local) => local.filter((other) => other.client_id !== client_id));
      change(id, (thread) => ({ messages: thread.messages.some((other) => other.id === stored.id) ? thread.messages : [...thread.messages, stored] }));
    });
    if (!note) offerUndo(one, stored);
  } catch (refusal) {
    const lost = refusal.status === 0 || refusal.status >= 500;
    if (!lost) memory.write(key(one), null);
    mark(one, { lost, error: refusal.status === 403 || refusal.status === 409 ? t("error.not_yours") : told(refusal), state: "failed" });
  }
}

function mark(one, how) {
  changeLocal(one.id, (local) => local.map((other) => (other.client_id === one.client_id ? { ...other, state: "pending", ...how, original: one } : other)));
}

export const sendAgain = (message) => deliver(message.original);

export function forget(id, message) {
  memory.write(key(message), null);
  changeLocal(id, (local) => local.filter((one) => one.client_id !== message.client_id));
}

function offerUndo(one, stored) {
  toast(t("composer.sent"), { stay: HOLD_SECONDS * 1000 - 500, action: { label: t("composer.undo"), run: () => withdraw(one.id, stored) } });
}

const withdrawn = new Set();
/** Call `hear(conversation, text)` when a message came back into the composer. */
export const onWithdrawn = (hear) => { withdrawn.add(hear); return () => withdrawn.delete(hear); };

export async function withdraw(id, message) {
  try {
    await remove(`/conversations/${id}/messages/${message.id}`);
    change(id, (thread) => ({ messages: thread.messages.filter((one) => one.id !== message.id) }));
    for (const hear of withdrawn) hear(id, message.text);
  } catch (refusal) {
    if (refusal.status === 409) toast(t("composer.too_late"));
    else complain(refusal);
  }
}

export async function retry(id, message) {
  try {
    await post(`/conversations/${id}/messages/${message.id}/retry`);
    await readThread(id);
  } catch (refusal) {
    complain(refusal);
  }
}

/** What did not reach the server before this page was loaded is shown again, and sent. */
export function takeUpLost(id) {
  const thread = threadOf(id).value;
  for (const name of memory.keys().filter((one) => one.startsWith("outbox."))) {
    const one = memory.read(name);
    if (!one || one.id !== id || !thread || localOf(id).value.some((other) => other.client_id === one.client_id)) continue;
    if (thread.messages.some((other) => other.client_id === one.client_id)) memory.write(name, null);
    else {
      show(one);
      deliver(one);
    }
  }
}

let wasAway = false;
effect(() => {
  const away = connection.value === "away";
  if (wasAway && !away) resendAll();
  wasAway = away;
});

async function resendAll() {
  for (const name of memory.keys().filter((one) => one.startsWith("outbox."))) {
    const one = memory.read(name);
    const local = localOf(one.id).value.find((other) => other.client_id === one.client_id);
    if (!local || local.lost) await deliver(one);
  }
}

