/* The inbox as this tab knows it: which conversations, in which order, what is chosen. */

import { batch, computed, effect, signal, untracked } from "core/html.js";
import { listen } from "core/live.js";
import { get } from "core/requests.js";
import { path } from "core/router.js";
import { me, memory } from "core/session.js";
import { waiting } from "core/shell.js";

const PAGE = 100;
const AGAIN = 3000;
const KNOWN_FILTERS = ["channel", "language", "status", "priority", "tag", "search"];

export const view = signal(memory.read("view") ?? "waiting");
export const filters = signal({});
export const counts = signal({ mine: 0, waiting: 0, all: 0 });
/** By id, all conversations this tab has heard of; each a signal, so that a change redraws only what shows it. */
const known = new Map();
export const listed = signal([]);
export const loading = signal(true);
export const channels = signal([]);

export const openId = computed(() => {
  const found = /^\/conversations\/(\d+)/.exec(path.value);
  return found ? Number(found[1]) : null;
});

/** Where the open one stands in the list; -1: nowhere. */
export const openPlace = computed(() => listed.value.indexOf(openId.value));

const soon = (run) => setTimeout(run, AGAIN * (0.5 + Math.random()));

let next = null;
let round = 0;
let fetching = false;

function query(cursor) {
  const wanted = new URLSearchParams({ view: view.value, order: view.value === "all" ? "latest" : "wait", limit: PAGE });
  for (const name of KNOWN_FILTERS) if (filters.value[name]) wanted.set(name, filters.value[name]);
  if (cursor) wanted.set("cursor", cursor);
  return `/conversations?${wanted}`;
}

/** The signal of a conversation: undefined until this tab has heard of it. */
export function conversationOf(id) {
  let found = known.get(id);
  if (!found) known.set(id, found = signal(undefined));
  return found;
}

const present = (id) => known.get(id)?.peek();

const since = (one) => (one.waiting_since ? Date.parse(one.waiting_since) : Infinity);
const latest = (left, right) => Date.parse(right.last_message_at) - Date.parse(left.last_message_at) || right.id - left.id;
const longestWait = (left, right) => (since(left) === since(right) ? latest(left, right) : since(left) - since(right));

/** The list with this one where it belongs. The others are in order, but for one that is only kept while it is open. */
function withPlaced(ids, one) {
  const compare = view.value === "all" ? latest : longestWait;
  const kept = openId.value === one.id ? -1 : ids.findIndex((id) => id === openId.value && !belongs(present(id)));
  const others = ids.filter((id, index) => id !== one.id && index !== kept);
  let first = 0;
  let last = others.length;
  while (first < last) {
    const middle = (first + last) >> 1;
    if (compare(present(others[middle]), one) <= 0) first = middle + 1;
    else last = middle;
  }
  const placed = others.toSpliced(first, 0, one.id);
  return kept < 0 ? placed : placed.toSpliced(kept, 0, ids[kept]);
}

export function belongs(one) {
  const { channel, language, status, priority, tag, search } = filters.value;
  if (view.value === "waiting" && one.status !== "waiting") return false;
  if (view.value === "mine" && !(one.assignee?.id === me.value.id && ["open", "snoozed"].includes(one.status))) return false;
  return (!channel || one.channel === channel) && (!language || one.language === language) && (!status || one.status === status)
    && (!priority || one.priority >= Number(priority)) && (!tag || one.tags.includes(tag))
    && (!search || `${one.contact.name} ${one.contact.handle ?? ""}`.toLowerCase().includes(search.toLowerCase()));
}

/** Whether two answers of the server say the same. */
export const same = (left, right) => JSON.stringify(left) === JSON.stringify(right);

/** Takes in what the server said about some conversations. */
export function learn(items) {
  batch(() => {
    for (const one of items) {
      const held = conversationOf(one.id);
      const before = held.peek();
      const fresh = { ...before, ...one };
      if (!before || !same(before, fresh)) held.value = fresh;
    }
  });
}

/** Until the server has answered: an empty list would say that nobody waits. */
export async function loadList() {
  const mine = (round += 1);
  loading.value = true;
  try {
    const page = await get(query());
    if (mine !== round) return;
    batch(() => {
      learn(page.items);
      listed.value = page.items.map((one) => one.id);
      next = page.next;
      loading.value = false;
    });
  } catch {
    soon(() => { if (mine === round) loadList(); });
    return;
  }
  loadCounts();
}

export async function loadMore() {
  if (!next || fetching) return;
  const mine = round;
  fetching = true;
  try {
    const page = await get(query(next));
    if (mine !== round) return;
    batch(() => {
      learn(page.items);
      const there = new Set(listed.value);
      listed.value = [...listed.value, ...page.items.map((one) => one.id).filter((id) => !there.has(id))];
      next = page.next;
    });
  } catch {
    next = null;
  } finally {
    fetching = false;
  }
}

export async function loadCounts() {
  counts.value = await get("/conversations/counts").catch(() => counts.value);
  waiting.value = counts.value.waiting;
}

/** Puts a conversation where it belongs now; the one that is open stays where it was until it is left. */
export function place(one) {
  batch(() => {
    learn([one]);
    const there = listed.value.includes(one.id);
    if (belongs(one)) {
      const ids = withPlaced(listed.value, one);
      if (!there || ids[listed.value.indexOf(one.id)] !== one.id) listed.value = ids;
    } else if (there && one.id !== openId.value) listed.value = listed.value.filter((id) => id !== one.id);
  });
}

/** The conversation that was open is left: if it does not belong here any more it goes. */
function tidy(id) {
  const one = present(id);
  if (one && !belongs(one)) listed.value = listed.value.filter((other) => other !== id);
}

export function setView(wanted) {
  if (wanted === view.value) return;
  batch(() => { view.value = wanted; listed.value = []; });
  memory.write("view", wanted);
  loadList();
}

export function setFilter(name, value) {
  const { [name]: _, ...others } = filters.value;
  filters.value = value ? { ...others, [name]: value } : others;
  loadList();
}

const asked = new Map();
/** Told of a conversation after it was read again: `(fresh, before)`. */
export const followers = new Set();

async function readAgain(id) {
  try {
    const before = present(id);
    const fresh = await get(`/conversations/${id}`);
    place(fresh);
    await Promise.all([...followers].map((follow) => follow(fresh, before)));
  } catch (refusal) {
    if (!refusal.status || refusal.status >= 500) soon(() => hear(id)); // heard of, and not read: the screen would stay behind
  }
}

/** Changes come in bursts: each conversation is read once for all that came within a moment. */
function hear(id) {
  if (id === null || asked.has(id)) return;
  asked.set(id, setTimeout(() => { asked.delete(id); readAgain(id); scheduleCounts(); }, 40));
}

let countsDue = null;
function scheduleCounts() {
  countsDue ??= setTimeout(() => { countsDue = null; loadCounts(); }, 400);
}

let started = false;
export function startInbox() {
  if (started) return;
  started = true;
  listen("conversation", hear);
  listen("reread", loadList);
  get("/channels").then((found) => { channels.value = found.items; }).catch(() => {});
  loadList();
  let left = null;
  effect(() => {
    const id = openId.value;
    if (left !== null && left !== id) untracked(() => tidy(left));
    left = id;
  });
}

/** The one `step` rows away from the open one in the list. */
export function neighbour(step) {
  const ids = listed.value;
  const place = ids.indexOf(openId.value);
  if (place < 0) return step > 0 ? ids[0] : ids[ids.length - 1];
  return ids[place + step];
}
