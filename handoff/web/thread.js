/* The middle column: who it is, what was said, what can be done, and where to write. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { Avatar, Icon } from "core/icons.js";
import { keyCaps } from "core/commands.js";
import { go } from "core/router.js";
import { t } from "core/words.js";
import { Composer } from "handoff/composer.js";
import { conversationOf, openId } from "handoff/inbox_state.js";
import { ChannelMark, Wait } from "handoff/inbox.js";
import { Pane } from "handoff/messages.js";
import { actionsFor, customerName, editTags, isTheirs } from "handoff/owning.js";
import { panes } from "handoff/panes.js";
import { look, others } from "handoff/presence.js";
import { takeUpLost } from "handoff/sending.js";
import { isFresh, markRead, readThread, threadOf } from "handoff/thread_state.js";

const REST = 120;
const AGAIN = 3000;

function Head({ one, onAside }) {
  const [first, ...rest] = actionsFor(one);
  const there = others.value.get(one.id) ?? [];
  return html`<header class="thread-head">
    <button class="quiet icon-only phone-only" aria-label=${t("thread.back")} onClick=${() => go("/")}><${Icon} name="back" /></button>
    <button class="who-head quiet" aria-label=${`${customerName(one)}: ${t("customer.title")}`} onClick=${onAside}><${Avatar} name=${customerName(one)} seed=${one.id} /></button>
    <div class="thread-title"><h2 class="clip">${customerName(one)}</h2>
      <p class="soft clip"><${ChannelMark} name=${one.channel} /> ${t(`status.${one.status}`)}${one.assignee && ` · ${one.assignee.name}`}${one.snoozed_until && ` · ${fullTime(one.snoozed_until)}`}
      ${there.length > 0 && html` · <span class="looking">${there.map((who) => (who.typing ? t("presence.types", { name: who.name }) : t("presence.looks", { name: who.name }))).join(" · ")}</span>`}</p></div>
    ${one.waiting_since && one.status !== "bot" && html`<${Wait} since=${one.waiting_since} level=${one} />`}
    <div class="thread-actions">
      ${first && html`<button class="primary" onClick=${first.run} title=${t(`action.${first.name}`)}><${Icon} name=${first.icon} size=${17} /><span>${t(`action.${first.name}`)}</span>${first.keys && keyCaps(first.keys)}</button>`}
      ${rest.slice(0, 1).map((action) => html`<button class="wide-only" onClick=${action.run}><${Icon} name=${action.icon} size=${17} /><span>${t(`action.${action.name}`)}</span></button>`)}
      <details class="menu" name="menu"><summary class="icon-only" aria-label=${t("thread.more")}><${Icon} name="more" /></summary>
        <div class="menu-inside">${[...rest, { name: "tag", icon: "tag", keys: "KeyL", run: () => editTags(one) }].map((action) => html`<button class="quiet wide" onClick=${(event) => { event.target.closest("details").open = false; action.run(); }}>
          <${Icon} name=${action.icon} size=${17} /><span>${t(`action.${action.name}`)}</span>${action.keys && keyCaps(action.keys)}</button>`)}</div></details>
    </div>
  </header>`;
}

/** What being in a conversation does: it is read again behind the screen, colleagues see it, it counts as read. */
function useVisit(id, setGone) {
  const unread = conversationOf(id).value?.unread ?? false;
  useEffect(() => {
    setGone(false);
    let timer = setTimeout(read, threadOf(id).value ? REST : 0); // what is known is drawn first
    async function read() {
      try {
        if (!isFresh(id)) await readThread(id);
        takeUpLost(id);
      } catch (refusal) {
        if (refusal.status === 404) setGone(true);
        else if (openId.value === id) timer = setTimeout(read, AGAIN);
      }
    }
    return () => clearTimeout(timer);
  }, [id]);
  useEffect(() => look(id), [id]);
  useEffect(() => {
    const mark = () => { if (!document.hidden && openId.value === id) markRead(id); };
    const timer = setTimeout(mark, REST);
    document.addEventListener("visibilitychange", mark);
    return () => { clearTimeout(timer); document.removeEventListener("visibilitychange", mark); };
  }, [id, unread]);
}

export function ThreadColumn({ id, onAside }) {
  const one = threadOf(id).value?.conversation ?? conversationOf(id).value;
  const [gone, setGone] = useState(false);
  useVisit(id, setGone);
  if (gone) return html`<section class="thread"><p class="empty">${t("error.gone")}</p></section>`;
  if (!one) return html`<section class="thread" aria-busy="true"><div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div></section>`;
  return html`<section class=${`thread${isTheirs(one) ? " theirs" : ""}`} aria-label=${customerName(one)}>
    <${Head} one=${one} onAside=${onAside} />
    <div class="panes">${panes.value.map((pane) => html`<${Pane} key=${pane} id=${pane} />`)}</div>
    <${Composer} id=${id} one=${one} />
  </section>`;
}
