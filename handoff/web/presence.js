/* Who else looks at a conversation or types in it. */

import { signal } from "core/html.js";
import { listen } from "core/live.js";
import { get, post } from "core/requests.js";
import { openId } from "handoff/inbox_state.js";

const LOOK_AGAIN = 25_000;
const TYPING_AGAIN = 3_000;

/** By conversation, the others there. */
export const others = signal(new Map());

function set(id, items) {
  const map = new Map(others.value);
  if (items.length) map.set(id, items);
  else map.delete(id);
  others.value = map;
}

const sign = (id, body) => post(`/conversations/${id}/presence`, body).then((found) => set(id, found.items)).catch(() => {});

/** Tells that one looks at it until the returned function is called. */
export function look(id) {
  let told = false;
  const tell = () => { if (!document.hidden) { told = true; sign(id, {}); } };
  const begin = setTimeout(tell, 300); // who only passes by is not announced
  const again = setInterval(tell, LOOK_AGAIN);
  const leave = () => {
    if (told) post(`/conversations/${id}/presence`, { leaving: true }, { keepalive: true }).catch(() => {});
    told = false;
  };
  addEventListener("pagehide", leave);
  return () => {
    clearTimeout(begin);
    clearInterval(again);
    removeEventListener("pagehide", leave);
    leave();
  };
}

let typedAt = 0;
export function typing(id) {
  if (Date.now() - typedAt < TYPING_AGAIN) return;
  typedAt = Date.now();
  sign(id, { typing: true });
}

let started = false;
export function startPresence() {
  if (started) return;
  started = true;
  listen("presence", async (id) => {
    if (id === openId.value || others.value.has(id)) set(id, (await get(`/conversations/${id}/presence`).catch(() => ({ items: [] }))).items);
  });
  const refresh = (id) => get(`/conversations/${id}/presence`).then((found) => set(id, found.items)).catch(() => {});
  setInterval(() => { // a typing sign ends by itself
    const id = openId.value;
    if (id && others.value.get(id)?.some((one) => one.typing)) refresh(id);
  }, 6000);
  setInterval(() => { for (const id of others.value.keys()) refresh(id); }, LOOK_AGAIN); // and who lost his connection
}
