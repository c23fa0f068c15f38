/* Something to answer with: a file of one's own, or the demo's entries. */

import { html, useEffect, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { get, post } from "core/requests.js";
import { told } from "core/toasts.js";
import { t } from "core/words.js";

export function KnowledgeStep({ next }) {
  const [done, setDone] = useState(null);
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const [present, setPresent] = useState(false);
  useEffect(() => { get("/knowledge/entries?limit=1").then((found) => setPresent(found.items.length > 0)).catch(() => {}); }, []);
  const take = async (bring) => {
    setBusy(true);
    setRefusal(null);
    setDone(null);
    try { setDone(await bring()); } catch (found) { setRefusal(found); }
    setBusy(false);
  };
  const upload = (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    const address = `/knowledge/import?name=${encodeURIComponent(file.name)}`;
    take(async () => post(`${address}&revision=${(await post(address, file)).revision}`, file));
  };
  return html`<div class="panel">
    <div class="choices">
      <label class="button choice" data-busy=${busy}><${Icon} name="file" size=${22} /><span><strong>${t("first_run.file")}</strong><span class="soft">${t("first_run.file_hint")}</span></span>
        <input class="unseen" type="file" accept=".csv,.yaml,.yml,.json" disabled=${busy} onChange=${upload} /></label>
      <button class="choice" disabled=${busy} onClick=${() => take(() => post("/first-run/demo"))}><${Icon} name="spark" size=${22} /><span><strong>${t("first_run.demo")}</strong><span class="soft">${t("first_run.demo_hint")}</span></span></button>
    </div>
    ${busy && html`<p role="status">${t("shell.loading")}…</p>`}
    ${refusal && html`<div class="mistake" role="alert"><p>${refusal.faults.length ? t("first_run.refused") : refusal.message || told(refusal)}</p>
      ${refusal.faults.length > 0 && html`<ul class="faults">${refusal.faults.map((one) => html`<li><strong>${t("first_run.line", { n: one.field })}</strong> ${one.message}</li>`)}</ul>`}</div>`}
    ${done && html`<p class="findings" role="status"><span class="good"><${Icon} name="done" size=${16} /> ${t("first_run.imported", done)}</span></p>`}
    ${(done || present) && html`<div><button class="primary" onClick=${next}>${t("first_run.go_on")}</button></div>`}</div>`;
}
