/* Two editors changed one entry: what the other one did, what both did, and one entry of it. */

import { html, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { t } from "core/words.js";
import { fieldName, Differences, Marked } from "knowledge_base/difference_view.js";
import { merge, settle } from "knowledge_base/differences.js";

function Clash({ clash, mine, onChoose }) {
  const name = `clash-${clash.key}`;
  const choice = (isMine, label, text) => html`<label class="clash-choice"><span class="tick-line"><input type="radio" name=${name} checked=${mine === isMine} onChange=${() => onChoose(isMine)} /><strong>${label}</strong></span>
    <${Marked} before=${clash.was} after=${text} language=${clash.language} /></label>`;
  return html`<fieldset><legend>${fieldName(clash)}</legend><div class="clash-sides">${choice(true, t("merging.mine"), clash.my)}${choice(false, t("merging.theirs"), clash.their)}</div></fieldset>`;
}

/**
 * `base`: what was opened; `mine`: what I wrote; `theirs`: what is stored now; `by`: its latest version, if known.
 * `onMerged(content)` gets both in one, `onTheirs()` drops mine.
 */
export function Merging({ base, mine, theirs, by, onMerged, onTheirs }) {
  const [chosen, setChosen] = useState({});
  const { merged, clashes } = merge(base, mine, theirs);
  const isMine = (clash) => chosen[clash.key] ?? true;
  const take = () => onMerged(clashes.filter(isMine).reduce(settle, merged));
  return html`<section class="panel merging" role="alert" aria-label=${t("merging.title")}>
    <h2>${t("merging.title")}</h2>
    <p>${by ? t("merging.who", { name: by.user ?? t("history.nobody"), at: fullTime(by.at) }) : t("knowledge.changed")} ${t("merging.nothing_lost")}</p>
    <h3>${t("merging.their_changes")}</h3><${Differences} before=${base} after=${theirs} />
    ${clashes.length > 0 && html`<h3>${t("merging.clashes")}</h3>${clashes.map((clash) => html`<${Clash} key=${clash.key} clash=${clash} mine=${isMine(clash)} onChoose=${(one) => setChosen({ ...chosen, [clash.key]: one })} />`)}`}
    <div class="line wrap"><button type="button" class="primary" onClick=${take}>${t("merging.merge")}</button><button type="button" onClick=${onTheirs}>${t("merging.take_theirs")}</button></div>
  </section>`;
}
