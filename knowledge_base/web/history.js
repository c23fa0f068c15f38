/* Who changed an entry, when and how; and back to what it was. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { get, post } from "core/requests.js";
import { may } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { t } from "core/words.js";
import { Differences } from "knowledge_base/difference_view.js";
import { asPath } from "knowledge_base/entries_state.js";

function Version({ one, before, present, onRestore }) {
  return html`<li><details class="version"><summary><strong>${t(`change.${one.change}`)}</strong> <span class="soft">${one.user ?? t("history.nobody")} · <time datetime=${one.at}>${fullTime(one.at)}</time></span></summary>
    ${one.content && html`<${Differences} before=${before} after=${one.content} />`}
    ${one.content && !present && may("edit_knowledge") && html`<button type="button" onClick=${() => onRestore(one)}>${t("history.restore")}</button>`}</details></li>`;
}

/** `entry` as it is stored now; `onRestored` gets it as it became. */
export function History({ entry, onRestored }) {
  const [items, setItems] = useState(null);
  const load = () => get(`/knowledge/history/${asPath(entry.id)}`).then((found) => setItems(found.items)).catch(complain);
  useEffect(() => { load(); }, [entry.version]);
  const restore = async (one) => {
    try {
      onRestored(await post(`/knowledge/restore/${asPath(entry.id)}`, { id: one.id, version: entry.version }));
      toast(t("history.restored"));
    } catch (refusal) {
      if (refusal.status === 409) toast(t("knowledge.changed"), { bad: true });
      else complain(refusal);
    }
  };
  if (!items) return html`<div class="skeleton"></div>`;
  if (!items.length) return html`<p class="soft">${t("history.none")}</p>`;
  return html`<ol class="versions">${items.map((one, place) => html`<${Version} key=${one.id} one=${one} present=${place === 0} before=${items[place + 1]?.content ?? null} onRestore=${restore} />`)}</ol>`;
}
