/* What is being written in each conversation: kept while one looks elsewhere, and on the server as a draft. */

import { effect, signal } from "core/html.js";
import { dropDraft, keepDraft, keptDraft } from "handoff/drafts.js";
import { threadOf } from "handoff/thread_state.js";

const EMPTY = { text: null, note: null, files: [], seen: null };
const held = new Map();

/** The signal of what was typed here. `text` null: nothing yet, the server's draft counts; `seen`: what the customer had said by then. */
export function typedIn(id) {
  if (!held.has(id)) held.set(id, signal({ ...EMPTY, ...keptDraft(id) }));
  return held.get(id);
}

/** `{ text, note, files, seen }` as it stands. */
export function writingIn(id) {
  const typed = typedIn(id).value;
  const draft = threadOf(id).value?.draft;
  return { ...typed, text: typed.text ?? draft?.text ?? "", note: typed.note ?? draft?.note ?? false };
}

const change = (id, how) => { typedIn(id).value = { ...typedIn(id).value, ...how }; };

/** The customer's last message that the agent had before him. */
export const lastOfCustomer = (id) => threadOf(id).value?.messages.findLast((message) => message.author === "customer")?.id ?? null;

export function write(id, text) {
  const { note, seen } = writingIn(id);
  change(id, { text, note, seen: text ? (seen ?? lastOfCustomer(id)) : null });
  keepDraft(id, { text, note });
}

export function turn(id, note) {
  const { text } = writingIn(id);
  change(id, { text, note });
  if (text) keepDraft(id, { text, note });
}

export const setFiles = (id, how) => change(id, { files: how(typedIn(id).value.files) });
export const markSeen = (id) => change(id, { seen: lastOfCustomer(id) });

export function sent(id) {
  const { note } = writingIn(id);
  dropDraft(id);
  change(id, { ...EMPTY, text: "", note });
}

/** A reply that was taken back stands in the composer again, before what was typed since. */
export function takeBack(id, words) {
  const { text, note } = writingIn(id);
  turn(id, false);
  write(id, text.trim() && !note ? `${words}\n\n${text}` : words);
}

/** What the open composer is to do: `{ text }` to put in, `{ note }` to turn to. */
export const wish = signal(null);
export const insert = (text) => { wish.value = { text }; };
export function focusComposer(note) {
  wish.value = { note };
  document.querySelector(".composer textarea")?.focus(); // at once: the next key is already a letter
}

/** Fulfils wishes for the conversation that `openId()` tells; `focus()` puts the cursor there. */
export function fulfilWishes(openId, focus) {
  return effect(() => {
    const wanted = wish.value;
    const id = openId();
    if (!wanted || id === null) return;
    queueMicrotask(() => {
      wish.value = null;
      if (wanted.note !== undefined) turn(id, wanted.note);
      else {
        const { text } = writingIn(id);
        turn(id, false);
        write(id, text.trim() ? `${text.trimEnd()}\n\n${wanted.text}` : wanted.text);
      }
      focus();
    });
  });
}
