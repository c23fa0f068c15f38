/* How careful the bot is: the limit of wrong answers, and what it costs in answers, as calibrated on the entries. */

import { html, useEffect, useState } from "core/html.js";
import { listen } from "core/live.js";
import { get, put } from "core/requests.js";
import { complain, toast } from "core/toasts.js";
import { language, LANGUAGES, t } from "core/words.js";

const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const [WIDTH, HEIGHT, EDGE] = [560, 240, 44];

/** Answered against wrong: one dot a limit, the chosen one filled. */
function Curve({ points, limit }) {
  const most = Math.max(0.1, ...points.map((one) => one.wrong_interval[1]));
  const x = (answered) => EDGE + answered * (WIDTH - EDGE - 28);
  const y = (wrong) => HEIGHT - EDGE - (wrong / most) * (HEIGHT - EDGE - 12);
  const ordered = [...points].sort((one, other) => one.answered - other.answered);
  return html`<svg class="curve" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${t("thresholds.curve")}>
    ${[0, 0.25, 0.5, 0.75, 1].map((share) => html`<line class="grid" x1=${x(share)} x2=${x(share)} y1="12" y2=${HEIGHT - EDGE} /><text x=${x(share)} y=${HEIGHT - EDGE + 16} text-anchor="middle">${WHOLE.format(share)}</text>`)}
    ${[0, 0.5, 1].map((part) => html`<line class="grid" x1=${EDGE} x2=${WIDTH - 28} y1=${y(part * most)} y2=${y(part * most)} /><text x=${EDGE - 6} y=${y(part * most) + 4} text-anchor="end">${WHOLE.format(part * most)}</text>`)}
    <polyline points=${ordered.map((one) => `${x(one.answered)},${y(one.wrong)}`).join(" ")} />
    ${ordered.map((one) => html`<line class="interval" x1=${x(one.answered)} x2=${x(one.answered)} y1=${y(one.wrong_interval[0])} y2=${y(one.wrong_interval[1])} /><circle class=${one.max_wrong_answer_rate === limit ? "chosen" : ""} cx=${x(one.answered)} cy=${y(one.wrong)} r="5" />`)}
    <text x=${(EDGE + WIDTH) / 2} y=${HEIGHT - 8} text-anchor="middle">${t("thresholds.answered")}</text>
  </svg>`;
}

function Table({ points, limit }) {
  return html`<div class="panel flush" tabindex="0" role="region" aria-label=${t("thresholds.table")}><table><thead><tr><th>${t("thresholds.limit")}</th><th class="number">${t("thresholds.answered")}</th><th class="number">${t("thresholds.wrong")}</th><th class="number">${t("thresholds.from")}</th></tr></thead>
    <tbody>${points.map((one) => html`<tr key=${one.max_wrong_answer_rate} aria-current=${one.max_wrong_answer_rate === limit ? "true" : null}><td>${PERCENT.format(one.max_wrong_answer_rate)}${one.max_wrong_answer_rate === limit && html` <span class="chip is-published">${t("thresholds.now")}</span>`}</td>
      <td class="number">${WHOLE.format(one.answered)}</td><td class="number">${PERCENT.format(one.wrong)} <span class="soft">${PERCENT.format(one.wrong_interval[0])}–${PERCENT.format(one.wrong_interval[1])}</span></td><td class="number">${WHOLE.format(one.cutoff)}</td></tr>`)}</tbody></table></div>`;
}

export function Thresholds() {
  const [found, setFound] = useState(null);
  const [percent, setPercent] = useState("");
  const [code, setCode] = useState("all");
  const [mistake, setMistake] = useState("");
  const take = (one) => { setFound(one); setPercent(String(+(one.max_wrong_answer_rate * 100).toFixed(2))); };
  const load = () => get("/knowledge/thresholds").then(take).catch(complain);
  useEffect(() => { load(); return listen("brand", load); }, []);
  if (!found) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  const save = async (event) => {
    event.preventDefault();
    try {
      await put("/brand", { max_wrong_answer_rate: Number(percent) / 100 });
      setMistake("");
      toast(t("shell.saved"));
      load();
    } catch (refusal) {
      if (refusal.status === 422) setMistake(t("thresholds.mistake"));
      else complain(refusal);
    }
  };
  const codes = [...new Set(found.points.map((one) => one.language))];
  const points = found.points.filter((one) => one.language === code);
  return html`<form class="panel" onSubmit=${save}><p>${t("thresholds.explain")}</p>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
      <div class="line"><label>${t("thresholds.limit_percent")}<input type="number" required min="0.1" max="50" step="0.1" value=${percent} onInput=${(event) => setPercent(event.target.value)} /></label><button class="primary">${t("shell.save")}</button></div></form>
    ${points.length === 0 ? html`<p class="empty">${t("thresholds.none")}</p>` : html`<section class="stack"><h2>${t("thresholds.curve")}</h2>
      ${codes.length > 1 && html`<div class="views" role="group" aria-label=${t("thresholds.language")}>${codes.map((one) => html`<button type="button" key=${one} aria-pressed=${one === code} onClick=${() => setCode(one)}>${LANGUAGES[one] ?? t("thresholds.all")}</button>`)}</div>`}
      <div class="panel"><${Curve} points=${points} limit=${found.max_wrong_answer_rate} /></div><${Table} points=${points} limit=${found.max_wrong_answer_rate} /><p class="soft">${t("thresholds.means")}</p></section>`}`;
}
