/* A week of opening hours as fields of a form: several spans a day, divided by commas. */

import { html } from "core/html.js";
import { language, t } from "core/words.js";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEKDAY = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
export const dayOfWeek = (day) => WEEKDAY.format(new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(day))));
const zones = Intl.supportedValuesOf?.("timeZone") ?? [];

/** What a new brand most likely means. */
export const OFFICE_HOURS = Object.fromEntries(DAYS.map((day, index) => [day, index < 5 ? [["09:00", "18:00"]] : []]));
/** The reader's own zone, where his browser tells it. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";

const written = (intervals) => (intervals ?? []).map((one) => one.join("–")).join(", ");
const read = (text) => text.split(",").map((one) => one.trim()).filter(Boolean).map((one) => one.split(/[–-]/).map((part) => part.trim()));

/** The hours that stand in a form's fields; null: around the clock. */
export function hoursOf(form) {
  return form.get("always") ? null : Object.fromEntries(DAYS.map((day) => [day, read(form.get(day) ?? "")]));
}

export function TimeZone({ value, onInput }) {
  return html`<label>${t("brand.timezone")}<input list="zones" required value=${value} onInput=${(event) => onInput(event.target.value)} /><datalist id="zones">${zones.map((zone) => html`<option value=${zone} />`)}</datalist></label>`;
}

/** `onTurn(hours)` is told when "around the clock" is switched. */
export function Week({ hours, onTurn }) {
  return html`<fieldset class="week"><legend>${t("brand.hours")}</legend>
    <label class="tick"><input type="checkbox" name="always" checked=${hours === null} onChange=${(event) => onTurn(event.target.checked ? null : OFFICE_HOURS)} />${t("brand.always")}</label>
    ${hours && DAYS.map((day) => html`<div key=${day}><label for=${`hours-${day}`}>${dayOfWeek(day)}</label><input id=${`hours-${day}`} name=${day} placeholder=${t("brand.closed_day")} defaultValue=${written(hours[day])} /></div>`)}
    ${hours && html`<p class="soft">${t("brand.hours_hint")}</p>`}</fieldset>`;
}
