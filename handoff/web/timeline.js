/* Makes one line of a thread's messages and events: days between them, albums as one. Pure. */

import { dayKey } from "core/dates.js";

const SAME_BREATH = 5 * 60_000;
const SILENT_EVENTS = new Set(["rating_asked"]);

const authorOf = (message) => (message.purpose === "note" || message.purpose === "draft" ? message.purpose : message.author);

/** `[{ kind: "day" | "message" | "event", key, … }]`, oldest first. A message `follows` where its author goes on. */
export function timeline(messages, events) {
  const things = [
    ...albums(messages).map((one) => ({ kind: "message", key: `m${one.client_id ?? one.id}`, at: one.at, message: one, author: authorOf(one) })),
    ...events.filter((one) => !SILENT_EVENTS.has(one.kind)).map((one) => ({ kind: "event", key: `e${one.id}`, at: one.at, event: one })),
  ].sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  const line = [];
  let before = null;
  for (const thing of things) {
    if (before === null || dayKey(before.at) !== dayKey(thing.at)) line.push({ kind: "day", key: `d${dayKey(thing.at)}`, at: thing.at });
    thing.follows = before?.kind === "message" && thing.kind === "message" && line.at(-1) === before && before.author === thing.author
      && before.message.user?.id === thing.message.user?.id && Date.parse(thing.at) - Date.parse(before.at) < SAME_BREATH;
    line.push(thing);
    before = thing;
  }
  return line;
}

function albums(messages) {
  const made = [];
  for (const message of messages) {
    const last = made.at(-1);
    if (message.group_key && last?.group_key === message.group_key && last.author === message.author) {
      made[made.length - 1] = { ...last, text: [last.text, message.text].filter(Boolean).join("\n"), attachments: [...last.attachments, ...message.attachments] };
    } else made.push(message);
  }
  return made;
}
