/* Which country's public holidays are closed days, and what its calendar says of the months to come. */

import { html, useEffect, useState } from "core/html.js";
import { get } from "core/requests.js";
import { language, t } from "core/words.js";

const NAMES = new Intl.DisplayNames(language, { type: "region" });
const DAY = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", weekday: "short", timeZone: "UTC" });
const SHOWN = 4;
let asked = null;
const countries = () => (asked ??= get("/hours/countries").then((found) => found.items).catch(() => { asked = null; return []; }));

const nameOf = (code) => { try { return NAMES.of(code); } catch { return code; } };

async function nextHolidays(code) {
  const year = new Date().getFullYear();
  const today = new Date().toISOString().slice(0, 10);
  const found = await Promise.all([year, year + 1].map((one) => get(`/hours/holidays?country=${encodeURIComponent(code)}&year=${one}`)));
  return found.flatMap((one) => one.items).filter((one) => one.day >= today).slice(0, SHOWN);
}

/** `value`: `UA`, `MY-10` or null. */
export function Holidays({ value, onInput }) {
  const [known, setKnown] = useState([]);
  const [coming, setComing] = useState([]);
  const [country, region] = (value ?? "").split("-");
  useEffect(() => { countries().then((found) => setKnown([...found].sort((left, right) => nameOf(left.code).localeCompare(nameOf(right.code), language)))); }, []);
  useEffect(() => {
    setComing([]);
    if (value) nextHolidays(value).then(setComing).catch(() => {});
  }, [value]);
  const regions = known.find((one) => one.code === country)?.regions ?? [];
  return html`<div class="line"><label>${t("hours.holidays")}<select onChange=${(event) => onInput(event.target.value || null)}>
      <option value="" selected=${!value}>${t("hours.no_holidays")}</option>
      ${known.map((one) => html`<option value=${one.code} selected=${one.code === country}>${nameOf(one.code)}</option>`)}</select></label>
    ${regions.length > 0 && html`<label>${t("hours.region")}<select onChange=${(event) => onInput(event.target.value ? `${country}-${event.target.value}` : country)}>
      <option value="" selected=${!region}>${t("hours.whole_country")}</option>
      ${regions.map((one) => html`<option value=${one} selected=${one === region}>${one}</option>`)}</select></label>`}</div>
    ${coming.length > 0 && html`<p class="soft">${t("hours.next")}: ${coming.map((one) => `${DAY.format(new Date(`${one.day}T00:00:00Z`))} ${one.name}`).join(" · ")}</p>`}`;
}
