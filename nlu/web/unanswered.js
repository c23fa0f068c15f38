/* What the bot could not answer, grouped by meaning: one click makes an entry of a group and of the agent's own reply. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { listen } from "core/live.js";
import { get, post } from "core/requests.js";
import { go } from "core/router.js";
import { may } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";

const AGAIN = 2500;
const FEW = 4;
const ORDERS = { customers: (one, other) => other.customers - one.customers || other.minutes - one.minutes, minutes: (one, other) => other.minutes - one.minutes || other.customers - one.customers };

const addressOf = (id) => `/knowledge/${id.split("/").map(encodeURIComponent).join("/")}`;
const minutes = (spent) => (spent ? t("unanswered.minutes", { n: spent < 10 ? spent : Math.round(spent) }) : t("unanswered.no_minutes"));

function Question({ one }) {
  return html`<li><a href=${`/conversations/${one.conversation_id}`} data-screen lang=${one.language}>${one.text}</a> <span class="soft">${t(`miss.${one.miss}`)} · <time datetime=${one.at}>${fullTime(one.at)}</time></span></li>`;
}

function Replies({ list, chosen, onChoose, name }) {
  if (!list.length) return html`<p class="soft">${t("unanswered.no_reply")}</p>`;
  return html`<fieldset class="replies"><legend>${t("unanswered.replies")}</legend>
    ${list.map((one) => html`<label key=${one.id} class="reply-choice"><input type="radio" name=${name} checked=${chosen === one.id} onChange=${() => onChoose(one.id)} /><span lang=${one.language}>${one.text}</span></label>`)}
    <label class="reply-choice"><input type="radio" name=${name} checked=${chosen === null} onChange=${() => onChoose(null)} /><span class="soft">${t("unanswered.write_own")}</span></label></fieldset>`;
}

function Group({ group, onDone }) {
  const [chosen, setChosen] = useState(group.replies[0]?.id ?? null);
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async (work) => {
    setBusy(true);
    try { await work(); } catch (refusal) {
      if (refusal.status === 409) { toast(t("unanswered.done_meanwhile"), { bad: true }); onDone(); } else complain(refusal);
    }
    setBusy(false);
  };
  const draft = () => act(async () => go(addressOf((await post("/knowledge/unanswered/draft", { questions: group.ids, reply: chosen })).id)));
  const aside = () => act(async () => {
    await post("/knowledge/unanswered/aside", { questions: group.ids });
    toast(t("unanswered.set_aside"), { action: { label: t("unanswered.take_back"), run: () => act(async () => { await post("/knowledge/unanswered/aside", { questions: group.ids, aside: false }); onDone(); }) } });
    onDone();
  });
  const shown = all ? group.questions : group.questions.slice(0, FEW);
  return html`<li class="panel group"><header class="page-head"><h2 lang=${group.language}>${group.title}</h2>
      <span class="chips"><span class="chip urgent-1">${t("unanswered.customers", { n: group.customers })}</span><span class="chip">${minutes(group.minutes)}</span>
      ${Object.entries(group.languages).map(([code, count]) => html`<span class="chip" key=${code} title=${LANGUAGES[code]}>${code} ${count}</span>`)}</span></header>
    <ul class="asked">${shown.map((one) => html`<${Question} key=${one.id} one=${one} />`)}</ul>
    ${group.questions.length > FEW && html`<p><button type="button" class="inline" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? t("unanswered.fewer") : t("unanswered.all", { n: group.ids.length })}</button></p>`}
    <${Replies} list=${group.replies} chosen=${chosen} onChoose=${setChosen} name=${`reply-${group.ids[0]}`} />
    ${may("edit_knowledge") && html`<div class="line wrap"><button type="button" class="primary" disabled=${busy} onClick=${draft}>${t("unanswered.draft")}</button><button type="button" class="quiet" disabled=${busy} onClick=${aside}>${t("unanswered.aside")}</button></div>`}
  </li>`;
}

function Made({ items }) {
  return html`<section class="stack"><h2>${t("unanswered.made")}</h2>
    <div class="panel flush" tabindex="0" role="region" aria-label=${t("unanswered.made")}><table class="made"><thead><tr><th>${t("unanswered.entry")}</th><th class="number">${t("unanswered.asked")}</th><th class="number">${t("unanswered.now")}</th><th class="number">${t("unanswered.unseen")}</th></tr></thead>
      <tbody>${items.map((one) => html`<tr key=${one.entry}><td><a href=${addressOf(one.entry)} data-screen>${one.question}</a> <span class=${`chip is-${one.status}`}>${t(`entry.${one.status}`)}</span></td>
        <td class="number">${one.questions}</td><td class="number">${one.answered ?? "–"}</td><td class="number">${one.unseen ?? "–"}</td></tr>`)}</tbody></table></div>
    <p class="soft">${t("unanswered.unseen_means")}</p></section>`;
}

function Groups({ board, load }) {
  const [order, setOrder] = useState("customers");
  return html`<div class="page-head"><p>${t("unanswered.count", { n: board.questions, customers: board.customers, groups: board.groups.length })}</p>
      <label class="order">${t("unanswered.order")} <select onChange=${(event) => setOrder(event.target.value)}>${Object.keys(ORDERS).map((one) => html`<option value=${one} selected=${one === order}>${t(`board_order.${one}`)}</option>`)}</select></label></div>
    ${board.behind > 0 && html`<p class="soft" role="status">${t("unanswered.behind", { n: board.behind })}</p>`}
    <ol class="groups">${[...board.groups].sort(ORDERS[order]).map((group) => html`<${Group} key=${group.ids.join()} group=${group} onDone=${load} />`)}</ol>
    ${board.single.length > 0 && html`<details class="panel"><summary>${t("unanswered.single", { n: board.single.length })}</summary><ul class="asked">${board.single.map((one) => html`<${Question} key=${one.id} one=${one} />`)}</ul></details>`}`;
}

export function Unanswered() {
  const [board, setBoard] = useState(null);
  const load = () => get("/knowledge/unanswered").then(setBoard).catch(complain);
  useEffect(() => { load(); return listen("knowledge", load); }, []);
  useEffect(() => {
    if (!board?.behind) return undefined;
    const timer = setTimeout(load, AGAIN);
    return () => clearTimeout(timer);
  }, [board]);
  if (!board) return html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div>`;
  return html`${board.questions === 0 ? html`<p class="empty">${t("unanswered.none")}</p>` : html`<${Groups} board=${board} load=${load} />`}
    ${board.made.length > 0 && html`<${Made} items=${board.made} />`}`;
}
