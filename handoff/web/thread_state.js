/* Threads as this tab knows them: shown at once when known, read again behind the screen. */

import { batch, signal, untracked } from "core/html.js";
import { connection, listen } from "core/live.js";
import { get, put } from "core/requests.js";
import { me } from "core/session.js";
import { conversationOf, followers, learn, openId, place, same } from "handoff/inbox_state.js";

const KEPT = 80;
const FRESH = 60_000;
const threads = new Map();
const reading = new Map();

function held(id) {
  let found = threads.get(id);
  if (found) threads.delete(id);
  else found = { thread: signal(null), local: signal([]), readAt: 0 };
  threads.set(id, found);
  if (threads.size > KEPT) {
    const oldest = [...threads.keys()].find((one) => one !== openId.peek() && !threads.get(one).local.peek().length);
    if (oldest) threads.delete(oldest);
  }
  return found;
}

/** The signal of a thread: null until it was read. The latest used are kept. */
export const threadOf = (id) => held(id).thread;

/** The signal of one's own messages there that the server has not confirmed. */
export const localOf = (id) => held(id).local;

/** Read a moment ago, and every change since was told: reading it again would tell nothing new. */
export const isFresh = (id) => threadOf(id).peek() !== null && connection.peek() === "live" && Date.now() - held(id).readAt < FRESH;

export function change(id, how) {
  const thread = threadOf(id);
  if (thread.value) thread.value = { ...thread.value, ...how(thread.value) };
}

export function changeLocal(id, how) {
  const local = localOf(id);
  local.value = how(local.value);
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

/** What has not changed stays the very same object, so that nothing of it is drawn again. */
function reuse(before, items) {
  const known = new Map((before ?? []).map((one) => [one.id, one]));
  const list = items.map((one) => (known.has(one.id) && same(known.get(one.id), one) ? known.get(one.id) : one));
  return before?.length === list.length && list.every((one, index) => one === before[index]) ? before : list;
}

function takeIn(id, fresh) {
  const { thread, local } = held(id);
  held(id).readAt = Date.now();
  const before = thread.value;
  const items = fresh.messages.items;
  const oldest = items[0]?.id;
  const start = before ? before.messages.findIndex((one) => one.id === oldest) : -1;
  const older = start > 0 ? before.messages.slice(0, start) : [];
  const olderEvents = start >= 0 && items.length ? before.events.filter((one) => one.at < items[0].at) : [];
  const arrived = new Set(items.map((one) => one.client_id).filter(Boolean));
  const now = {
    conversation: before && same(before.conversation, fresh.conversation) ? before.conversation : fresh.conversation,
    messages: reuse(before?.messages, [...older, ...items]),
    events: reuse(before?.events, [...olderEvents, ...fresh.events.filter((one) => !olderEvents.some((other) => other.id === one.id))]),
    cases: before && same(before.cases, fresh.cases) ? before.cases : fresh.cases,
    draft: before && same(before.draft, fresh.draft) ? before.draft : fresh.draft,
    firstSeenAt: fresh.first_seen_at,
    next: older.length ? before.next : fresh.messages.next,
  };
  batch(() => {
    if (!before || Object.keys(now).some((name) => now[name] !== before[name])) thread.value = now;
    if (local.value.some((one) => arrived.has(one.client_id))) local.value = local.value.filter((one) => !arrived.has(one.client_id));
    untracked(() => (conversationOf(id).value ? place(fresh.conversation) : learn([fresh.conversation])));
  });
}

export async function readOlder(id) {
  const thread = threadOf(id).value;
  if (!thread?.next) return;
  const page = await get(`/conversations/${id}/messages?limit=50&before=${thread.next}`);
  change(id, (now) => ({
    messages: [...page.items.filter((one) => !now.messages.some((other) => other.id === one.id)), ...now.messages],
    next: page.next,
  }));
}

/** What may be opened next is read while nothing else is to do. */
export const prefetch = (ids) => Promise.all(ids.filter((id) => threadOf(id).peek() === null && reading.size < 6).map((id) => readThread(id).catch(() => {})));

export async function markRead(id) {
  const one = conversationOf(id).value;
  if (!one?.unread) return;
  learn([{ id, unread: false }]);
  await put(`/conversations/${id}/read`).catch(() => learn([{ id, unread: true }]));
}

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
  followers.add((fresh) => (threads.get(fresh.id)?.thread.peek() ? readThread(fresh.id) : null));
  listen("reread", () => {
    for (const [id, { thread, local }] of [...threads]) if (id !== openId.value && !local.value.length) { thread.value = null; threads.delete(id); }
    if (openId.value) readThread(openId.value).catch(() => {});
  });
}
