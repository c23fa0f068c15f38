/* "Wrong answer" beneath what the bot said: its question then stands among the unanswered ones. */

import { html, signal } from "core/html.js";
import { get, put, remove } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

const marked = new Map();

/** Ids of the marked messages of a conversation, read once. */
function marksOf(conversationId) {
  if (!marked.has(conversationId)) {
    const marks = signal(new Set());
    marked.set(conversationId, marks);
    get(`/conversations/${conversationId}/wrong-answers`).then((found) => { marks.value = new Set(found.messages); }).catch(() => marked.delete(conversationId));
  }
  return marked.get(conversationId);
}

export function WrongAnswer({ conversation, message }) {
  const marks = marksOf(conversation.id);
  const wrong = marks.value.has(message.id);
  const turn = async () => {
    const path = `/conversations/${conversation.id}/messages/${message.id}/wrong`;
    try {
      await (wrong ? remove(path) : put(path, {}));
      const now = new Set(marks.value);
      if (wrong) now.delete(message.id);
      else now.add(message.id);
      marks.value = now;
    } catch (refusal) {
      complain(refusal);
    }
  };
  return html`<button class="inline wrong-answer" aria-pressed=${wrong} onClick=${turn}>${t(wrong ? "wrong.marked" : "wrong.mark")}</button>`;
}
