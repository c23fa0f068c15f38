/* A window over the page: the browser's own dialog, which keeps the focus inside and gives it back. */

import { html, signal, useEffect, useRef } from "core/html.js";
import { Icon } from "core/icons.js";
import { t } from "core/words.js";

/** What is shown over the page: a function that draws it, or null. */
export const overlay = signal(null);

export const show = (draw) => { overlay.value = draw; };
export const hide = () => { overlay.value = null; };

export function Dialog({ title, children, kind = "" }) {
  const element = useRef();
  useEffect(() => {
    element.current.showModal();
    element.current.querySelector("[data-first]")?.focus();
  }, []);
  const outside = (event) => { if (event.target === element.current) hide(); };
  return html`<dialog ref=${element} class=${`dialog ${kind}`} aria-label=${title} onClose=${hide} onMouseDown=${outside}>
    <div class="dialog-inside">
      <header class="dialog-head"><h2>${title}</h2>
        <button class="quiet icon-only" aria-label=${t("shell.close")} onClick=${hide}><${Icon} name="close" /></button></header>
      ${children}
    </div>
  </dialog>`;
}

export function Overlay() {
  const draw = overlay.value;
  return draw === null ? null : draw();
}
