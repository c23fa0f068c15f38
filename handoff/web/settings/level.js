/* The fields of a service level: targets in minutes of opening hours, and when to warn. */

import { html } from "core/html.js";
import { t } from "core/words.js";

const TARGETS = ["first_response_minutes", "reply_minutes", "resolution_minutes"];
const LONGEST = 43_200;

/** What stands in a form's fields. */
export const levelOf = (form) => ({
  ...Object.fromEntries(TARGETS.map((name) => [name, Number(form.get(name)) || null])),
  warn_share: Number(form.get("warn_share")) / 100,
});

export function Level({ level }) {
  return html`<fieldset><legend>${t("level.title")}</legend><p class="soft">${t("level.hint")}</p><div class="line">
    ${TARGETS.map((name) => html`<label key=${name}>${t(`level.${name}`)}<input name=${name} type="number" min="1" max=${LONGEST} defaultValue=${level[name] ?? ""} /></label>`)}
    <label>${t("level.warn")}<input name="warn_share" type="number" required min="10" max="100" defaultValue=${Math.round(level.warn_share * 100)} /></label></div></fieldset>`;
}
