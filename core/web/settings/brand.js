/* The brand: its name, languages, time zone, opening hours and closed days. */

import { html, useEffect, useState } from "core/html.js";
import { get, put } from "core/requests.js";
import { Holidays } from "core/settings/holidays.js";
import { hoursOf, TimeZone, Week } from "core/settings/hours.js";
import { Languages } from "core/settings/languages.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

export function BrandSettings() {
  const [brand, setBrand] = useState(null);
  const [mistake, setMistake] = useState("");
  useEffect(() => { get("/brand").then(setBrand).catch(complain); }, []);
  if (!brand) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  const change = (fields) => setBrand({ ...brand, ...fields });
  const save = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const { name, languages, default_language, timezone } = brand;
    try {
      setBrand(await put("/brand", { name, languages, default_language, timezone, hours: hoursOf(form), holidays: brand.holidays, closed: form.get("closed").split(/[\s,]+/).filter(Boolean) }));
      setMistake("");
      toast(t("shell.saved"));
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  return html`<form class="panel" onSubmit=${save}>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <label>${t("field.brand")}<input required maxlength="120" value=${brand.name} onInput=${(event) => change({ name: event.target.value })} /></label>
    <${Languages} brand=${brand} change=${change} />
    <${TimeZone} value=${brand.timezone} onInput=${(timezone) => change({ timezone })} />
    <${Week} hours=${brand.hours} onTurn=${(hours) => change({ hours })} />
    <${Holidays} value=${brand.holidays} onInput=${(holidays) => change({ holidays })} />
    <label>${t("brand.closed")}<input name="closed" placeholder="2026-12-25, 2027-01-01" defaultValue=${brand.closed.join(", ")} /></label>
    <div><button class="primary">${t("shell.save")}</button></div></form>`;
}
