/*
 * What changes on the server, told to every tab over one connection.
 *
 * The tab that holds the Web Lock is the leader: it has the one EventSource and passes everything on over a
 * BroadcastChannel. When it closes, another tab gets the lock. Without locks (plain http on another host) each tab
 * listens for itself. A lost connection is opened again after a pause of our own, a different one in every browser, so
 * that a restarted server is not met by all at once; the server then tells what was missed since `lastId`. After a
 * sleep, or where it no longer knows, `reread` is told.
 */

import { signal } from "core/html.js";
import { get } from "core/requests.js";

const KINDS = ["conversation", "message", "knowledge", "accounts", "brand", "presence"];
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const SLEPT = 30_000;
const SILENT = 45_000; // the server gives a sign of life every 15 seconds

/** `live`, or `away` while there is no connection. */
export const connection = signal("live");

const listeners = new Map();
const channel = new BroadcastChannel("replydesk");
let source = null;
let leads = false;
let lastId = "";
let heardAt = 0;
let pause = FIRST_PAUSE;
let again = null;

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
  clearTimeout(again);
  source?.close();
  heardAt = Date.now();
  const mine = new EventSource(`/api/v1/events${lastId ? `?last_id=${encodeURIComponent(lastId)}` : ""}`);
  source = mine;
  const on = (kind, hear) => mine.addEventListener(kind, (event) => {
    heardAt = Date.now();
    lastId = event.lastEventId || lastId;
    hear(event);
  });
  on("hello", (event) => {
    pause = FIRST_PAUSE;
    passOn("connection", "live");
    if (JSON.parse(event.data).reread) passOn("reread");
  });
  on("beat", () => {});
  for (const kind of KINDS) on(kind, (event) => passOn(kind, JSON.parse(event.data).id));
  mine.onerror = () => { if (mine === source) lost(); };
}

function lost() {
  source.close();
  passOn("connection", "away");
  get("/me").catch(() => {}); // who was signed out comes to the log-in page
  clearTimeout(again);
  again = setTimeout(connect, pause * (0.5 + Math.random()));
  pause = Math.min(LONGEST_PAUSE, pause * 2);
}

function watchForSleep() {
  let last = Date.now();
  setInterval(() => {
    const slept = Date.now() - last > SLEPT;
    last = Date.now();
    if (leads && (slept || Date.now() - heardAt > SILENT)) connect();
    else if (slept) tell("reread");
  }, 5000);
}

function lead() {
  leads = true;
  connect();
}

export function goLive() {
  channel.onmessage = ({ data }) => {
    if (data.kind !== "ask") tell(data.kind, data.id);
    else if (leads) channel.postMessage({ kind: "connection", id: connection.value });
  };
  if (navigator.locks) navigator.locks.request("replydesk-live", () => { lead(); return new Promise(() => {}); });
  else lead();
  channel.postMessage({ kind: "ask" });
  addEventListener("online", () => leads && connect());
  addEventListener("offline", () => tell("connection", "away"));
  watchForSleep();
}
