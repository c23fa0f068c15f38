/* Knowledge out to a file and in from one: what it would change is shown before it is taken. */

import { html, useState } from "core/html.js";
import { post } from "core/requests.js";
import { may } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { t } from "core/words.js";
import { Differences } from "knowledge_base/difference_view.js";
import { load } from "knowledge_base/entries_state.js";

const KINDS = { csv: "CSV", yaml: "YAML", json: "JSON" };
const questionOf = (content) => Object.values(content.translations)[0]?.question;

function Faults({ refusal }) {
  return html`<div class="mistake" role="alert"><p>${refusal.message}</p>
    ${refusal.faults.length > 0 && html`<table><thead><tr><th class="number">${t("files.line")}</th><th>${t("files.fault")}</th></tr></thead>
      <tbody>${refusal.faults.map((one) => html`<tr><td class="number">${one.field}</td><td>${one.message}</td></tr>`)}</tbody></table>`}</div>`;
}

function Change({ one }) {
  return html`<li><details class="version"><summary><strong>${one.before ? t("files.changes") : t("files.adds")}</strong> ${one.id} <span class="soft">${questionOf(one.after)}</span></summary>
    <${Differences} before=${one.before} after=${one.after} /></details></li>`;
}

function Look({ look, onTake, onDrop }) {
  const nothing = !look.added && !look.changed;
  return html`<section class="stack" aria-live="polite"><p>${t("files.would", { added: look.added, changed: look.changed, unchanged: look.unchanged })}</p>
    ${look.changes.length > 0 && html`<ol class="versions">${look.changes.map((one) => html`<${Change} key=${one.id} one=${one} />`)}</ol>`}
    ${look.added + look.changed > look.changes.length && html`<p class="soft">${t("knowledge.first", { n: look.changes.length })}</p>`}
    <div class="line wrap">${!nothing && html`<button type="button" class="primary" onClick=${onTake}>${t("files.take")}</button>`}<button type="button" onClick=${onDrop}>${t(nothing ? "shell.close" : "files.drop")}</button></div></section>`;
}

function Import() {
  const [file, setFile] = useState(null);
  const [look, setLook] = useState(null);
  const [refused, setRefused] = useState(null);
  const send = async (chosen, revision) => {
    setRefused(null);
    const query = `name=${encodeURIComponent(chosen.name)}${revision === undefined ? "" : `&revision=${revision}`}`;
    try {
      const found = await post(`/knowledge/import?${query}`, chosen);
      if (!found.taken) { setLook(found); return; }
      toast(t("files.taken", { added: found.added, changed: found.changed }));
      setLook(null);
      load().catch(complain);
    } catch (refusal) {
      if (refusal.status === 409) { toast(t("files.changed_meanwhile"), { bad: true }); await send(chosen); return; }
      setLook(null);
      if (refusal.status === 422 || refusal.status === 413) setRefused(refusal);
      else complain(refusal);
    }
  };
  const choose = (event) => {
    const chosen = event.target.files[0];
    if (!chosen) return;
    setFile(chosen);
    setLook(null);
    send(chosen);
    event.target.value = "";
  };
  return html`<section class="panel"><h2>${t("files.import")}</h2><p class="soft">${t("files.import_hint")}</p>
    <div><label class="button">${t("files.choose")}<input class="unseen" type="file" accept=".csv,.yaml,.yml,.json" onChange=${choose} /></label>${file && html` <span class="soft">${file.name}</span>`}</div>
    ${refused && html`<${Faults} refusal=${refused} />`}
    ${look && html`<${Look} look=${look} onTake=${() => { setLook(null); send(file, look.revision); }} onDrop=${() => setLook(null)} />`}</section>`;
}

export function Files() {
  return html`${may("edit_knowledge") && html`<${Import} />`}
    <section class="panel"><h2>${t("files.export")}</h2><p class="soft">${t("files.export_hint")}</p>
      <p class="line wrap">${Object.entries(KINDS).map(([kind, name]) => html`<a key=${kind} href=${`/api/v1/knowledge/export?format=${kind}`} download>${name}</a>`)}</p></section>`;
}
