/* The middle column: what was said, why a person was called, and what can be done. */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { Avatar, Icon } from "core/icons.js";
import { keyCaps } from "core/commands.js";
import { get } from "core/requests.js";
import { go } from "core/router.js";
import { complain } from "core/toasts.js";
import { language, t } from "core/words.js";
import { Bubble, Day, EventLine } from "handoff/bubbles.js";
import { Composer, insert } from "handoff/composer.js";
import { known, openId } from "handoff/inbox_state.js";
import { ChannelMark, Wait } from "handoff/inbox.js";
import { actionsFor, customerName, editTags, isTheirs } from "handoff/owning.js";
import { look, others } from "handoff/presence.js";
import { takeUpLost } from "handoff/sending.js";
import { markRead, readOlder, readThread, threadOf, withLocal } from "handoff/thread_state.js";
import { timeline } from "handoff/timeline.js";

const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const NEAR_END = 120;

function Head({ one, onAside }) {
  const [first, ...rest] = actionsFor(one);
  const there = others.value.get(one.id) ?? [];
  return html`<header class="thread-head">
    <button class="quiet icon-only phone-only" aria-label=${t("thread.back")} onClick=${() => go("/")}><${Icon} name="back" /></button>
    <button class="who-head quiet" aria-label=${`${customerName(one)}: ${t("customer.title")}`} onClick=${onAside}><${Avatar} name=${customerName(one)} seed=${one.id} /></button>
    <div class="thread-title"><h2 class="clip">${customerName(one)}</h2>
      <p class="soft clip"><${ChannelMark} name=${one.channel} /> ${t(`status.${one.status}`)}${one.assignee && ` · ${one.assignee.name}`}${one.snoozed_until && ` · ${fullTime(one.snoozed_until)}`}
      ${there.length > 0 && html` · <span class="looking">${there.map((who) => (who.typing ? t("presence.types", { name: who.name }) : t("presence.looks", { name: who.name }))).join(" · ")}</span>`}</p></div>
    ${one.waiting_since && one.status !== "bot" && html`<${Wait} since=${one.waiting_since} />`}
    <div class="thread-actions">
      ${first && html`<button class="primary" onClick=${first.run} title=${t(`action.${first.name}`)}><${Icon} name=${first.icon} size=${17} /><span>${t(`action.${first.name}`)}</span>${first.keys && keyCaps(first.keys)}</button>`}
      ${rest.slice(0, 1).map((action) => html`<button class="wide-only" onClick=${action.run}><${Icon} name=${action.icon} size=${17} /><span>${t(`action.${action.name}`)}</span></button>`)}
      <details class="menu" name="menu"><summary class="icon-only" aria-label=${t("thread.more")}><${Icon} name="more" /></summary>
        <div class="menu-inside">${[...rest, { name: "tag", icon: "tag", keys: "KeyL", run: () => editTags(one) }].map((action) => html`<button class="quiet wide" onClick=${(event) => { event.target.closest("details").open = false; action.run(); }}>
          <${Icon} name=${action.icon} size=${17} /><span>${t(`action.${action.name}`)}</span>${action.keys && keyCaps(action.keys)}</button>`)}</div></details>
    </div>
  </header>`;
}

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
  if (!found || found.closed_at) return null;
  return html`<section class=${`case urgent-${found.priority}`} aria-label=${t("case.title")}>
    <p><${Icon} name="bell" size=${17} /> <strong>${t("case.title")}: ${t(`reason.${found.reason}`)}</strong>${found.priority > 0 && html` <span class=${`chip urgent-${found.priority}`}>${t(`priority.${found.priority}`)}</span>`}</p>
    ${found.question && html`<blockquote>${found.question}</blockquote>`}
    ${found.candidates.length > 0 && html`<p class="soft">${t("case.tried")}</p><ul class="tried">${found.candidates.slice(0, 4).map((one) => html`<li>
      <button class="quiet tried-entry" title=${t("case.use")} onClick=${() => useEntry(conversation, one.entry)}>
        <span class="clip">${one.question || one.entry}</span>${one.confidence !== null && html`<span class="sure">${PERCENT.format(one.confidence)}</span>`}</button></li>`)}</ul>`}
  </section>`;
}

