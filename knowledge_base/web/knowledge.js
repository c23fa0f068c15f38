/* The knowledge base: what the bot can answer, and a plain editor for it. */

import { html, signal, useEffect, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { listen } from "core/live.js";
import { get, post, put, remove } from "core/requests.js";
import { go, path } from "core/router.js";
import { brand, may } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";

const SHOWN = 300;
const entries = signal(null);

async function load() {
  const all = [];
  let cursor = "";
  do {
    const page = await get(`/knowledge/entries?limit=1000&cursor=${encodeURIComponent(cursor)}`);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  entries.value = all;
}

const addressOf = (id) => `/knowledge/${id.split("/").map(encodeURIComponent).join("/")}`;
const textOf = (entry) => entry.translations[brand.value?.default_language] ?? Object.values(entry.translations)[0];

function Row({ entry }) {
  const text = textOf(entry);
  return html`<tr><td><a href=${addressOf(entry.id)} data-screen>${text?.question || entry.id}</a><div class="soft clip-two">${text?.answer}</div></td>
    <td><span class="chips">${Object.keys(entry.translations).map((code) => html`<span class="chip">${code}</span>`)}</span></td>
    <td><span class="chips">${entry.tags.map((tag) => html`<span class="chip">#${tag}</span>`)}</span></td>
    <td><span class="chip">${t(`entry.${entry.status}`)}</span></td></tr>`;
}

function Ask() {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(null);
  const ask = async (event) => {
    event.preventDefault();
    if (text.trim()) setAsked(await post("/knowledge/ask", { text }).catch((refusal) => { complain(refusal); return null; }));
  };
  return html`<form class="panel" onSubmit=${ask}>
    <div class="line"><label>${t("knowledge.ask")}<input value=${text} placeholder=${t("knowledge.ask_hint")} onInput=${(event) => setText(event.target.value)} /></label><button>${t("knowledge.ask_submit")}</button></div>
    ${asked && html`<div aria-live="polite"><p><strong>${t(`decision.${asked.decision}`)}</strong>${asked.label && html` · <a href=${addressOf(asked.label)} data-screen>${asked.question || asked.label}</a> · ${Math.round(asked.confidence * 100)} %`}</p>${asked.answer && html`<p>${asked.answer}</p>`}</div>`}
  </form>`;
}

function List() {
  const [words, setWords] = useState("");
  const wanted = words.toLocaleLowerCase();
  const matching = (entries.value ?? []).filter((entry) => !wanted || JSON.stringify(entry).toLocaleLowerCase().includes(wanted));
  return html`<div class="page-inside">
    <header class="page-head"><h1>${t("screen.knowledge")}</h1>${may("edit_knowledge") && html`<button class="primary" onClick=${() => go("/knowledge/+")}><${Icon} name="plus" size=${17} />${t("knowledge.new")}</button>`}</header>
    <${Ask} />
    <label class="find"><${Icon} name="search" size=${16} /><span class="unseen">${t("knowledge.search")}</span><input type="search" placeholder=${t("knowledge.search")} value=${words} onInput=${(event) => setWords(event.target.value)} /></label>
    <div class="panel flush" tabindex="0" role="region" aria-label=${t("screen.knowledge")}><table class="entries"><thead><tr><th>${t("knowledge.question")}</th><th>${t("knowledge.languages")}</th><th>${t("knowledge.tags")}</th><th>${t("knowledge.status")}</th></tr></thead>
      <tbody>${matching.slice(0, SHOWN).map((entry) => html`<${Row} key=${entry.id} entry=${entry} />`)}</tbody></table>
      ${entries.value && matching.length === 0 && html`<p class="empty">${t("knowledge.none")}</p>`}</div>
    <p class="soft">${t("knowledge.count", { n: matching.length })}</p>
  </div>`;
}

const blank = () => ({ question: "", answer: "", phrasings: [], buttons: [], picture: null });

function Translation({ code, text, change, editable }) {
  const set = (name) => (event) => change({ ...text, [name]: event.target.value });
  const keepPicture = async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    try { change({ ...text, picture: (await post(`/knowledge/pictures?name=${encodeURIComponent(file.name)}`, file)).picture }); } catch (refusal) { complain(refusal); }
  };
  return html`<fieldset class="stack" disabled=${!editable} lang=${code}>
    <label>${t("knowledge.question")}<input value=${text.question} onInput=${set("question")} maxlength="1000" /></label>
    <label>${t("knowledge.phrasings")}<textarea rows="5" value=${text.phrasings.join("\n")} onInput=${(event) => change({ ...text, phrasings: event.target.value.split("\n") })}></textarea></label>
    <label>${t("knowledge.answer")}<textarea rows="7" value=${text.answer} onInput=${set("answer")}></textarea></label>
    <div class="line">${text.picture && html`<img class="entry-picture" src=${`/api/v1/files/${text.picture}`} alt=${t("attachment.picture")} />`}
      <label>${t("knowledge.picture")}<input type="file" accept="image/png,image/jpeg" onChange=${keepPicture} /></label>
      ${text.picture && html`<button type="button" onClick=${() => change({ ...text, picture: null })}>${t("knowledge.no_picture")}</button>`}</div>
  </fieldset>`;
}

function Editor({ id }) {
  const isNew = id === "+";
  const first = brand.value?.default_language ?? "en";
  const [entry, setEntry] = useState(isNew ? { id: "", status: "published", tags: [], translations: { [first]: blank() } } : null);
  const [code, setCode] = useState(first);
  const [mistake, setMistake] = useState("");
  useEffect(() => {
    if (isNew) return;
    get(`/knowledge/entries/${encodeURIComponent(id)}`).then((found) => { setEntry(found); if (!found.translations[first]) setCode(Object.keys(found.translations)[0]); }).catch((refusal) => { complain(refusal); go("/knowledge"); });
  }, [id]);
  if (!entry) return html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div>`;
  const editable = may("edit_knowledge");
  const save = async (event) => {
    event.preventDefault();
    const translations = Object.fromEntries(Object.entries(entry.translations).filter(([, text]) => text.question.trim() || text.answer.trim())
      .map(([language, text]) => [language, { ...text, phrasings: text.phrasings.map((one) => one.trim()).filter(Boolean) }]));
    try {
      const body = { status: entry.status, tags: entry.tags.map((tag) => tag.trim()).filter(Boolean), translations };
      const saved = isNew ? await post("/knowledge/entries", { ...body, id: entry.id.trim() }) : await put(`/knowledge/entries/${encodeURIComponent(id)}`, { ...body, version: entry.version });
      toast(t("shell.saved"));
      setMistake("");
      setEntry(saved);
      if (isNew) go(addressOf(saved.id), { replace: true });
      load().catch(() => {});
    } catch (refusal) {
      if (refusal.status === 409) setMistake(t("knowledge.changed"));
      else if (refusal.status === 422) setMistake(refusal.message);
      else complain(refusal);
    }
  };
  const erase = async () => {
    if (!confirm(t("knowledge.sure"))) return;
    try { await remove(`/knowledge/entries/${encodeURIComponent(id)}?version=${entry.version}`); go("/knowledge"); load().catch(() => {}); } catch (refusal) { complain(refusal); }
  };
  return html`<form class="page-inside" onSubmit=${save}>
    <header class="page-head"><h1>${isNew ? t("knowledge.new") : textOf(entry)?.question || id}</h1><a href="/knowledge" data-screen>${t("knowledge.back")}</a></header>
    ${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <div class="panel">
      <div class="line"><label>${t("knowledge.id")}<input required disabled=${!isNew} value=${entry.id} onInput=${(event) => setEntry({ ...entry, id: event.target.value })} /></label>
        <label>${t("knowledge.tags")}<input disabled=${!editable} value=${entry.tags.join(", ")} onChange=${(event) => setEntry({ ...entry, tags: event.target.value.split(",").map((tag) => tag.trim()) })} /></label>
        <label>${t("knowledge.status")}<select disabled=${!editable} onChange=${(event) => setEntry({ ...entry, status: event.target.value })}>${["published", "draft"].map((one) => html`<option value=${one} selected=${entry.status === one}>${t(`entry.${one}`)}</option>`)}</select></label></div>
      <div class="views" role="group" aria-label=${t("knowledge.languages")}>${Object.entries(LANGUAGES).map(([one, name]) => html`<button type="button" aria-pressed=${one === code} onClick=${() => setCode(one)} lang=${one}>${name}${entry.translations[one] ? " •" : ""}</button>`)}</div>
      <${Translation} key=${code} code=${code} editable=${editable} text=${entry.translations[code] ?? blank()} change=${(text) => setEntry({ ...entry, translations: { ...entry.translations, [code]: text } })} />
    </div>
    ${editable && html`<div class="line"><button class="primary">${t("shell.save")}</button>${!isNew && html`<button type="button" class="danger" onClick=${erase}>${t("shell.delete")}</button>`}</div>`}
  </form>`;
}

export function Knowledge() {
  useEffect(() => { load().catch(complain); return listen("knowledge", () => load().catch(() => {})); }, []);
  const id = path.value.slice("/knowledge/".length).split("/").map(decodeURIComponent).join("/");
  return html`<main class="page">${id ? html`<${Editor} key=${id} id=${id} />` : html`<${List} />`}</main>`;
}
