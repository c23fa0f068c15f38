/* What is typed and not sent: at once in this browser, a moment later on the server, so that no word is lost. */

import { put } from "core/requests.js";
import { memory } from "core/session.js";

const PAUSE = 700;
const timers = new Map();
const storing = new Map();

const key = (id) => `draft.${id}`;

/** The words kept in this browser, because the server does not have them yet. */
export const keptDraft = (id) => memory.read(key(id)) ?? {};

export function keepDraft(id, draft) {
  memory.write(key(id), draft.text ? draft : null);
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => { timers.delete(id); store(id, draft); }, PAUSE));
}

/** One storing after the other: an older text must not overtake a newer one. */
async function store(id, draft) {
  const earlier = storing.get(id);
  const mine = (async () => {
    await earlier;
    try {
      await put(`/conversations/${id}/draft`, draft, { keepalive: draft.text.length < 20_000 });
      if (!timers.has(id)) memory.write(key(id), null);
    } catch { /* it stays here, and the next word tries again */ }
  })();
  storing.set(id, mine);
  await mine;
  if (storing.get(id) === mine) storing.delete(id);
}

/** Sent: the server forgets it with the message. One that is just being stored is forgotten after it. */
export function dropDraft(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
  memory.write(key(id), null);
  if (storing.has(id)) store(id, { text: "", note: false });
}
