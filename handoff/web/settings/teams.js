/* Teams: who belongs to them, what they serve, when they are there, and how soon they answer. */

import { html, useEffect, useState } from "core/html.js";
import { listen } from "core/live.js";
import { get, post, put, remove } from "core/requests.js";
import { may } from "core/session.js";
import { Holidays } from "core/settings/holidays.js";
import { hoursOf, OFFICE_HOURS, TimeZone, Week } from "core/settings/hours.js";
import { complain, toast, told } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";
import { Level, levelOf } from "handoff/settings/level.js";

const NEW = { name: "", languages: [], channels: [], members: [], hours: null, level: null, silent_minutes: 10, problem: null };
const turned = (list, one) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);

function Ticks({ title, hint, options, chosen, onTurn }) {
  return html`<fieldset><legend>${title}</legend>${hint && html`<p class="soft">${hint}</p>`}
    <div class="choice-row">${options.map(([value, text]) => html`<label class="tick" key=${value}><input type="checkbox" checked=${chosen.includes(value)} onChange=${() => onTurn(value)} /><span>${text}</span></label>`)}</div></fieldset>`;
}

function TeamForm({ team, agents, channels, brand, reload }) {
  const [draft, setDraft] = useState(team);
  const [mistake, setMistake] = useState("");
  const change = (fields) => setDraft({ ...draft, ...fields });
  const save = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const { id, problem, ...fields } = draft;
    const hours = draft.hours && { ...draft.hours, hours: hoursOf(form) ?? Object.fromEntries(Object.keys(OFFICE_HOURS).map((day) => [day, [["00:00", "24:00"]]])), closed: form.get("closed").split(/[\s,]+/).filter(Boolean) };
    const body = { ...fields, hours, level: draft.level && levelOf(form), silent_minutes: Number(form.get("silent")) || null };
    try {
      await (id ? put(`/teams/${id}`, body) : post("/teams", body));
      setMistake("");
      toast(t("shell.saved"));
      if (!id) { setDraft(NEW); event.target.reset(); }
      reload();
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  const erase = async () => {
    if (!confirm(t("team.sure"))) return;
    try { await remove(`/teams/${team.id}`); reload(); } catch (refusal) { complain(refusal); }
  };
  return html`<form class=${team.id ? "stack" : "panel"} onSubmit=${save}>${!team.id && html`<h2>${t("team.new")}</h2>`}${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <fieldset class="stack" disabled=${!may("edit_brand")}>
      <label>${t("team.name")}<input required maxlength="64" value=${draft.name} onInput=${(event) => change({ name: event.target.value })} /></label>
      <${Ticks} title=${t("team.members")} options=${agents.map((one) => [one.id, `${one.name} · ${t(`presence.${one.now}`)}`])} chosen=${draft.members} onTurn=${(one) => change({ members: turned(draft.members, one) })} />
      <${Ticks} title=${t("team.languages")} hint=${t("team.none_means_all")} options=${Object.entries(LANGUAGES)} chosen=${draft.languages} onTurn=${(one) => change({ languages: turned(draft.languages, one) })} />
      <${Ticks} title=${t("team.channels")} hint=${t("team.none_means_all")} options=${channels.map((one) => [one.name, one.title])} chosen=${draft.channels} onTurn=${(one) => change({ channels: turned(draft.channels, one) })} />
      <label class="tick"><input type="checkbox" checked=${draft.hours !== null} onChange=${(event) => change({ hours: event.target.checked ? { hours: brand.hours ?? OFFICE_HOURS, closed: brand.closed, timezone: brand.timezone, holidays: brand.holidays } : null })} />${t("team.own_hours")}</label>
      ${draft.hours && html`<${TimeZone} value=${draft.hours.timezone ?? brand.timezone} onInput=${(timezone) => change({ hours: { ...draft.hours, timezone } })} />
        <${Week} hours=${draft.hours.hours} onTurn=${(hours) => change({ hours: { ...draft.hours, hours } })} />
        <${Holidays} value=${draft.hours.holidays} onInput=${(holidays) => change({ hours: { ...draft.hours, holidays } })} />
        <label>${t("brand.closed")}<input name="closed" placeholder="2026-12-25, 2027-01-01" defaultValue=${(draft.hours.closed ?? []).join(", ")} /></label>`}
      <label class="tick"><input type="checkbox" checked=${draft.level !== null} onChange=${(event) => change({ level: event.target.checked ? { first_response_minutes: 30, reply_minutes: null, resolution_minutes: null, warn_share: 0.75 } : null })} />${t("team.own_level")}</label>
      ${draft.level && html`<${Level} level=${draft.level} />`}
      <label>${t("team.silent")}<input class="short" name="silent" type="number" min="1" max="10080" defaultValue=${draft.silent_minutes ?? ""} /></label>
    </fieldset>
    ${may("edit_brand") && html`<div class="chips"><button class="primary">${t("shell.save")}</button>${team.id && html`<button type="button" class="quiet danger" onClick=${erase}>${t("shell.delete")}</button>`}</div>`}</form>`;
}

function Capacity({ agent }) {
  const save = async (event) => { try { await put(`/availability/${agent.id}`, { capacity: Number(event.target.value) }); toast(t("shell.saved")); } catch (refusal) { complain(refusal); } };
  return html`<tr><th scope="row">${agent.name}</th><td><span class=${`chip presence-${agent.now}`}>${t(`presence.${agent.now}`)}</span></td>
    <td class="number"><input class="short" type="number" min="0" max="200" aria-label=${`${t("team.capacity")}: ${agent.name}`} disabled=${!may("edit_brand")} defaultValue=${agent.capacity} onChange=${save} /></td></tr>`;
}

export function Teams() {
  const [found, setFound] = useState(null);
  const [open, setOpen] = useState(null);
  const load = () => Promise.all([get("/teams"), get("/availability"), get("/channels"), get("/brand")])
    .then(([teams, agents, channels, brand]) => setFound({ teams: teams.items, agents: agents.items, channels: channels.items, brand })).catch(complain);
  useEffect(() => { load(); return listen("agents", () => get("/availability").then((agents) => setFound((before) => before && { ...before, agents: agents.items })).catch(() => {})); }, []);
  if (!found) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  const { teams, ...more } = found;
  return html`<p class="soft">${t("team.explain")}</p>
    ${teams.map((team) => html`<section class="panel" key=${team.id}><div class="page-head"><h2>${team.name}</h2>
        <button aria-expanded=${open === team.id} onClick=${() => setOpen(open === team.id ? null : team.id)}>${t(open === team.id ? "shell.close" : "team.change")}</button></div>
      ${team.problem && html`<p class="mistake">${t("team.nobody")}</p>`}
      <p class="chips">${found.agents.filter((one) => team.members.includes(one.id)).map((one) => html`<span class=${`chip presence-${one.now}`}>${one.name}</span>`)}
        ${team.languages.map((one) => html`<span class="chip">${LANGUAGES[one]}</span>`)}${team.channels.map((one) => html`<span class="chip">${found.channels.find((other) => other.name === one)?.title ?? one}</span>`)}</p>
      ${open === team.id && html`<${TeamForm} team=${team} ...${more} reload=${() => { setOpen(null); load(); }} />`}</section>`)}
    ${may("edit_brand") && open === null && html`<${TeamForm} key=${`new-${teams.length}`} team=${NEW} ...${more} reload=${load} />`}
    <section class="panel flush" tabindex="0" role="region" aria-label=${t("team.capacities")}><table><caption>${t("team.capacities")}</caption>
      <thead><tr><th>${t("author.agent")}</th><th>${t("presence.title")}</th><th class="number">${t("team.capacity")}</th></tr></thead>
      <tbody>${found.agents.map((one) => html`<${Capacity} key=${one.id} agent=${one} />`)}</tbody></table></section>`;
}
