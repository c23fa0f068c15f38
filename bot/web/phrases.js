/* What the bot itself says: every sentence in every language, in the brand's own words where it wants. */

import { html, useEffect, useState } from "core/html.js";
import { get, put } from "core/requests.js";
import { complain, toast } from "core/toasts.js";
import { LANGUAGES, t } from "core/words.js";

const TOPICS = ["welcome", "smalltalk", "clarification", "person", "handoff", "promise", "weekday", "helpful", "rating"];
const topicOf = (key) => TOPICS.find((topic) => key === topic || key.startsWith(`${topic}_`)) ?? "other";

function Phrase({ phrase, code, text, change }) {
  const ours = phrase.ours[code];
  const isOwn = text !== ours;
  const lines = Math.max(1, Math.ceil(text.length / 70));
  return html`<li class="phrase"><label><span class="phrase-key">${phrase.key}</span>
      <textarea lang=${code} rows=${lines} maxlength=${phrase.longest} value=${text} onInput=${(event) => change(event.target.value)}></textarea></label>
    <p class="soft">${phrase.placeholders.length > 0 && html`${t("phrases.placeholders")} ${phrase.placeholders.map((name) => html`<code>{${name}}</code> `)}`}${phrase.longest < 100 && html` ${t("phrases.longest", { n: phrase.longest })} `}
      ${isOwn && html`<span class="chip is-draft">${t("phrases.own")}</span> <button type="button" class="inline" onClick=${() => change(ours)}>${t("phrases.restore")}</button>`}</p>
    ${isOwn && html`<p class="soft phrase-ours" lang=${code}>${t("phrases.ours")} ${ours}</p>`}</li>`;
}

export function Phrases() {
  const [list, setList] = useState(null);
  const [code, setCode] = useState(null);
  const [texts, setTexts] = useState({});
  const [mistake, setMistake] = useState("");
  const take = (found) => {
    setList(found);
    setTexts(Object.fromEntries(Object.keys(LANGUAGES).map((one) => [one, Object.fromEntries(found.items.map((phrase) => [phrase.key, phrase.own[one] ?? phrase.ours[one]]))])));
    setCode((now) => now ?? found.languages[0]);
  };
  useEffect(() => { get("/phrases").then(take).catch(complain); }, []);
  if (!list) return html`<div class="skeletons"><div class="skeleton"></div><div class="skeleton"></div></div>`;
  const changes = Object.fromEntries(list.languages.map((one) => [one, Object.fromEntries(list.items.filter((phrase) => texts[one][phrase.key] !== (phrase.own[one] ?? phrase.ours[one]))
    .map((phrase) => [phrase.key, texts[one][phrase.key] === phrase.ours[one] ? null : texts[one][phrase.key]]))]).filter(([, found]) => Object.keys(found).length));
  const changed = Object.keys(changes).length > 0;
  const save = async (event) => {
    event.preventDefault();
    try {
      take(await put("/phrases", { texts: changes }));
      setMistake("");
      toast(t("shell.saved"));
    } catch (refusal) {
      if (refusal.status === 422) setMistake(refusal.message);
      else complain(refusal);
    }
  };
  const set = (key, text) => setTexts({ ...texts, [code]: { ...texts[code], [key]: text } });
  const topics = [...TOPICS, "other"].map((topic) => ({ topic, found: list.items.filter((phrase) => topicOf(phrase.key) === topic) })).filter((one) => one.found.length);
  return html`<form class="stack" onSubmit=${save}><p class="soft">${t("phrases.explain")}</p>
    <div class="views" role="group" aria-label=${t("phrases.language")}>${list.languages.map((one) => html`<button type="button" key=${one} aria-pressed=${one === code} lang=${one} onClick=${() => setCode(one)}>${LANGUAGES[one]}${changes[one] ? " •" : ""}</button>`)}</div>
    ${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    ${topics.map(({ topic, found }) => html`<section key=${topic} class="panel"><h2>${t(`phrase_topic.${topic}`)}</h2><ul class="phrases">${found.map((phrase) => html`<${Phrase} key=${`${code} ${phrase.key}`} phrase=${phrase} code=${code} text=${texts[code][phrase.key]} change=${(text) => set(phrase.key, text)} />`)}</ul></section>`)}
    <div class="save-bar"><button class="primary" disabled=${!changed}>${t("shell.save")}</button>${changed && html`<span class="soft" role="status">${t("phrases.unsaved")}</span>`}</div></form>`;
}
