/* Who the brand is, which languages it speaks, and when people are there. */

import { html, useEffect, useState } from "core/html.js";
import { get, put } from "core/requests.js";
import { hoursOf, OFFICE_HOURS, ownZone, TimeZone, Week } from "core/settings/hours.js";
import { Languages } from "core/settings/languages.js";
import { complain, told } from "core/toasts.js";
import { t } from "core/words.js";

/** The brand as it stands, and how one saves a part of it and goes on. */
function useBrand(next) {
  const [brand, setBrand] = useState(null);
  const [mistake, setMistake] = useState("");
  useEffect(() => { get("/brand").then(setBrand).catch(complain); }, []);
  const save = async (fields) => {
    try {
      await put("/brand", fields);
      await next();
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  return { brand, change: (fields) => setBrand({ ...brand, ...fields }), mistake, save };
}

const Mistake = ({ text }) => (text ? html`<p class="mistake" role="alert">${text}</p>` : null);

export function BrandStep({ next }) {
  const { brand, change, mistake, save } = useBrand(next);
  if (!brand) return html`<div class="skeleton"></div>`;
  const submit = (event) => {
    event.preventDefault();
    const { name, languages, default_language } = brand;
    save({ name, languages, default_language });
  };
  return html`<form class="panel" onSubmit=${submit}><${Mistake} text=${mistake} />
    <label>${t("field.brand")}<input required maxlength="120" value=${brand.name} onInput=${(event) => change({ name: event.target.value })} /></label>
    <${Languages} brand=${brand} change=${change} />
    <div><button class="primary">${t("first_run.save")}</button></div></form>`;
}

export function HoursStep({ next }) {
  const { brand, change, mistake, save } = useBrand(next);
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    if (!brand || touched) return;
    setTouched(true);
    if (brand.hours === null && brand.timezone === "UTC") change({ hours: OFFICE_HOURS, timezone: ownZone });
  }, [brand]);
  if (!brand || !touched) return html`<div class="skeleton"></div>`;
  const submit = (event) => {
    event.preventDefault();
    save({ timezone: brand.timezone, hours: hoursOf(new FormData(event.target)) });
  };
  return html`<form class="panel" onSubmit=${submit}><${Mistake} text=${mistake} />
    <${TimeZone} value=${brand.timezone} onInput=${(timezone) => change({ timezone })} />
    <${Week} hours=${brand.hours} onTurn=${(hours) => change({ hours })} />
    <div><button class="primary">${t("first_run.save")}</button></div></form>`;
}
