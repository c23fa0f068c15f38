/* Whether one is there: chosen in one's menu, kept alive while one does something on any screen. */

import { html, signal } from "core/html.js";
import { post } from "core/requests.js";
import { may } from "core/session.js";
import { menuParts } from "core/shell.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

const TELL_EVERY = 60_000;
const CHOICES = ["online", "away", "offline"];
export const chosen = signal("online");

let active = true;
for (const sign of ["pointerdown", "keydown", "wheel"]) addEventListener(sign, () => { active = true; }, { passive: true });

async function tell(body = {}) {
  active = false;
  const found = await post("/availability/me", body);
  chosen.value = found.chosen;
}

function Availability() {
  return html`<fieldset class="segments"><legend>${t("presence.mine")}</legend>
    ${CHOICES.map((one) => html`<label><input type="radio" name="availability" checked=${chosen.value === one} onChange=${() => tell({ chosen: one }).catch(complain)} /><span>${t(`presence.${one}`)}</span></label>`)}</fieldset>`;
}

/** Once, at the start of the application. */
export function startAvailability() {
  if (!may("answer")) return;
  menuParts.push(Availability);
  tell().catch(() => {});
  setInterval(() => { if (active && !document.hidden) tell().catch(() => {}); }, TELL_EVERY);
}
