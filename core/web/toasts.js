/* Short words at the edge of the screen, read aloud by screen readers. */

import { html, signal } from "core/html.js";
import { t } from "core/words.js";

const STAY = 6000;
const toasts = signal([]);
let number = 0;

/** `action`: `{ label, run }`. Returns how to take it away. */
export function toast(text, { action, bad = false, stay = STAY } = {}) {
  const one = { key: (number += 1), text, action, bad };
  toasts.value = [...toasts.value.slice(-2), one];
  const away = () => { toasts.value = toasts.value.filter((other) => other !== one); };
  setTimeout(away, stay);
  return away;
}

/** What went wrong, in words for people. */
export function told(refusal) {
  if (refusal.status === 0) return t("error.unreachable");
  if (refusal.status === 403) return t("error.forbidden");
  if (refusal.status === 404) return t("error.gone");
  if (refusal.status === 422 || refusal.status === 502) return refusal.message || t("error.unknown");
  return refusal.status ? t("error.unknown") : String(refusal.message ?? refusal);
}

export const complain = (refusal) => toast(told(refusal), { bad: true });

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map((one) => html`<div key=${one.key} class=${`toast${one.bad ? " bad" : ""}`}>
      <span>${one.text}</span>
      ${one.action && html`<button onClick=${() => { toasts.value = toasts.value.filter((other) => other !== one); one.action.run(); }}>${one.action.label}</button>`}
    </div>`)}
  </div>`;
}
