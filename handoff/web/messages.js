/* What was said in one conversation, and why a person was called. */

import { html, useComputed, useEffect, useLayoutEffect, useMemo, useRef, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { get } from "core/requests.js";
import { complain } from "core/toasts.js";
import { language, t } from "core/words.js";
import { Bubble, Day, EventLine } from "handoff/bubbles.js";
import { insert } from "handoff/composing.js";
import { openId } from "handoff/inbox_state.js";
import { localOf, readOlder, threadOf } from "handoff/thread_state.js";
import { timeline } from "handoff/timeline.js";

const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const NEAR = 120;
const AHEAD = 1500;
const TOGETHER = 50;

async function useEntry(conversation, entry) {
  try {
    const found = await get(`/knowledge/entries/${encodeURIComponent(entry)}`);
    const texts = found.translations;
    insert((texts[conversation.language] ?? texts.en ?? Object.values(texts)[0]).answer);
  } catch (refusal) {
    complain(refusal);
  }
}

function CaseCard({ conversation }) {
  const found = conversation.case;
  return html`<section class=${`case urgent-${found.priority}`} aria-label=${t("case.title")}>
    <p><${Icon} name="bell" size=${17} /> <strong>${t("case.title")}: ${t(`reason.${found.reason}`)}</strong>${found.priority > 0 && html` <span class=${`chip urgent-${found.priority}`}>${t(`priority.${found.priority}`)}</span>`}</p>
    ${found.question && html`<blockquote>${found.question}</blockquote>`}
    ${found.candidates.length > 0 && html`<p class="soft">${t("case.tried")}</p><ul class="tried">${found.candidates.slice(0, 4).map((one) => html`<li>
      <button class="quiet tried-entry" title=${t("case.use")} onClick=${() => useEntry(conversation, one.entry)}>
        <span class="clip">${one.question || one.entry}</span>${one.confidence !== null && html`<span class="sure">${PERCENT.format(one.confidence)}</span>`}</button></li>`)}</ul>`}
  </section>`;
}

/** The day's own thing: a line makes its days anew each time. */
function dayOf(days, thing) {
  if (!days.has(thing.key)) days.set(thing.key, thing);
  return days.get(thing.key);
}

/** Draws a line's things, and each of them once: the very same node again means that Preact passes it over. */
function usePainter(conversation) {
  const painted = useRef(new WeakMap());
  const days = useRef(new Map());
  return (thing) => {
    const what = thing.message ?? thing.event ?? dayOf(days.current, thing);
    const key = `${thing.key} ${thing.follows} ${conversation.contact.name}`;
    const before = painted.current.get(what);
    if (before?.key === key) return before.node;
    const node = thing.kind === "day" ? html`<${Day} key=${thing.key} at=${thing.at} />`
      : thing.kind === "event" ? html`<${EventLine} key=${thing.key} event=${thing.event} />`
        : html`<${Bubble} key=${thing.key} conversation=${conversation} message=${thing.message} author=${thing.author} follows=${thing.follows} />`;
    painted.current.set(what, { key, node });
    return node;
  };
}

/**
 * The line in lists of some fifty: the browser passes over a whole list that is out of sight. Where one begins, it
 * begins for good, and one whose nodes are all the same is the same node again.
 */
function useLists() {
  const begins = useRef(new Set());
  const drawn = useRef(new Map());
  return (line, nodes) => {
    const starts = [];
    const first = line[0]?.kind === "day" ? 1 : 0; // a day moves up when older messages come: no list is named after it
    line.forEach((one, index) => {
      const may = index > first && one.kind !== "day";
      if (index === 0 || (may && (begins.current.has(one.key) || index - starts.at(-1) >= TOGETHER))) starts.push(index);
    });
    const before = drawn.current;
    drawn.current = new Map();
    return starts.map((start, index) => {
      const { key } = line[start === 0 ? Math.min(first, line.length - 1) : start];
      begins.current.add(key);
      const children = nodes.slice(start, starts[index + 1]);
      const old = before.get(key);
      const list = old?.children.length === children.length && old.children.every((one, place) => one === children[place])
        ? old : { children, node: html`<ol class="line" key=${key}>${children}</ol>` };
      drawn.current.set(key, list);
      return list.node;
    });
  };
}

/** The box scrolls from its end (`column-reverse`): `scrollTop` is 0 there and negative above, and it stays at the end. */
function Messages({ id, thread, local, shown }) {
  const box = useRef();
  const atEnd = useRef(true);
  const loading = useRef(false);
  const [newer, setNewer] = useState(false);
  const { conversation, messages, events } = thread;
  const line = useMemo(() => timeline(local.length ? [...messages, ...local] : messages, events), [messages, events, local]);
  const paint = usePainter(conversation);
  const inLists = useLists();
  const open = conversation.case && !conversation.case.closed_at;
  const called = open ? line.findLastIndex((one) => one.kind === "event" && one.event.kind === "handoff") : -1;
  const newest = useMemo(() => messages.reduce((most, one) => Math.max(most, one.id), 0), [messages]); // platforms round their times: the latest need not be the last
  const mine = local.at(-1)?.client_id;
  const toEnd = () => { atEnd.current = true; setNewer(false); box.current.scrollTop = 0; };
  const toNewest = () => { toEnd(); box.current.querySelector(`[data-message="${newest}"]`)?.scrollIntoView({ block: "nearest" }); };
  useLayoutEffect(() => { if (!atEnd.current) setNewer(true); }, [newest]);
  useLayoutEffect(() => { if (mine && !atEnd.current) toEnd(); }, [mine]);
  useEffect(() => { if (!shown && !atEnd.current) toEnd(); }, [shown]); // who comes back sees the latest
  const older = () => {
    if (loading.current || !thread.next) return;
    loading.current = true;
    readOlder(id).catch(complain).finally(() => { loading.current = false; });
  };
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    atEnd.current = scrollTop > -NEAR;
    if (atEnd.current && newer) setNewer(false);
    if (scrollHeight + scrollTop - clientHeight < AHEAD) older();
  };
  return html`<div class="messages" ref=${box} onScroll=${onScroll} tabindex=${shown ? "0" : "-1"} role="log" aria-label=${t("thread.messages")}>
    <div>${thread.next && html`<p class="older"><button class="quiet" onClick=${older}>${t("thread.older")}</button></p>`}
    ${inLists(line, line.map((one, index) => (index === called ? html`<li key=${one.key}><${CaseCard} conversation=${conversation} /></li>` : paint(one))))}
    ${open && called < 0 && html`<${CaseCard} conversation=${conversation} />`}</div>
  </div>
  ${newer && html`<button class="newer" onClick=${toNewest}><${Icon} name="down" size=${16} />${t("thread.newer")}</button>`}`;
}

/**
 * One conversation's sheet. What is away is only seen through: hiding it in any other way would cost the style of
 * everything on it when it is turned up. It leaves the keyboard's way (`inert`) once the new sheet has been painted.
 */
export function Pane({ id }) {
  const sheet = useRef();
  const shown = useComputed(() => openId.value === id).value;
  const thread = threadOf(id).value;
  const local = localOf(id).value;
  useEffect(() => { sheet.current.inert = !shown; }, [shown]);
  return html`<div ref=${sheet} class=${shown ? "pane" : "pane away"} aria-hidden=${shown ? null : "true"} aria-busy=${thread ? null : "true"}>
    ${thread ? html`<${Messages} id=${id} thread=${thread} local=${local} shown=${shown} />`
      : html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div><div class="skeleton"></div></div>`}</div>`;
}
