/* What is known of a customer beside his conversation: read when he is looked at, and again when something changes. */

import { signal, useEffect } from "core/html.js";
import { listen } from "core/live.js";
import { get, post, put, remove } from "core/requests.js";
import { complain } from "core/toasts.js";

const cards = signal(new Map());

export const cardOf = (id) => cards.value.get(id);

function keep(id, card) {
  cards.value = new Map([...[...cards.peek()].slice(-50), [id, card]]);
}

const GONE = { gone: true };

async function read(id) {
  try { keep(id, await get(`/contacts/${id}`)); } catch (refusal) { if (refusal.status === 404) keep(id, GONE); }
}

/** Keeps the card of the contact fresh while it is shown; `conversation` is the one it is shown beside. */
export function useCard(id, conversation) {
  useEffect(() => {
    read(id);
    const stops = [listen("conversation", (changed) => { if (changed === conversation) read(id); }), listen("reread", () => read(id))];
    return () => { for (const stop of stops) stop(); };
  }, [id, conversation]);
  return cardOf(id);
}

/** Does it and shows the card that came of it. Returns whether it worked. */
async function change(id, ask) {
  try {
    const card = await ask();
    if (card) keep(id, card); else await read(id);
    return true;
  } catch (refusal) {
    complain(refusal);
    return false;
  }
}

export const know = (id, known) => change(id, () => put(`/contacts/${id}`, known));
export const addNote = (id, text) => change(id, () => post(`/contacts/${id}/notes`, { text }));
export const deleteNote = (id, note) => change(id, () => remove(`/contacts/${id}/notes/${note}`));
export const setBlocked = (id, blocked) => change(id, () => post(`/contacts/${id}/${blocked ? "block" : "unblock"}`));

/** Raises the refusal: what is wrong is told beside the field. */
export async function erase(id, confirm) {
  await post(`/contacts/${id}/erase`, { confirm });
  keep(id, GONE);
}
