/* Threads as this tab knows them: shown at once when known, read again behind the screen. */

import { signal, untracked } from "core/html.js";
import { listen } from "core/live.js";
import { get, put } from "core/requests.js";
import { me } from "core/session.js";
import { followers, known, learn, openId, place } from "handoff/inbox_state.js";

const KEPT = 80;
const threads = new Map();
const reading = new Map();

/** The signal of a thread: null until it was read. The latest used are kept. */
export function threadOf(id) {
  let found = threads.get(id);
  if (found) threads.delete(id);
  else found = signal(null);
  threads.set(id, found);
  if (threads.size > KEPT) {
    const oldest = [...threads.keys()].find((one) => one !== untracked(() => openId.value) && !untracked(() => threads.get(one).value?.local.length));
    if (oldest) threads.delete(oldest);
  }
  return found;
}

export function change(id, how) {
  const thread = threadOf(id);
  if (thread.value) thread.value = { ...thread.value, ...how(thread.value) };
}

/** Read a thread from the server; readings that overlap become one more reading. */
export function readThread(id) {
  const under = reading.get(id);
  if (under) { under.again = true; return under.done; }
  const state = { again: false, done: null };
  reading.set(id, state);
  state.done = (async () => {
    try {
      do {
        state.again = false;
        takeIn(id, await get(`/conversations/${id}/thread`));
      } while (state.again);
    } finally {
      reading.delete(id);
    }
  })();
  return state.done;
}

function takeIn(id, fresh) {
  const thread = threadOf(id);
  const before = thread.value;
  const items = fresh.messages.items;
  const oldest = items[0]?.id;
  const kept = before && before.messages.some((one) => one.id === oldest);
  const older = kept ? before.messages.slice(0, before.messages.findIndex((one) => one.id === oldest)) : [];
  const olderEvents = kept && items.length ? before.events.filter((one) => one.at < items[0].at) : [];
  const arrived = new Set(items.map((one) => one.client_id).filter(Boolean));
  thread.value = {
    conversation: fresh.conversation,
    messages: [...older, ...items],
    events: [...olderEvents, ...fresh.events.filter((one) => !olderEvents.some((other) => other.id === one.id))],
    cases: fresh.cases,
    draft: fresh.draft,
    firstSeenAt: fresh.first_seen_at,
    next: older.length ? before.next : fresh.messages.next,
    local: (before?.local ?? []).filter((one) => !arrived.has(one.client_id)),
  };
  untracked(() => (known.value.has(id) ? place(fresh.conversation) : learn([fresh.conversation])));
}

export async function readOlder(id) {
  const thread = threadOf(id).value;
  if (!thread?.next) return;
  const page = await get(`/conversations/${id}/messages?limit=100&before=${thread.next}`);
  change(id, (now) => ({
    messages: [...page.items.filter((one) => !now.messages.some((other) => other.id === one.id)), ...now.messages],
    next: page.next,
  }));
}

/** What may be opened next is read while nothing else is to do. */
export function prefetch(ids) {
  for (const id of ids) if (id !== undefined && threadOf(id).value === null && reading.size < 6) readThread(id).catch(() => {});
}

export async function markRead(id) {
  const one = known.value.get(id);
  if (!one?.unread) return;
  learn([{ id, unread: false }]);
  await put(`/conversations/${id}/read`).catch(() => learn([{ id, unread: true }]));
}

/** The messages with those on their way that the server has not confirmed. */
export const withLocal = (thread) => (thread.local.length ? [...thread.messages, ...thread.local] : thread.messages);

export function localMessage({ text, note, client_id, attachments = [] }) {
  return {
    id: `local-${client_id}`, client_id, author: "agent", purpose: note ? "note" : "reply", text, attachments, buttons: [],
    at: new Date().toISOString(), state: note ? "handled" : "pending", error: null, sources: [], edits: [], reactions: [],
    user: { id: me.value.id, name: me.value.name || me.value.email }, edited_at: null, deleted_at: null, group_key: null, sendable_at: null,
  };
}

let started = false;
export function startThreads() {
  if (started) return;
  started = true;
  followers.add((fresh) => {
    if (threads.get(fresh.id)?.value) readThread(fresh.id).catch(() => {});
  });
  listen("reread", () => {
    for (const id of [...threads.keys()]) if (id !== openId.value && !threads.get(id).value?.local.length) threads.delete(id);
    if (openId.value) readThread(openId.value).catch(() => {});
  });
}
