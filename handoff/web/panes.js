/*
 * Which threads are in the page: the open one is seen, a few others stay drawn behind it, so that going to the next
 * conversation only turns one sheet over another. The neighbours in the list are drawn while nothing else is to do.
 */

import { effect, signal, untracked } from "core/html.js";
import { listed, openId, openPlace } from "handoff/inbox_state.js";
import { prefetch, threadOf } from "handoff/thread_state.js";

const MOST = 6;
const AHEAD = 6;
const REST = 60;
const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 30));

/** Their conversations' ids, in no order. */
export const panes = signal([]);
let used = [];

function keep(id) {
  used = [...used.filter((one) => one !== id), id];
  const wanted = used.slice(-MOST);
  const open = openId.peek();
  if (open !== null && !wanted.includes(open)) wanted[0] = open;
  used = wanted;
  const list = [...panes.peek().filter((one) => wanted.includes(one)), ...(panes.peek().includes(id) ? [] : [id])];
  if (list.length !== panes.peek().length || list.some((one, index) => one !== panes.peek()[index])) panes.value = list;
}

/** Reads it and draws it behind the open one, because it may be opened next. */
export async function prepare(id) {
  if (id === undefined || (panes.peek().includes(id) && threadOf(id).peek())) return;
  await prefetch([id]);
  idle(() => { if (threadOf(id).peek() && !panes.peek().includes(id)) keep(id); });
}

let started = false;
export function startPanes() {
  if (started) return;
  started = true;
  let rest = null;
  effect(() => {
    const id = openId.value;
    const place = Math.max(0, openPlace.value);
    const ids = listed.value;
    if (id !== null) untracked(() => keep(id));
    clearTimeout(rest);
    rest = setTimeout(() => {
      prefetch(ids.slice(place, place + AHEAD));
      if (id !== null) for (const step of [1, -1]) prepare(ids[place + step]);
    }, REST);
  });
}
