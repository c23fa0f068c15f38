/* What is typed and not sent: at once in this browser, a moment later on the server, so that no word is lost. */

import { put } from "core/requests.js";
import { memory } from "core/session.js";
import { change } from "handoff/thread_state.js";

const PAUSE = 700;
const timers = new Map();

const key = (id) => `draft.${id}`;

/** The words kept here; where there are none, the server's. */
export function draftOf(id, thread) {
  return memory.read(key(id)) ?? thread?.draft ?? { text: "", note: false };
}

export function keepDraft(id, draft) {
  memory.write(key(id), draft.text ? draft : null);
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => { timers.delete(id); store(id, draft); }, PAUSE));
}

async function store(id, draft) {
  try {
    await put(`/conversations/${id}/draft`, draft, { keepalive: draft.text.length < 20_000 });
    change(id, () => ({ draft: draft.text ? draft : null }));
    if (!timers.has(id)) memory.write(key(id), null);
  } catch { /* it stays here, and the next word tries again */ }
}

/** Sent: the server forgets it with the message. */
export function dropDraft(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
  memory.write(key(id), null);
}
