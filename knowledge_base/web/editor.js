/* One entry, all languages side by side; a second editor's change is shown and merged, never overwritten. */

import { html, useEffect, useRef, useState } from "core/html.js";
import { listen } from "core/live.js";
import { get, post, put, remove } from "core/requests.js";
import { go } from "core/router.js";
import { brand, may, memory } from "core/session.js";
import { complain, toast } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";
import { differences } from "knowledge_base/differences.js";
import { addressOf, asPath, entries, load, spoken, textOf } from "knowledge_base/entries_state.js";
import { History } from "knowledge_base/history.js";
import { Merging } from "knowledge_base/merging.js";
import { blank, Translation } from "knowledge_base/translation.js";

const HIDDEN = "knowledge.hidden_languages";
const trimmed = (list) => list.map((one) => one.trim()).filter(Boolean);
const isWritten = (text) => text.question.trim() || text.answer.trim();

/** What would be stored: without empty languages, lines and buttons. */
const clean = (entry) => ({
  status: entry.status,
  tags: trimmed(entry.tags),
  translations: Object.fromEntries(Object.entries(entry.translations).filter(([, text]) => isWritten(text))
    .map(([code, text]) => [code, { ...text, phrasings: trimmed(text.phrasings), buttons: text.buttons.filter((one) => one.title.trim() || one.url || one.payload) }])),
});

const fresh = () => ({ id: "", status: "draft", tags: [], translations: { [brand.value?.default_language ?? "en"]: blank() }, version: null });

function LanguageChoice({ hidden, onChange, entry }) {
  const codes = [...new Set([...spoken(), ...Object.keys(entry.translations)])];
  return html`<div class="views" role="group" aria-label=${t("knowledge.languages")}>${codes.map((code) => html`<button type="button" key=${code} aria-pressed=${!hidden.includes(code)} lang=${code} onClick=${() => onChange(hidden.includes(code) ? hidden.filter((one) => one !== code) : [...hidden, code])}>${LANGUAGES[code]}${entry.translations[code] && isWritten(entry.translations[code]) ? "" : " –"}</button>`)}</div>`;
}

function Head({ entry, isNew, editable, changed, save, erase }) {
  const other = entry.status === "published" ? "draft" : "published";
  return html`<header class="page-head editor-head"><div><p><a href="/knowledge" data-screen>${t("knowledge.back")}</a></p>
      <h1>${isNew ? t("knowledge.new") : textOf(entry)?.question || entry.id} <span class=${`chip is-${entry.status}`}>${t(`entry.${entry.status}`)}</span></h1></div>
    ${editable && html`<div class="line wrap">${changed && html`<span class="soft" role="status">${t("knowledge.unsaved")}</span>`}
      ${!isNew && html`<button type="button" class="quiet danger" onClick=${erase}>${t("shell.delete")}</button>`}
      <button type="button" onClick=${() => save(other)}>${t(`publishing.${other}`)}</button><button class="primary">${t("shell.save")}</button></div>`}</header>`;
}

/** Loads an entry and keeps what was opened, what is written, and what somebody else stored meanwhile apart. */
function useEntry(id, isNew) {
  const [base, setBase] = useState(isNew ? fresh() : null);
  const [mine, setMine] = useState(isNew ? fresh() : null);
  const [theirs, setTheirs] = useState(null);
  const state = useRef({});
  state.current = { base, mine };
  const open = (found) => { setBase(found); setMine(found); setTheirs(null); };
  const look = async () => {
    const found = await get(`/knowledge/entries/${asPath(id)}`);
    const { base: was, mine: is } = state.current;
    if (was && found.version === was.version) return null;
    if (!was || !differences(clean(was), clean(is)).length) { open(found); return null; }
    const { items } = await get(`/knowledge/history/${asPath(id)}`);
    setTheirs({ entry: found, by: items[0] ?? null });
    return found;
  };
  useEffect(() => {
    if (isNew) return undefined;
    look().catch((refusal) => { complain(refusal); go("/knowledge"); });
    return listen("knowledge", () => look().catch((refusal) => refusal.status === 404 && toast(t("knowledge.was_deleted"), { bad: true, stay: 30_000 })));
  }, [id]);
  return { base, mine, theirs, setMine, setTheirs, open, look };
}

export function Editor({ id }) {
  const isNew = id === "+";
  const { base, mine, theirs, setMine, setTheirs, open, look } = useEntry(id, isNew);
  const [mistake, setMistake] = useState("");
  const [hidden, setHidden] = useState(memory.read(HIDDEN) ?? []);
  const changed = mine && differences(clean(base), clean(mine)).length > 0;
  useEffect(() => {
    if (!changed) return undefined;
    const ask = (event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [changed]);
  if (!mine) return html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div>`;
  const editable = may("edit_knowledge");
  const store = async (content, version) => {
    try {
      const saved = isNew ? await post("/knowledge/entries", { ...clean(content), id: mine.id.trim() }) : await put(`/knowledge/entries/${asPath(id)}`, { ...clean(content), version });
      toast(t("shell.saved"));
      setMistake("");
      open(saved);
      if (isNew) go(addressOf(saved.id), { replace: true });
      load().catch(() => {});
    } catch (refusal) {
      if (refusal.status === 409 && !isNew) await look().catch(complain);
      else if ([409, 422].includes(refusal.status)) setMistake(refusal.message);
      else complain(refusal);
    }
  };
  const save = (status = mine.status) => store({ ...mine, status }, mine.version);
  const erase = async () => {
    if (!confirm(t("knowledge.sure"))) return;
    try { await remove(`/knowledge/entries/${asPath(id)}?version=${mine.version}`); go("/knowledge"); load().catch(() => {}); } catch (refusal) { complain(refusal); }
  };
  const set = (part) => setMine({ ...mine, ...part });
  const codes = [...new Set([...spoken(), ...Object.keys(mine.translations)])].filter((code) => !hidden.includes(code));
  return html`<form class="page-inside broad" onSubmit=${(event) => { event.preventDefault(); save(); }}>
    <${Head} entry=${mine} isNew=${isNew} editable=${editable} changed=${changed} save=${save} erase=${erase} />
    ${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    ${theirs && html`<${Merging} base=${base} mine=${clean(mine)} theirs=${theirs.entry} by=${theirs.by} onTheirs=${() => open(theirs.entry)}
      onMerged=${(content) => { setTheirs(null); store(content, theirs.entry.version); }} />`}
    <div class="panel line wrap"><label>${t("knowledge.id")}<input required disabled=${!isNew} maxlength="255" value=${mine.id} onInput=${(event) => set({ id: event.target.value })} /></label>
      <label>${t("knowledge.tags")}<input disabled=${!editable} value=${mine.tags.join(", ")} onChange=${(event) => set({ tags: trimmed(event.target.value.split(",")) })} /></label></div>
    <${LanguageChoice} hidden=${hidden} entry=${mine} onChange=${(list) => { setHidden(list); memory.write(HIDDEN, list); }} />
    <div class="side-by-side">${codes.map((code) => html`<${Translation} key=${code} code=${code} editable=${editable} isNew=${!base.translations[code]} text=${mine.translations[code] ?? blank()} change=${(text) => set({ translations: { ...mine.translations, [code]: text } })} />`)}</div>
    <datalist id="entry-ids">${(entries.value ?? []).map((one) => html`<option value=${one.id}>${textOf(one)?.question}</option>`)}</datalist>
    ${!isNew && html`<section class="panel"><h2>${t("history.title")}</h2><${History} entry=${base} onRestored=${(entry) => { open(entry); load().catch(() => {}); }} /></section>`}
  </form>`;
}
