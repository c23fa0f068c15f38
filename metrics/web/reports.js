/* The figures of METRICS.md as tables that can be read and copied. */

import { html, useEffect, useState } from "core/html.js";
import { span } from "core/dates.js";
import { get } from "core/requests.js";
import { complain } from "core/toasts.js";
import { language, t } from "core/words.js";

const PERIODS = [1, 7, 30, 90];
const DAY = 86_400_000;
const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const NUMBER = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

const none = (value) => value === null || value === undefined;
const percent = (value) => (none(value) ? "—" : PERCENT.format(value));
const number = (value) => (none(value) ? "—" : NUMBER.format(value));
const seconds = (value) => (none(value) ? "—" : value < 60 ? t("time.seconds", { n: NUMBER.format(value) }) : span(value * 1000));

function Figures({ title, heads, rows }) {
  return html`<section class="panel flush" tabindex="0" role="region" aria-label=${title}><table><caption>${title}</caption><thead><tr><td></td>${heads.map((head) => html`<th class="number">${head}</th>`)}</tr></thead>
    <tbody>${rows.map(([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`)}</tbody></table></section>`;
}

function times(name, both) {
  return [["wall", t("report.wall")], ["business", t("report.business")]].filter(([clock]) => both[clock] && !none(both[clock].n)).map(([clock, title]) => {
    const found = both[clock];
    return [`${name} · ${title}`, number(found.n), number(found.open), seconds(found.median_s), seconds(found.p90_s), seconds(found.mean_s), seconds(found.max_s)];
  });
}

function DeskFigures({ report }) {
  const { promises, service_level: levels, feedback } = report;
  const set = Object.entries(levels).filter(([, level]) => !none(level.target_s));
  return html`<${Figures} title=${t("report.promises")} heads=${["rate", "kept", "broken", "pending", "made"].map((one) => t(`report.${one}`))} rows=${[[t("report.promises"), percent(promises.rate), ...["kept", "broken", "pending", "made"].map((one) => number(promises[one]))]]} />
    ${set.length > 0 && html`<${Figures} title=${t("level.title")} heads=${["rate", "target", "within", "missed", "pending"].map((one) => t(`report.${one}`))} rows=${set.map(([name, level]) => [t(`level.${name}_minutes`), percent(level.share), seconds(level.target_s), number(level.within), number(level.missed), number(level.pending)])} />`}
    <${Figures} title=${t("report.feedback")} heads=${["helpful", "not_helpful"].map((one) => t(`report.${one}`))} rows=${[[t("report.bot"), number(feedback.helpful), number(feedback.not_helpful)]]} />`;
}

function Report({ report }) {
  const rate = (name, found) => [name, percent(found.rate), number(found.answered_in_time), number(found.answered_late), number(found.due), number(found.pending)];
  const csat = (name, found) => [name, percent(found.score), number(found.positive), number(found.given), number(found.asked)];
  const timeHeads = ["n", "open", "median", "p90", "mean", "max"].map((one) => t(`report.${one}`));
  const first = report.first_response;
  return html`<div class="cards">
      <div class="panel figure"><span class="soft">${t("report.response_rate")}</span><strong>${percent(report.response_rate.rate)}</strong></div>
      <div class="panel figure"><span class="soft">${t("report.first_response")}</span><strong>${seconds(first.any.wall.median_s)}</strong></div>
      <div class="panel figure"><span class="soft">${t("report.handoffs")}</span><strong>${number(report.handoff.requested)}</strong></div>
      <div class="panel figure"><span class="soft">${t("report.episodes")}</span><strong>${number(report.episodes)}</strong></div>
      <div class="panel figure"><span class="soft">${t("report.badge")}</span><strong>${none(report.badge.earned) ? "—" : t(report.badge.earned ? "report.earned" : "report.not_earned")}</strong></div>
    </div>
    <${Figures} title=${t("report.response_rate")} heads=${["rate", "in_time", "late", "due", "pending"].map((one) => t(`report.${one}`))} rows=${[rate(t("report.everybody"), report.response_rate), rate(t("report.people"), report.human_response_rate)]} />
    <${Figures} title=${t("report.times")} heads=${timeHeads} rows=${[...times(`${t("report.first_response")}: ${t("report.everybody")}`, first.any), ...times(`${t("report.first_response")}: ${t("report.bot")}`, first.bot), ...times(`${t("report.first_response")}: ${t("report.people")}`, first.human), ...times(t("report.reply_time"), report.reply_time), ...times(t("report.wait"), report.handoff.wait), ...times(t("report.resolution"), report.handoff.resolution)]} />
    <${Figures} title=${t("report.handoffs")} heads=${["requested", "picked_up", "abandoned", "waiting"].map((one) => t(`report.${one}`))} rows=${[[t("report.handoffs"), ...["requested", "picked_up", "abandoned", "waiting"].map((one) => number(report.handoff[one]))]]} />
    <${Figures} title=${t("report.outcomes")} heads=${[t("report.count")]} rows=${Object.entries(report.bot_outcomes).map(([name, value]) => [t(`outcome.${name}`), number(value)])} />
    ${report.promises && html`<${DeskFigures} report=${report} />`}
    <${Figures} title=${t("report.ratings")} heads=${["score", "positive", "given", "asked"].map((one) => t(`report.${one}`))} rows=${[csat(t("report.bot"), report.csat.bot), csat(t("report.people"), report.csat.human)]} />`;
}

export function Reports() {
  const [days, setDays] = useState(7);
  const [report, setReport] = useState(null);
  useEffect(() => {
    setReport(null);
    get(`/metrics/report?since=${encodeURIComponent(new Date(Date.now() - days * DAY).toISOString())}`).then(setReport).catch(complain);
  }, [days]);
  return html`<main class="page"><div class="page-inside">
    <header class="page-head"><h1>${t("screen.reports")}</h1>
      <div class="views" role="group" aria-label=${t("report.period")}>${PERIODS.map((one) => html`<button aria-pressed=${one === days} onClick=${() => setDays(one)}>${t("report.last_days", { n: one })}</button>`)}</div></header>
    ${report ? html`<${Report} report=${report} />` : html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div>`}
  </div></main>`;
}
