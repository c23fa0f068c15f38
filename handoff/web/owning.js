/* Who owns a conversation: the actions, what each needs, and kind words when somebody else was quicker. */

import { html, useEffect, useState } from "core/html.js";
import { Dialog, hide, show } from "core/dialogs.js";
import { get, post, put } from "core/requests.js";
import { go } from "core/router.js";
import { may, me } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { t } from "core/words.js";
import { fullTime } from "core/dates.js";
import { conversationOf, learn, neighbour, openId, place } from "handoff/inbox_state.js";
import { change, readThread } from "handoff/thread_state.js";

const OWNED = ["open", "snoozed"];
const busy = new Set();

export const isMine = (one) => OWNED.includes(one.status) && one.assignee?.id === me.value.id;
export const isTheirs = (one) => OWNED.includes(one.status) && one.assignee !== null && one.assignee.id !== me.value.id;
export const customerName = (one) => one.contact.name || one.contact.handle || t("inbox.nameless");

/** What can be done with it now, the likeliest first. */
export function actionsFor(one) {
  const reach = !isTheirs(one) || may("take_over");
  return [
    one.status === "resolved" && { name: "reopen", icon: "claim", keys: "KeyA", run: () => act(one, "claim") },
    !isMine(one) && !isTheirs(one) && one.status !== "resolved" && { name: "claim", icon: "claim", keys: "KeyA", run: () => act(one, "claim") },
    isTheirs(one) && may("take_over") && { name: "take_over", icon: "claim", keys: "KeyA", run: () => act(one, "claim", { force: true }) },
    one.status !== "resolved" && reach && { name: "resolve", icon: "done", keys: "KeyE", run: () => resolve(one) },
    isMine(one) && { name: "snooze", icon: "clock", keys: "KeyS", run: () => show(() => html`<${Snooze} one=${one} />`) },
    one.status !== "bot" && reach && { name: "handback", icon: "bot", keys: "KeyB", run: () => act(one, "handback") },
    reach && { name: "transfer", icon: "people", keys: "KeyT", run: () => show(() => html`<${Transfer} one=${one} />`) },
    OWNED.includes(one.status) && reach && { name: "release", icon: "out", run: () => act(one, "release") },
  ].filter(Boolean);
}

/** Does it and shows what came of it. A version that is no longer true is told kindly, and the truth is read. */
export async function act(one, action, more = {}) {
  if (busy.has(one.id)) return false;
  busy.add(one.id);
  try {
    const fresh = await post(`/conversations/${one.id}/${action}`, { version: conversationOf(one.id).peek()?.version ?? one.version, ...more });
    place(fresh);
    change(one.id, () => ({ conversation: fresh }));
    readThread(one.id).catch(() => {});
    return true;
  } catch (refusal) {
    if (refusal.status === 409 || refusal.status === 403) await tellWho(one);
    else complain(refusal);
    return false;
  } finally {
    busy.delete(one.id);
  }
}

async function tellWho(one) {
  const fresh = await get(`/conversations/${one.id}`).catch(() => null);
  if (!fresh) { toast(t("owning.changed")); return; }
  place(fresh);
  change(one.id, () => ({ conversation: fresh }));
  readThread(one.id).catch(() => {});
  toast(isTheirs(fresh) ? t("owning.theirs", { name: fresh.assignee.name }) : t("owning.changed"));
}

async function resolve(one) {
  const following = neighbour(1) ?? neighbour(-1);
  if (!(await act(one, "resolve"))) return;
  toast(t("owning.resolved", { name: customerName(one) }), { action: { label: t("action.reopen"), run: () => { go(`/conversations/${one.id}`); act(conversationOf(one.id).peek(), "claim"); } } });
  if (openId.value === one.id) go(following === undefined ? "/" : `/conversations/${following}`, { replace: true });
}

function snoozeTimes() {
  const at = (days, hour) => { const day = new Date(); day.setDate(day.getDate() + days); day.setHours(hour, 0, 0, 0); return day; };
  const monday = (8 - new Date().getDay()) % 7 || 7;
  return [
    ["snooze.hour", new Date(Date.now() + 3_600_000)],
    ["snooze.three_hours", new Date(Date.now() + 3 * 3_600_000)],
    ["snooze.tomorrow", at(1, 9)],
    ["snooze.monday", at(monday, 9)],
  ];
}

function Snooze({ one }) {
  const [until, setUntil] = useState("");
  const run = (when) => { hide(); act(one, "snooze", { until: when.toISOString() }); };
  return html`<${Dialog} title=${t("action.snooze")}>
    <div class="choices">${snoozeTimes().map(([key, when], index) => html`<button data-first=${index === 0 ? "" : null} onClick=${() => run(when)}><span>${t(key)}</span><span class="soft">${fullTime(when)}</span></button>`)}</div>
    <form class="line" onSubmit=${(event) => { event.preventDefault(); if (until) run(new Date(until)); }}>
      <label>${t("snooze.until")} <input type="datetime-local" required value=${until} onInput=${(event) => setUntil(event.target.value)} /></label>
      <button class="primary">${t("action.snooze")}</button>
    </form>
  </${Dialog}>`;
}

function Transfer({ one }) {
  const [agents, setAgents] = useState(null);
  const [teams, setTeams] = useState([]);
  useEffect(() => {
    get("/agents").then((found) => setAgents(found.items)).catch((refusal) => { hide(); complain(refusal); });
    get("/teams").then((found) => setTeams(found.items.filter((team) => !team.problem))).catch(() => {});
  }, []);
  const others = (agents ?? []).filter((agent) => agent.id !== one.assignee?.id);
  return html`<${Dialog} title=${t("action.transfer")}>
    ${teams.length > 0 && html`<h3>${t("team.to_team")}</h3><div class="choices">${teams.map((team) => html`<button onClick=${() => { hide(); act(one, "transfer", { team_id: team.id }); }}><span>${team.name}</span></button>`)}</div>
      <h3>${t("team.to_agent")}</h3>`}
    <div class="choices">${others.map((agent) => html`<button onClick=${() => { hide(); act(one, "transfer", { user_id: agent.id }); }}>
      <span>${agent.name}${agent.id === me.value.id ? ` (${t("owning.you")})` : ""}</span></button>`)}
      ${agents !== null && others.length === 0 && html`<p class="soft">${t("owning.nobody_else")}</p>`}</div>
  </${Dialog}>`;
}

export function Tags({ one }) {
  const [text, setText] = useState((one.tags ?? []).join(", "));
  return html`<${Dialog} title=${t("action.tag")}>
    <form class="stack" onSubmit=${(event) => { event.preventDefault(); hide(); saveTags(one, text); }}>
      <label>${t("tags.explain")}<input data-first value=${text} onInput=${(event) => setText(event.target.value)} /></label>
      <button class="primary">${t("shell.save")}</button>
    </form>
  </${Dialog}>`;
}

async function saveTags(one, text) {
  try {
    const fresh = await put(`/conversations/${one.id}/tags`, { tags: text.split(",").map((tag) => tag.trim()).filter(Boolean) });
    learn([fresh]);
    change(one.id, () => ({ conversation: fresh }));
  } catch (refusal) {
    complain(refusal);
  }
}

export const editTags = (one) => show(() => html`<${Tags} one=${one} />`);
