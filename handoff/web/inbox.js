/* The left column: views, filters, and the conversations. */

import { html, useComputed, useState } from "core/html.js";
import { clockTime, now, shortTime, span } from "core/dates.js";
import { Avatar, Icon } from "core/icons.js";
import { LANGUAGES, t } from "core/words.js";
import { VirtualList } from "core/virtual_list.js";
import { channels, conversationOf, counts, filters, listed, loading, loadMore, openId, openPlace, setFilter, setView, view } from "handoff/inbox_state.js";
import { customerName } from "handoff/owning.js";
import { prepare } from "handoff/panes.js";
import { others } from "handoff/presence.js";

const VIEWS = ["mine", "waiting", "all"];
const ROW = 76;
const SOON = 5 * 60_000;
const LATE = 15 * 60_000;

/** How a wait is coloured. */
export const waitLevel = (since, { warn_at: warnAt, due_at: dueAt } = {}) => {
  if (dueAt) return now.value < Date.parse(warnAt) ? "soon" : now.value < Date.parse(dueAt) ? "due" : "late";
  const waited = now.value - Date.parse(since);
  return waited < SOON ? "soon" : waited < LATE ? "due" : "late";
};

export function Wait({ since, level }) {
  return html`<span class=${`wait ${waitLevel(since, level)}`} title=${level?.due_at ? t("inbox.due", { at: clockTime(level.due_at) }) : t("inbox.waits")}><span class="unseen">${t("inbox.waits")} </span>${span(now.value - Date.parse(since))}</span>`;
}

function lastWords(one) {
  const last = one.last_message;
  if (one.status === "waiting" && one.question && last?.author !== "customer") return one.question;
  if (!last) return "";
  const who = last.author === "customer" ? "" : `${t(`author.${last.author}`)}: `;
  return who + (last.text || t("inbox.no_text"));
}

function Row({ id, top }) {
  const one = conversationOf(id).value;
  const current = useComputed(() => openId.value === id).value;
  const there = useComputed(() => others.value.get(id)).value ?? [];
  return html`<li style=${{ top: `${top}px`, height: `${ROW}px` }}><a class=${`row${one.unread ? " unread" : ""}`} href=${`/conversations/${one.id}`} data-screen aria-current=${current ? "true" : null}
      onPointerEnter=${() => prepare(id)}>
    <span class="row-face"><${Avatar} name=${customerName(one)} seed=${one.id} /><${ChannelMark} name=${one.channel} /></span>
    <span class="row-words">
      <span class="row-line"><strong class="clip">${customerName(one)}</strong>
        ${one.waiting_since && ["waiting", "open"].includes(one.status) ? html`<${Wait} since=${one.waiting_since} level=${one} />` : html`<span class="soft">${shortTime(one.last_message_at)}</span>`}</span>
      <span class="row-line"><span class="clip soft">${lastWords(one)}</span>${one.unread && html`<span class="dot" role="img" aria-label=${t("inbox.unread")}></span>`}</span>
      <span class="row-line chips">
        ${one.priority > 0 && html`<span class=${`chip urgent-${one.priority}`}>${t(`priority.${one.priority}`)}</span>`}
        ${one.status === "waiting" && one.reason ? html`<span class="chip clip">${t(`reason.${one.reason}`)}</span>` : view.value === "all" || one.status === "snoozed" ? html`<span class=${`chip status-${one.status}`}>${t(`status.${one.status}`)}</span>` : null}
        ${one.assignee && view.value === "all" && html`<span class="chip clip">${one.assignee.name}</span>`}
        ${one.team && view.value !== "mine" && html`<span class="chip clip">${one.team.name}</span>`}
        ${one.tags.slice(0, 2).map((tag) => html`<span class="chip clip">#${tag}</span>`)}
        ${there.length > 0 && html`<span class="chip looking clip"><${Icon} name="people" size=${13} />${there.map((who) => who.name).join(", ")}</span>`}
      </span>
    </span></a></li>`;
}

export function ChannelMark({ name }) {
  const title = channels.value.find((one) => one.name === name)?.title ?? name;
  return html`<span class=${`channel channel-${name}`} role="img" aria-label=${title} title=${title}>${title.slice(0, 1).toUpperCase()}</span>`;
}

function Filters() {
  const choose = (name) => (event) => setFilter(name, event.target.value);
  const option = (name, value, text) => html`<option value=${value} selected=${(filters.value[name] ?? "") === value}>${text}</option>`;
  const select = (name, options) => html`<label>${t(`filter.${name}`)}<select onChange=${choose(name)}>${option(name, "", t("filter.any"))}${options.map(([value, text]) => option(name, value, text))}</select></label>`;
  return html`<div class="filters">
    ${select("channel", channels.value.map((one) => [one.name, one.title]))}
    ${select("language", Object.entries(LANGUAGES))}
    ${view.value === "all" && select("status", ["bot", "waiting", "open", "snoozed", "resolved"].map((one) => [one, t(`status.${one}`)]))}
    ${select("priority", [["1", t("priority.1")], ["2", t("priority.2")]])}
    <label>${t("filter.tag")}<input value=${filters.value.tag ?? ""} onChange=${choose("tag")} /></label>
  </div>`;
}

function row(index, top) {
  const id = listed.value[index];
  return id === undefined ? null : html`<${Row} key=${id} id=${id} top=${top} />`;
}

let searching = null;

export function Inbox() {
  const [filtering, setFiltering] = useState(false);
  const set = Object.keys(filters.value).length;
  const onSearch = (event) => {
    clearTimeout(searching);
    const words = event.target.value;
    searching = setTimeout(() => setFilter("search", words.trim()), 200);
  };
  return html`<section class="inbox" aria-label=${t("screen.desk")}>
    <header class="inbox-head">
      <h1 class="unseen">${t("screen.desk")}</h1>
      <div class="views" role="group" aria-label=${t("inbox.views")}>
        ${VIEWS.map((one) => html`<button aria-pressed=${view.value === one} onClick=${() => setView(one)}>${t(`view.${one}`)} <span class="count">${counts.value[one]}</span></button>`)}
      </div>
      <div class="inbox-tools">
        <label class="find"><${Icon} name="search" size=${16} /><span class="unseen">${t("inbox.search")}</span>
          <input id="inbox-search" type="search" placeholder=${t("inbox.search")} value=${filters.value.search ?? ""} onInput=${onSearch} /></label>
        <button class="quiet icon-only" aria-expanded=${filtering} aria-label=${t("filter.title")} onClick=${() => setFiltering(!filtering)}><${Icon} name="filter" />${set > 0 && html`<span class="badge">${set}</span>`}</button>
      </div>
      ${filtering && html`<${Filters} />`}
    </header>
    <${VirtualList} count=${listed.value.length} height=${ROW} row=${row} onEnd=${loadMore} place=${openPlace} label=${t(`view.${view.value}`)}
      empty=${loading.value ? html`<div class="skeletons" aria-label=${t("shell.loading")}>${[1, 2, 3, 4, 5].map(() => html`<div class="skeleton row-skeleton"></div>`)}</div>`
        : html`<p class="empty"><${Icon} name="done" size=${32} /><br />${t(`empty.${view.value}`)}</p>`} />
  </section>`;
}
