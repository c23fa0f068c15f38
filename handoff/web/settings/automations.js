/* Automations: when something happens, then do something; tried on the past before they are switched on. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { get, post, put, remove } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";
import { ActionFields, NEW_ACTION, NEW_TRIGGER, TriggerFields } from "handoff/settings/automation_fields.js";

const DAYS = 30;
const NEW = { name: "", rule: { trigger: NEW_TRIGGER.new_case, actions: [NEW_ACTION.tag] } };

function Found({ found }) {
  return html`<div role="status"><p><strong>${t("automation.would", { n: found.count, days: DAYS })}</strong></p>
    <ul class="plain">${found.items.map((one) => html`<li><a href=${`/conversations/${one.conversation_id}`} data-screen>${one.contact || t("inbox.nameless")}</a> <span class="soft">${fullTime(one.at)}</span></li>`)}</ul></div>`;
}

function Runs({ id }) {
  const [runs, setRuns] = useState(null);
  useEffect(() => { get(`/automations/${id}/runs`).then((found) => setRuns(found.items)).catch(complain); }, [id]);
  return runs && html`<h3>${t("automation.runs")}</h3>${runs.length === 0 ? html`<p class="soft">${t("automation.no_runs")}</p>` : html`<ul class="plain">${runs.map((run) => html`<li><a href=${`/conversations/${run.conversation_id}`} data-screen>${fullTime(run.at)}</a> <span class="soft">${run.outcome}</span></li>`)}</ul>`}`;
}

function Editor({ automation, choices, reload }) {
  const [draft, setDraft] = useState(automation);
  const [found, setFound] = useState(null);
  const [mistake, setMistake] = useState("");
  const rule = (fields) => { setFound(null); setDraft({ ...draft, rule: { ...draft.rule, ...fields } }); };
  const guard = (work) => async () => { try { await work(); setMistake(""); } catch (refusal) { setMistake(refusal.message || told(refusal)); } };
  const attempt = guard(async () => setFound(await post(`/automations/try?days=${DAYS}`, draft.rule)));
  const save = guard(async () => {
    const body = { name: draft.name, rule: draft.rule };
    await (draft.id ? put(`/automations/${draft.id}`, body) : post("/automations", body));
    toast(t("shell.saved"));
    if (!draft.id) { setDraft(NEW); setFound(null); }
    reload();
  });
  const erase = guard(async () => { if (confirm(t("automation.sure"))) { await remove(`/automations/${draft.id}`); reload(); } });
  const { trigger, actions } = draft.rule;
  const change = (place, action) => rule({ actions: actions.map((one, index) => (index === place ? action : one)) });
  return html`<form class=${draft.id ? "stack" : "panel"} onSubmit=${(event) => { event.preventDefault(); save(); }}>${!draft.id && html`<h2>${t("automation.new")}</h2>`}${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <label>${t("automation.name")}<input required maxlength="120" value=${draft.name} onInput=${(event) => setDraft({ ...draft, name: event.target.value })} /></label>
    <fieldset class="stack"><legend>${t("automation.when")}</legend><${TriggerFields} trigger=${trigger} choices=${choices} change=${(next) => rule({ trigger: next })} /></fieldset>
    <fieldset class="stack"><legend>${t("automation.then")}</legend>
      ${actions.map((action, index) => html`<${ActionFields} key=${`${index}-${action.kind}`} action=${action} choices=${choices} change=${(next) => change(index, next)} drop=${actions.length > 1 ? () => rule({ actions: actions.filter((_, place) => place !== index) }) : null} />`)}
      <div><button type="button" class="quiet" disabled=${actions.length >= 10} onClick=${() => rule({ actions: [...actions, NEW_ACTION.tag] })}>${t("automation.more")}</button></div></fieldset>
    <div class="chips"><button type="button" onClick=${attempt}>${t("automation.try")}</button><button class="primary">${t("shell.save")}</button>
      ${draft.id && html`<button type="button" class="quiet danger" onClick=${erase}>${t("shell.delete")}</button>`}</div>
    ${found && html`<${Found} found=${found} />`}${draft.id && html`<${Runs} id=${draft.id} />`}</form>`;
}

async function loadChoices() {
  const lists = await Promise.all(["/teams", "/agents", "/canned-replies", "/channels", "/webhooks"].map((path) => get(path).then((found) => found.items)));
  const [teams, agents, canned, channels, webhooks] = lists;
  return { teams, agents, canned, channels, webhooks };
}

export function Automations() {
  const [items, setItems] = useState(null);
  const [choices, setChoices] = useState(null);
  const [open, setOpen] = useState(null);
  const load = () => get("/automations").then((found) => setItems(found.items)).catch(complain);
  useEffect(() => { load(); loadChoices().then(setChoices).catch(complain); }, []);
  if (!items || !choices) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  const turn = async (one) => { try { await post(`/automations/${one.id}/switch`, { active: !one.active }); load(); } catch (refusal) { complain(refusal); } };
  return html`<p class="soft">${t("automation.explain")}</p>
    ${items.map((one) => html`<section class="panel" key=${one.id}><div class="page-head"><h2>${one.name}</h2>
      <span class="chips"><label class="tick"><input type="checkbox" checked=${one.active} onChange=${() => turn(one)} />${t("automation.on")}</label>
        <button aria-expanded=${open === one.id} onClick=${() => setOpen(open === one.id ? null : one.id)}>${t(open === one.id ? "shell.close" : "team.change")}</button></span></div>
      <p class="soft">${t(`trigger.${one.rule.trigger.kind}`)} → ${one.rule.actions.map((action) => t(`act.${action.kind}`)).join(", ")}</p>
      ${open === one.id && html`<${Editor} automation=${one} choices=${choices} reload=${() => { setOpen(null); load(); }} />`}</section>`)}
    ${open === null && html`<${Editor} key=${`new-${items.length}`} automation=${NEW} choices=${choices} reload=${load} />`}`;
}
