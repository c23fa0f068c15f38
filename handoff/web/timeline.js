/* Makes one line of a thread's messages and events: days between them, albums as one. Pure. */

const MOST_TIMES = 20_000;
const times = new Map();

/** `{ at, day }` in milliseconds, the day's beginning in the reader's zone; asked often for the same words. */
function timesOf(at) {
  let found = times.get(at);
  if (!found) {
    if (times.size > MOST_TIMES) times.clear();
    const instant = Date.parse(at);
    times.set(at, found = { at: instant, day: new Date(instant).setHours(0, 0, 0, 0) });
  }
  return found;
}

const SAME_BREATH = 5 * 60_000;
const SILENT_EVENTS = new Set(["rating_asked"]);

const authorOf = (message) => (message.purpose === "note" || message.purpose === "draft" ? message.purpose : message.author);

/** `[{ kind: "day" | "message" | "event", key, … }]`, oldest first. A message `follows` where its author goes on. */
export function timeline(messages, events) {
  const things = [
    ...albums(messages).map((one) => ({ kind: "message", key: `m${one.client_id ?? one.id}`, at: one.at, message: one, author: authorOf(one) })),
    ...events.filter((one) => !SILENT_EVENTS.has(one.kind)).map((one) => ({ kind: "event", key: `e${one.id}`, at: one.at, event: one })),
  ].sort((left, right) => timesOf(left.at).at - timesOf(right.at).at);
  const line = [];
  let before = null;
  for (const thing of things) {
    const { at, day } = timesOf(thing.at);
    if (before === null || timesOf(before.at).day !== day) line.push({ kind: "day", key: `d${day}`, at: thing.at });
    thing.follows = before?.kind === "message" && thing.kind === "message" && line.at(-1) === before && before.author === thing.author
      && before.message.user?.id === thing.message.user?.id && at - timesOf(before.at).at < SAME_BREATH;
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
