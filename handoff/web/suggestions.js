/* Answers the knowledge base would give to the customer's last words, each one key away. */

import { html, useEffect, useState } from "core/html.js";
import { get, post } from "core/requests.js";
import { may } from "core/session.js";
import { t } from "core/words.js";
import { Icon } from "core/icons.js";
import { threadOf } from "handoff/thread_state.js";

const MOST = 3;
const NONE = [];
const found = new Map();

async function suggest(text, language) {
  const asked = await post("/knowledge/ask", { text });
  const candidates = asked.candidates.slice(0, MOST);
  const entries = await Promise.all(candidates.map((one) => get(`/knowledge/entries/${encodeURIComponent(one.label)}`).catch(() => null)));
  return entries.map((entry, index) => {
    const texts = entry?.translations ?? {};
    const answer = (texts[language] ?? texts[asked.language] ?? texts.en ?? Object.values(texts)[0])?.answer;
    return answer && { title: candidates[index].question || candidates[index].label, answer, confidence: candidates[index].confidence };
  }).filter(Boolean);
}

/** The suggestions for a conversation's last customer message; asked once for each message, after a moment of rest. */
export function useSuggestions(id, one) {
  const last = threadOf(id).value?.messages.findLast((message) => message.author === "customer" && message.text.trim());
  const wanted = Boolean(last) && may("read_knowledge") && ["waiting", "open"].includes(one.status);
  const [list, setList] = useState(found.get(last?.id) ?? NONE);
  useEffect(() => {
    setList(found.get(last?.id) ?? NONE);
    if (!wanted || found.has(last.id)) return undefined;
    let here = true;
    const timer = setTimeout(async () => {
      const suggested = await suggest(last.text.slice(0, 2000), one.language).catch(() => []);
      found.set(last.id, suggested);
      if (here) setList(suggested);
    }, 600);
    return () => { here = false; clearTimeout(timer); };
  }, [last?.id, wanted]);
  return wanted ? list : NONE;
}

export function Suggestions({ list, onUse }) {
  if (!list.length) return null;
  return html`<div class="suggestions" role="group" aria-label=${t("composer.suggestions")}>
    ${list.map((one, index) => html`<button class="suggestion" title=${one.answer} onClick=${() => onUse(one.answer)}><${Icon} name="spark" size=${14} /><span class="clip">${one.title}</span><kbd>Alt ${index + 1}</kbd></button>`)}
  </div>`;
}
