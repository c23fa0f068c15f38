/* Who changed what: filtered by topic, words and days, and as a file. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { Icon } from "core/icons.js";
import { get } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

const TOPICS = ["brand", "desk_rules", "phrases", "team", "agent", "user", "token", "channel", "knowledge", "entry", "answer", "canned", "contact", "contact_fields", "automation", "webhook"];

/** The day's first moment, or the next one's, where the reader is. */
function edge(day, days) {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + days);
  return at.toISOString();
}

function queryOf({ action, words, since, until }) {
  const query = new URLSearchParams();
  if (action) query.set("action", action);
  if (words.trim()) query.set("words", words.trim());
  if (since) query.set("since", edge(since, 0));
  if (until) query.set("until", edge(until, 1));
  return query;
}

const plain = (value) => (value === null || value === "" ? "—" : typeof value === "object" ? JSON.stringify(value) : String(value));
const told = (value) => (Array.isArray(value) && value.length === 2 ? `${plain(value[0])} → ${plain(value[1])}` : plain(value));

function Entry({ entry }) {
  return html`<tr><td class="when">${fullTime(entry.at)}</td><td>${entry.who || html`<span class="soft">${t("audit.nobody")}</span>`}</td><td><code>${entry.action}</code></td>
    <td>${entry.subject}${Object.entries(entry.details).map(([name, value]) => html`<div class="soft"><span>${name}</span>: ${told(value)}</div>`)}</td></tr>`;
}

export function Audit() {
  const [asked, setAsked] = useState({ action: "", words: "", since: "", until: "" });
  const [found, setFound] = useState({ items: null, next: null });
  const query = queryOf(asked).toString();
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => get(`/audit?${query}`).then((page) => wanted && setFound(page)).catch(complain), 150);
    return () => { wanted = false; clearTimeout(timer); };
  }, [query]);
  const more = async () => {
    try { const page = await get(`/audit?${query}&before=${found.next}`); setFound({ items: [...found.items, ...page.items], next: page.next }); } catch (refusal) { complain(refusal); }
  };
  const set = (name) => (event) => setAsked({ ...asked, [name]: event.target.value });
  return html`<section class="panel"><div class="audit-filter">
      <label>${t("audit.topic")}<select onChange=${set("action")}><option value="">${t("audit.any")}</option>${TOPICS.map((topic) => html`<option value=${topic} selected=${topic === asked.action}>${t(`topic.${topic}`)}</option>`)}</select></label>
      <label>${t("audit.words")}<input type="search" maxlength="100" value=${asked.words} onInput=${set("words")} /></label>
      <label>${t("audit.since")}<input type="date" value=${asked.since} onInput=${set("since")} /></label><label>${t("audit.until")}<input type="date" value=${asked.until} onInput=${set("until")} /></label></div>
    <p><a href=${`/api/v1/audit.csv?${query}`} download><${Icon} name="file" size=${16} /> ${t("audit.file")}</a></p></section>
  <div class="panel flush" tabindex="0" role="region" aria-label=${t("settings.audit")}><table class="audit"><thead><tr><th>${t("audit.when")}</th><th>${t("audit.who")}</th><th>${t("audit.what")}</th><th>${t("audit.subject")}</th></tr></thead>
    <tbody>${(found.items ?? []).map((entry) => html`<${Entry} key=${entry.id} entry=${entry} />`)}</tbody></table>
    ${found.items?.length === 0 && html`<p class="empty">${t("audit.none")}</p>`}</div>
  ${found.next && html`<div><button onClick=${more}>${t("audit.more")}</button></div>`}`;
}
