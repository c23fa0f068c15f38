/*
 * What changes on the server, told to every tab over one connection.
 *
 * The tab that holds the Web Lock is the leader: it has the one EventSource and passes everything on over a
 * BroadcastChannel. When it closes, another tab gets the lock. Without locks (plain http on another host) each tab
 * listens for itself. After a sleep, or where the server no longer knows what was missed, `reread` is told.
 */

import { signal } from "core/html.js";

const KINDS = ["conversation", "message", "knowledge", "accounts", "brand", "presence"];
const LONGEST_PAUSE = 30_000;
const SLEPT = 30_000;

/** `live`, or `away` while there is no connection. */
export const connection = signal("live");

const listeners = new Map();
const channel = new BroadcastChannel("replydesk");
let source = null;
let pause = 1000;

/** Call `hear(id)` for each change of the kind; returns how to stop. */
export function listen(kind, hear) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(hear);
  return () => listeners.get(kind).delete(hear);
}

function tell(kind, id) {
  if (kind === "connection") connection.value = id;
  else for (const hear of listeners.get(kind) ?? []) hear(id);
}

function passOn(kind, id) {
  channel.postMessage({ kind, id });
  tell(kind, id);
}

function connect() {
  source?.close();
  source = new EventSource("/api/v1/events");
  source.addEventListener("hello", (event) => {
    pause = 1000;
    passOn("connection", "live");
    if (JSON.parse(event.data).reread) passOn("reread");
  });
  for (const kind of KINDS) source.addEventListener(kind, (event) => passOn(kind, JSON.parse(event.data).id));
  source.onerror = () => {
    passOn("connection", "away");
    if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself, and the server replays
    setTimeout(connect, pause * (0.5 + Math.random()));
    pause = Math.min(LONGEST_PAUSE, pause * 2);
  };
}

function watchForSleep() {
  let last = Date.now();
  setInterval(() => {
    const slept = Date.now() - last > SLEPT;
    last = Date.now();
    if (!slept) return;
    if (source) connect();
    else tell("reread");
  }, 5000);
}

export function goLive() {
  channel.onmessage = ({ data }) => tell(data.kind, data.id);
  if (navigator.locks) navigator.locks.request("replydesk-live", () => { connect(); return new Promise(() => {}); });
  else connect();
  addEventListener("online", () => source && connect());
  addEventListener("offline", () => tell("connection", "away"));
  watchForSleep();
}
