/* The inbox as this tab knows it: which conversations, in which order, what is chosen. */

import { batch, computed, signal } from "core/html.js";
import { listen } from "core/live.js";
import { get } from "core/requests.js";
import { path } from "core/router.js";
import { me, memory } from "core/session.js";
import { waiting } from "core/shell.js";

const PAGE = 100;
const KNOWN_FILTERS = ["channel", "language", "status", "priority", "tag", "search"];

export const view = signal(memory.read("view") ?? "waiting");
export const filters = signal({});
export const counts = signal({ mine: 0, waiting: 0, all: 0 });
/** By id, all conversations this tab has heard of. */
export const known = signal(new Map());
export const listed = signal([]);
export const loading = signal(true);
export const channels = signal([]);

export const openId = computed(() => {
  const found = /^\/conversations\/(\d+)/.exec(path.value);
  return found ? Number(found[1]) : null;
});

let next = null;
let round = 0;
let fetching = false;

function query(cursor) {
  const wanted = new URLSearchParams({ view: view.value, order: view.value === "all" ? "latest" : "wait", limit: PAGE });
  for (const name of KNOWN_FILTERS) if (filters.value[name]) wanted.set(name, filters.value[name]);
  if (cursor) wanted.set("cursor", cursor);
  return `/conversations?${wanted}`;
}

const longestWait = (left, right) => (left.waiting_since ?? "9").localeCompare(right.waiting_since ?? "9") || latest(left, right);
const latest = (left, right) => right.last_message_at.localeCompare(left.last_message_at) || right.id - left.id;

function inOrder(ids) {
  const compare = view.value === "all" ? latest : longestWait;
  return ids.map((id) => known.value.get(id)).sort(compare).map((one) => one.id);
}

export function belongs(one) {
  const { channel, language, status, priority, tag, search } = filters.value;
  if (view.value === "waiting" && one.status !== "waiting") return false;
  if (view.value === "mine" && !(one.assignee?.id === me.value.id && ["open", "snoozed"].includes(one.status))) return false;
  return (!channel || one.channel === channel) && (!language || one.language === language) && (!status || one.status === status)
    && (!priority || one.priority >= Number(priority)) && (!tag || one.tags.includes(tag))
    && (!search || `${one.contact.name} ${one.contact.handle ?? ""}`.toLowerCase().includes(search.toLowerCase()));
}

/** Takes in what the server said about some conversations. */
export function learn(items) {
  const map = new Map(known.value);
  for (const one of items) map.set(one.id, { ...map.get(one.id), ...one });
  known.value = map;
}

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
    });
  } finally {
    if (mine === round) loading.value = false;
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
    if (belongs(one) && !there) listed.value = inOrder([...listed.value, one.id]);
    else if (belongs(one)) listed.value = inOrder(listed.value);
    else if (there && one.id !== openId.value) listed.value = listed.value.filter((id) => id !== one.id);
  });
}

/** The conversation that was open does not belong here any more. */
export function tidy() {
  listed.value = listed.value.filter((id) => id === openId.value || belongs(known.value.get(id)));
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
    const before = known.value.get(id);
    const fresh = await get(`/conversations/${id}`);
    place(fresh);
    for (const follow of followers) follow(fresh, before);
  } catch { /* the next change, or the next reading of everything, tells */ }
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
  loadList().catch(() => {});
}

/** The one `step` rows away from the open one in the list. */
export function neighbour(step) {
  const ids = listed.value;
  const place = ids.indexOf(openId.value);
  if (place < 0) return step > 0 ? ids[0] : ids[ids.length - 1];
  return ids[place + step];
}
