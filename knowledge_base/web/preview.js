/* How an answer will be cut and shown on each channel. */

import { html, useEffect, useState } from "core/html.js";
import { post } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

const PAUSE = 350;

function Part({ part }) {
  return html`<li class="shown-part">${part.picture && html`<img src=${`/api/v1/files/${part.picture}`} alt=${t("knowledge.picture_word")} />`}
    ${part.text && html`<p class="words">${part.text}</p>`}
    ${part.buttons.length > 0 && html`<ul class="shown-buttons">${part.buttons.map((button) => html`<li>${button.title}${button.opens_page && " ↗"}</li>`)}</ul>`}</li>`;
}

export function Preview({ text, language }) {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState([]);
  const asked = JSON.stringify({ text: text.answer, buttons: text.buttons.filter((one) => one.title.trim()), picture: text.picture });
  useEffect(() => {
    if (!open) return undefined;
    const timer = setTimeout(() => post("/knowledge/preview", JSON.parse(asked)).then((found) => setShown(found.items)).catch(complain), PAUSE);
    return () => clearTimeout(timer);
  }, [open, asked]);
  return html`<details class="preview" onToggle=${(event) => setOpen(event.target.open)}><summary>${t("knowledge.preview")}</summary>
    <div class="shown">${shown.map((one) => html`<section key=${one.channel} aria-label=${one.title}><h3>${one.title}${one.parts.length > 1 && html` · <span class="due">${t("knowledge.messages", { n: one.parts.length })}</span>`}</h3>
      <ol lang=${language}>${one.parts.map((part) => html`<${Part} part=${part} />`)}</ol></section>`)}</div></details>`;
}
