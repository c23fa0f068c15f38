/* Outgoing webhooks: where to, their secret once, and what became of each call. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { get, post, remove } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

function Calls({ id, round }) {
  const [calls, setCalls] = useState(null);
  useEffect(() => { get(`/webhooks/${id}/calls`).then((found) => setCalls(found.items)).catch(complain); }, [id, round]);
  if (!calls) return null;
  if (calls.length === 0) return html`<p class="soft">${t("webhook.no_calls")}</p>`;
  return html`<ul class="plain">${calls.map((call) => html`<li><span class=${`chip ${call.state === "failed" ? "urgent-2" : call.state === "pending" && call.attempts.length ? "urgent-1" : ""}`}>${t(`webhook.${call.state}`)}</span> ${fullTime(call.created_at)}
    <span class="soft">${call.attempts.map((one) => one.error ?? one.status).join(" · ")}${call.state === "pending" && call.attempts.length ? ` · ${t("webhook.again", { at: fullTime(call.next_attempt_at) })}` : ""}</span></li>`)}</ul>`;
}

function Hook({ hook, reload }) {
  const [open, setOpen] = useState(false);
  const [round, setRound] = useState(0);
  const test = async () => { try { await post(`/webhooks/${hook.id}/test`); setOpen(true); setRound(round + 1); setTimeout(() => setRound((last) => last + 1), 4000); } catch (refusal) { complain(refusal); } };
  const erase = async () => { if (!confirm(t("webhook.sure"))) return; try { await remove(`/webhooks/${hook.id}`); reload(); } catch (refusal) { complain(refusal); } };
  return html`<section class="panel"><h2>${hook.name}</h2><p><code>${hook.url}</code></p>
    <div class="chips"><button onClick=${test}>${t("webhook.test")}</button><button aria-expanded=${open} onClick=${() => setOpen(!open)}>${t("webhook.calls")}</button><button class="quiet danger" onClick=${erase}>${t("shell.delete")}</button></div>
    ${open && html`<${Calls} id=${hook.id} round=${round} />`}</section>`;
}

export function Webhooks() {
  const [items, setItems] = useState(null);
  const [made, setMade] = useState(null);
  const [mistake, setMistake] = useState("");
  const load = () => get("/webhooks").then((found) => setItems(found.items)).catch(complain);
  useEffect(() => { load(); }, []);
  const add = async (event) => {
    event.preventDefault();
    try {
      setMade(await post("/webhooks", Object.fromEntries(new FormData(event.target))));
      event.target.reset();
      setMistake("");
      toast(t("shell.saved"));
      load();
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  if (!items) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  return html`<p class="soft">${t("webhook.explain")}</p>
    ${made && html`<section class="panel" role="status"><h2>${t("webhook.secret", { name: made.name })}</h2><p class="secret"><code>${made.secret}</code></p></section>`}
    ${items.map((one) => html`<${Hook} key=${one.id} hook=${one} reload=${load} />`)}
    <form class="panel" onSubmit=${add}><h2>${t("webhook.new")}</h2>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
      <label>${t("webhook.name")}<input name="name" required maxlength="64" /></label><label>${t("webhook.url")}<input name="url" type="url" required maxlength="2000" placeholder="https://" /></label>
      <div><button class="primary">${t("shell.save")}</button></div></form>`;
}
