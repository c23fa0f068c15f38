/* Which languages the bot speaks, and which is the main one. */

import { html } from "core/html.js";
import { LANGUAGES, t } from "core/words.js";

/** `brand` has `languages` and `default_language`; `change(fields)` is told what is different. */
export function Languages({ brand, change }) {
  const turn = (code) => {
    const languages = brand.languages.includes(code) ? brand.languages.filter((one) => one !== code) : [...brand.languages, code];
    change({ languages, default_language: languages.includes(brand.default_language) ? brand.default_language : languages[0] ?? code });
  };
  return html`<fieldset><legend>${t("brand.languages")}</legend><div class="choice-row">${Object.entries(LANGUAGES).map(([code, name]) => html`<label class="tick"><input type="checkbox" checked=${brand.languages.includes(code)} onChange=${() => turn(code)} /><span lang=${code}>${name}</span></label>`)}</div></fieldset>
    <label>${t("brand.default_language")}<select onChange=${(event) => change({ default_language: event.target.value })}>${brand.languages.map((code) => html`<option value=${code} selected=${code === brand.default_language}>${LANGUAGES[code]}</option>`)}</select></label>`;
}
