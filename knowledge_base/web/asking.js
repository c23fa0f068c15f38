/* Ask as a customer would: what the bot finds, how sure it is, what it would do and why. */

import { html, useState } from "core/html.js";
import { post } from "core/requests.js";
import { complain } from "core/toasts.js";
import { language, LANGUAGES, t } from "core/words.js";
import { addressOf } from "knowledge_base/entries_state.js";

const PERCENT = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });

/** One sentence: the limits that the decision follows from. */
function why(asked) {
  const limits = asked.cutoffs;
  if (asked.decision === "smalltalk") return t("why.smalltalk");
  if (asked.decision === "handoff" && ["asked_for_human", "sensitive_topic"].includes(asked.reason)) return t(`why.${asked.reason}`);
  if (!asked.candidates.length) return t("why.nothing_alike");
  if (!limits) return "";
  const values = { sure: PERCENT.format(asked.confidence), answer: PERCENT.format(limits.answer), clarify: PERCENT.format(limits.clarify) };
  return t(`why.${asked.decision}`, values);
}

function Candidate({ one, limits }) {
  return html`<li class="candidate"><a href=${addressOf(one.label)} data-screen>${one.question || one.label}</a>
    <meter min="0" max="1" low=${limits?.clarify ?? 0.5} high=${limits?.answer ?? 0.9} optimum="1" value=${one.confidence} aria-label=${one.question || one.label}></meter><span class="number">${PERCENT.format(one.confidence)}</span></li>`;
}

function Found({ asked }) {
  return html`<div class="stack" aria-live="polite">
    <p><span class=${`chip decision-${asked.decision}`}>${t(`decision.${asked.decision}`)}</span> <span class="soft">${[LANGUAGES[asked.language] ?? asked.language, why(asked)].filter(Boolean).join(" · ")}</span></p>
    ${asked.answer && html`<blockquote class="told-answer" lang=${asked.answer_language}>${asked.answer}</blockquote>`}
    ${asked.candidates.length > 0 && html`<div><p class="soft"><strong>${t("knowledge.candidates")}</strong></p><ol>${asked.candidates.map((one) => html`<${Candidate} key=${one.label} one=${one} limits=${asked.cutoffs} />`)}</ol></div>`}
  </div>`;
}

export function Ask() {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(null);
  const [busy, setBusy] = useState(false);
  const ask = async (event) => {
    event.preventDefault();
    if (!text.trim()) return;
    setBusy(true);
    setAsked(await post("/knowledge/ask", { text }).catch((refusal) => { complain(refusal); return null; }));
    setBusy(false);
  };
  return html`<form class="panel" onSubmit=${ask}>
    <div class="line"><label>${t("knowledge.ask")}<input value=${text} placeholder=${t("knowledge.ask_hint")} maxlength="2000" onInput=${(event) => setText(event.target.value)} /></label><button disabled=${busy}>${t("knowledge.ask_submit")}</button></div>
    ${asked && html`<${Found} asked=${asked} />`}
  </form>`;
}
