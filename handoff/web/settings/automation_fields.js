/* The fields of an automation's trigger and of one of its actions. */

import { html } from "core/html.js";
import { Icon } from "core/icons.js";
import { LANGUAGES, t } from "core/words.js";

export const NEW_TRIGGER = {
  new_case: { kind: "new_case" },
  silent_assignee: { kind: "silent_assignee", minutes: 15 },
  closing_window: { kind: "closing_window", minutes: 60 },
  keyword: { kind: "keyword", words: [] },
  rating: { kind: "rating", at_most: 2 },
};
export const NEW_ACTION = {
  assign: { kind: "assign", team_id: null },
  priority: { kind: "priority", priority: 2 },
  tag: { kind: "tag", tag: "" },
  note: { kind: "note", text: "" },
  canned: { kind: "canned", reply_id: null },
  webhook: { kind: "webhook", webhook_id: null },
  resolve: { kind: "resolve" },
};

function Choice({ name, value, options, onInput, required = false }) {
  return html`<label>${name}<select required=${required} onChange=${(event) => onInput(event.target.value)}>${options.map(([code, text]) => html`<option value=${code} selected=${String(code) === String(value ?? "")}>${text}</option>`)}</select></label>`;
}

const wholeNumber = (name, value, onInput, most) => html`<label>${name}<input type="number" required min="1" max=${most} value=${value} onInput=${(event) => onInput(Number(event.target.value))} /></label>`;
const kinds = (all, prefix) => Object.keys(all).map((kind) => [kind, t(`${prefix}.${kind}`)]);

export function TriggerFields({ trigger, choices, change }) {
  const set = (fields) => change({ ...trigger, ...fields });
  const any = ["", t("filter.any")];
  return html`<div class="line"><${Choice} name=${t("automation.when")} value=${trigger.kind} options=${kinds(NEW_TRIGGER, "trigger")} onInput=${(kind) => change(NEW_TRIGGER[kind])} />
      ${"minutes" in trigger && wholeNumber(t("automation.minutes"), trigger.minutes, (minutes) => set({ minutes }), 43_200)}
      ${trigger.kind === "rating" && wholeNumber(t("automation.at_most"), trigger.at_most, (most) => set({ at_most: most }), 5)}</div>
    ${trigger.kind === "keyword" && html`<label>${t("automation.words")}<input required value=${trigger.words.join(", ")} onChange=${(event) => set({ words: event.target.value.split(",").map((word) => word.trim()).filter(Boolean) })} /></label>`}
    <div class="line"><${Choice} name=${t("filter.channel")} value=${trigger.channels?.[0]} options=${[any, ...choices.channels.map((one) => [one.name, one.title])]} onInput=${(one) => set({ channels: one ? [one] : [] })} />
      <${Choice} name=${t("filter.language")} value=${trigger.languages?.[0]} options=${[any, ...Object.entries(LANGUAGES)]} onInput=${(one) => set({ languages: one ? [one] : [] })} />
      <${Choice} name=${t("filter.priority")} value=${trigger.least_priority || ""} options=${[any, ["1", t("priority.1")], ["2", t("priority.2")]]} onInput=${(one) => set({ least_priority: Number(one) })} /></div>`;
}

function Assignee({ action, choices, change }) {
  const value = action.team_id ? `team-${action.team_id}` : action.user_id ? `user-${action.user_id}` : "";
  const options = [["", "—"], ...choices.teams.map((one) => [`team-${one.id}`, `${t("team.to_team")}: ${one.name}`]), ...choices.agents.map((one) => [`user-${one.id}`, one.name])];
  const take = (text) => { const [kind, id] = text.split("-"); change(kind === "team" ? { kind: "assign", team_id: Number(id) } : { kind: "assign", user_id: Number(id) || null }); };
  return html`<${Choice} required name=${t("automation.to_whom")} value=${value} options=${options} onInput=${take} />`;
}

const pick = (name, list, field, action, change, text) => html`<${Choice} required name=${name} value=${action[field]} options=${[["", "—"], ...list.map((one) => [one.id, text(one)])]} onInput=${(id) => change({ ...action, [field]: Number(id) || null })} />`;

export function ActionFields({ action, choices, change, drop }) {
  const typed = (field) => (event) => change({ ...action, [field]: event.target.value });
  return html`<div class="line action"><${Choice} name=${t("automation.do")} value=${action.kind} options=${kinds(NEW_ACTION, "act")} onInput=${(kind) => change(NEW_ACTION[kind])} />
    ${action.kind === "assign" && html`<${Assignee} action=${action} choices=${choices} change=${change} />`}
    ${action.kind === "priority" && html`<${Choice} name=${t("filter.priority")} value=${action.priority} options=${[["0", t("automation.normal")], ["1", t("priority.1")], ["2", t("priority.2")]]} onInput=${(one) => change({ ...action, priority: Number(one) })} />`}
    ${action.kind === "tag" && html`<label>${t("filter.tag")}<input required maxlength="40" value=${action.tag} onInput=${typed("tag")} /></label>`}
    ${action.kind === "note" && html`<label>${t("composer.note")}<input required maxlength="2000" value=${action.text} onInput=${typed("text")} /></label>`}
    ${action.kind === "canned" && pick(t("act.canned"), choices.canned, "reply_id", action, change, (one) => `/${one.shortcut}`)}
    ${action.kind === "webhook" && pick(t("act.webhook"), choices.webhooks, "webhook_id", action, change, (one) => one.name)}
    ${drop && html`<button type="button" class="quiet icon-only" aria-label=${t("automation.drop")} onClick=${drop}><${Icon} name="close" /></button>`}</div>`;
}
