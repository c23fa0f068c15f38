/* What holds for all teams: service level, presence, the promise, ratings. */

import { html, useEffect, useState } from "core/html.js";
import { get, put } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";
import { Level, levelOf } from "handoff/settings/level.js";

const SWITCHES = ["promise", "ask_helpful", "ask_rating"];

export function DeskRules() {
  const [rules, setRules] = useState(null);
  const [mistake, setMistake] = useState("");
  useEffect(() => { get("/desk-rules").then(setRules).catch(complain); }, []);
  if (!rules) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  const save = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const switches = Object.fromEntries(SWITCHES.map((name) => [name, form.get(name) !== null]));
    const minutes = { away_minutes: Number(form.get("away_minutes")), offline_minutes: Number(form.get("offline_minutes")) };
    try {
      setRules(await put("/desk-rules", { level: levelOf(form), ...minutes, ...switches }));
      setMistake("");
      toast(t("shell.saved"));
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  return html`<form class="panel" onSubmit=${save}>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <${Level} level=${rules.level} />
    <fieldset><legend>${t("presence.title")}</legend><div class="line">
      ${["away_minutes", "offline_minutes"].map((name) => html`<label key=${name}>${t(`rules.${name}`)}<input name=${name} type="number" required min="1" max="43200" defaultValue=${rules[name]} /></label>`)}</div></fieldset>
    <fieldset class="stack"><legend>${t("rules.to_customers")}</legend>
      ${SWITCHES.map((name) => html`<label class="tick" key=${name}><input type="checkbox" name=${name} defaultChecked=${rules[name]} /><span>${t(`rules.${name}`)}<span class="soft field-hint">${t(`rules_hint.${name}`)}</span></span></label>`)}</fieldset>
    <div><button class="primary">${t("shell.save")}</button></div></form>`;
}
