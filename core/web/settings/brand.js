/* The brand: its name, languages, time zone, opening hours and closed days. */

import { html, useEffect, useState } from "core/html.js";
import { get, put } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { language, LANGUAGES, t } from "core/words.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEKDAY = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
const nameOf = (day) => WEEKDAY.format(new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(day))));
const zones = Intl.supportedValuesOf?.("timeZone") ?? [];

const written = (intervals) => (intervals ?? []).map((one) => one.join("–")).join(", ");
const read = (text) => text.split(",").map((one) => one.trim()).filter(Boolean).map((one) => one.split(/[–-]/).map((part) => part.trim()));

export function BrandSettings() {
  const [brand, setBrand] = useState(null);
  const [mistake, setMistake] = useState("");
  useEffect(() => { get("/brand").then(setBrand).catch(complain); }, []);
  if (!brand) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  const set = (name, value) => setBrand({ ...brand, [name]: value });
  const save = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const hours = form.get("always") ? null : Object.fromEntries(DAYS.map((day) => [day, read(form.get(day) ?? "")]));
    const { name, languages, default_language, timezone } = brand;
    try {
      setBrand(await put("/brand", { name, languages, default_language, timezone, hours, closed: form.get("closed").split(/[\s,]+/).filter(Boolean) }));
      setMistake("");
      toast(t("shell.saved"));
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  const turn = (code) => set("languages", brand.languages.includes(code) ? brand.languages.filter((one) => one !== code) : [...brand.languages, code]);
  return html`<form class="panel" onSubmit=${save}>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <label>${t("field.brand")}<input required maxlength="120" value=${brand.name} onInput=${(event) => set("name", event.target.value)} /></label>
    <fieldset><legend>${t("brand.languages")}</legend><div class="choice-row">${Object.entries(LANGUAGES).map(([code, name]) => html`<label class="tick"><input type="checkbox" checked=${brand.languages.includes(code)} onChange=${() => turn(code)} /><span lang=${code}>${name}</span></label>`)}</div></fieldset>
    <div class="line"><label>${t("brand.default_language")}<select onChange=${(event) => set("default_language", event.target.value)}>${brand.languages.map((code) => html`<option value=${code} selected=${code === brand.default_language}>${LANGUAGES[code]}</option>`)}</select></label>
      <label>${t("brand.timezone")}<input list="zones" value=${brand.timezone} onInput=${(event) => set("timezone", event.target.value)} /><datalist id="zones">${zones.map((zone) => html`<option value=${zone} />`)}</datalist></label></div>
    <fieldset class="week"><legend>${t("brand.hours")}</legend>
      <label class="tick"><input type="checkbox" name="always" checked=${brand.hours === null} onChange=${(event) => set("hours", event.target.checked ? null : Object.fromEntries(DAYS.map((day, index) => [day, index < 5 ? [["09:00", "18:00"]] : []])))} />${t("brand.always")}</label>
      ${brand.hours && DAYS.map((day) => html`<div key=${day}><label for=${`hours-${day}`}>${nameOf(day)}</label><input id=${`hours-${day}`} name=${day} placeholder=${t("brand.closed_day")} defaultValue=${written(brand.hours[day])} /></div>`)}
      ${brand.hours && html`<p class="soft">${t("brand.hours_hint")}</p>`}</fieldset>
    <label>${t("brand.closed")}<input name="closed" placeholder="2026-12-25, 2027-01-01" defaultValue=${brand.closed.join(", ")} /></label>
    <div><button class="primary">${t("shell.save")}</button></div></form>`;
}