function Messages({ thread, id }) {
  const box = useRef();
  const atEnd = useRef(true);
  const [newer, setNewer] = useState(false);
  const messages = withLocal(thread);
  const line = useMemo(() => timeline(messages, thread.events), [thread]);
  const open = thread.conversation.case && !thread.conversation.case.closed_at;
  const called = open ? line.findLastIndex((one) => one.kind === "event" && one.event.kind === "handoff") : -1;
  const last = messages.at(-1);
  useLayoutEffect(() => { box.current.scrollTop = box.current.scrollHeight; atEnd.current = true; setNewer(false); }, [id]);
  useLayoutEffect(() => {
    if (atEnd.current || last?.original) box.current.scrollTop = box.current.scrollHeight;
    else if (last) setNewer(true);
  }, [last?.id]);
  useEffect(() => {
    const observer = new ResizeObserver(() => { if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight; });
    observer.observe(box.current);
    observer.observe(box.current.firstElementChild);
    return () => observer.disconnect();
  }, []);
  const older = async () => {
    const height = box.current.scrollHeight;
    await readOlder(id).catch(complain);
    requestAnimationFrame(() => { if (box.current) box.current.scrollTop += box.current.scrollHeight - height; });
  };
  const loadingOlder = useRef(false);
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    if (atEnd.current && newer) setNewer(false);
    if (element.scrollTop < 200 && thread.next && !loadingOlder.current) { loadingOlder.current = true; older().finally(() => { loadingOlder.current = false; }); }
  };
  return html`<div class="messages" ref=${box} onScroll=${onScroll} tabindex="0" role="log" aria-label=${t("thread.messages")}>
    <div><ol class="line">
      ${thread.next && html`<li class="older"><button class="quiet" onClick=${older}>${t("thread.older")}</button></li>`}
      ${line.map((one, index) => (one.kind === "day" ? html`<${Day} key=${one.key} at=${one.at} />` : index === called ? html`<li key=${one.key}><${CaseCard} conversation=${thread.conversation} /></li>` : one.kind === "event" ? html`<${EventLine} key=${one.key} event=${one.event} />`
        : html`<${Bubble} key=${one.key} conversation=${thread.conversation} message=${one.message} author=${one.author} follows=${one.follows} onUse=${insert} />`))}
    </ol>${called < 0 && html`<${CaseCard} conversation=${thread.conversation} />`}</div>
    ${newer && html`<button class="newer" onClick=${() => { box.current.scrollTop = box.current.scrollHeight; setNewer(false); }}><${Icon} name="down" size=${16} />${t("thread.newer")}</button>`}
  </div>`;
}

export function ThreadColumn({ id, onAside }) {
  const thread = threadOf(id).value;
  const one = thread?.conversation ?? known.value.get(id);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    setGone(false);
    const read = () => readThread(id).then(() => takeUpLost(id)).catch((refusal) => { if (refusal.status === 404) setGone(true); });
    const timer = setTimeout(read, threadOf(id).value ? 60 : 0); // what is known is drawn first
    return () => clearTimeout(timer);
  }, [id]);
  useEffect(() => look(id), [id]);
  useEffect(() => {
    const mark = () => { if (!document.hidden && openId.value === id) markRead(id); };
    const timer = setTimeout(mark, 150);
    document.addEventListener("visibilitychange", mark);
    return () => { clearTimeout(timer); document.removeEventListener("visibilitychange", mark); };
  }, [id, thread?.messages.at(-1)?.id]);
  if (gone) return html`<section class="thread"><p class="empty">${t("error.gone")}</p></section>`;
  if (!one) return html`<section class="thread" aria-busy="true"><div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div></section>`;
  return html`<section class=${`thread${isTheirs(one) ? " theirs" : ""}`} aria-label=${customerName(one)}>
    <${Head} one=${one} onAside=${onAside} />
    ${thread ? html`<${Messages} thread=${thread} id=${id} />` : html`<div class="messages" aria-busy="true"><div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div><div class="skeleton"></div></div></div>`}
    <${Composer} key=${id} one=${one} thread=${thread} />
  </section>`;
}
