/* The list of canned replies, and their words in each language. */

import { html, useEffect, useState } from "core/html.js";
import { get, post, put, remove } from "core/requests.js";
import { may } from "core/session.js";
import { complain, toast, told } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";

function Reply({ reply, reload }) {
  const [shortcut, setShortcut] = useState(reply.shortcut);
  const [texts, setTexts] = useState(reply.texts);
  const [mistake, setMistake] = useState("");
  const save = async (event) => {
    event.preventDefault();
    try {
      await (reply.id ? put(`/canned-replies/${reply.id}`, { shortcut, texts }) : post("/canned-replies", { shortcut, texts }));
      setMistake("");
      toast(t("shell.saved"));
      if (!reply.id) { setShortcut(""); setTexts({}); }
      reload();
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  const erase = async () => { try { await remove(`/canned-replies/${reply.id}`); reload(); } catch (refusal) { complain(refusal); } };
  return html`<form class="panel" onSubmit=${save}>${!reply.id && html`<h2>${t("canned.new")}</h2>`}${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <fieldset class="stack" disabled=${!may("edit_knowledge")}><label>${t("canned.shortcut")}<input required maxlength="32" value=${shortcut} onInput=${(event) => setShortcut(event.target.value)} /></label>
      ${Object.entries(LANGUAGES).map(([code, name]) => html`<label key=${code}>${name}<textarea rows="2" lang=${code} value=${texts[code] ?? ""} onInput=${(event) => setTexts({ ...texts, [code]: event.target.value })}></textarea></label>`)}</fieldset>
    ${may("edit_knowledge") && html`<div class="chips"><button class="primary">${t("shell.save")}</button>${reply.id && html`<button type="button" class="quiet danger" onClick=${erase}>${t("shell.delete")}</button>`}</div>`}</form>`;
}

export function CannedSettings() {
  const [replies, setReplies] = useState([]);
  const load = () => get("/canned-replies").then((found) => setReplies(found.items)).catch(complain);
  useEffect(() => { load(); }, []);
  return html`<p class="soft">${t("canned.explain")}</p>
    ${replies.map((reply) => html`<details class="panel" key=${reply.id}><summary><strong>/${reply.shortcut}</strong> <span class="soft">${Object.values(reply.texts)[0]}</span></summary><${Reply} reply=${reply} reload=${load} /></details>`)}
    ${may("edit_knowledge") && html`<${Reply} reply=${{ shortcut: "", texts: {} }} reload=${load} />`}`;
}
