/* A small menu near a button: closes on choice, Escape, or a click elsewhere. */

import { icon, make } from "./dom.js";

let open = null;

export function closeMenu() {
  open?.menu.remove();
  open?.anchor.setAttribute("aria-expanded", "false");
  open = null;
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.anchor.contains(event.target)) closeMenu();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !open) return;
  open.anchor.focus();
  closeMenu();
});
window.addEventListener("resize", closeMenu);

/* `items`: {icon, text, run, danger} or {choices: [text], run(text)} for a row of emoji. */
export function openMenu(anchor, items) {
  const again = open?.anchor === anchor;
  closeMenu();
  if (again) return;
  const menu = make("div", { className: "menu", role: "menu" }, items.map(itemNode));
  document.body.append(menu);
  const near = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(Math.max(8, near.left + near.width / 2 - width / 2), innerWidth - width - 8);
  const above = near.top - height - 8;
  menu.style.left = `${left}px`;
  menu.style.top = `${above > 8 ? above : Math.min(near.bottom + 8, innerHeight - height - 8)}px`;
  anchor.setAttribute("aria-expanded", "true");
  open = { menu, anchor };
  menu.querySelector("button")?.focus({ preventScroll: true });
  menu.addEventListener("keydown", moveFocus);
}

function itemNode(item) {
  if (item.choices) {
    const buttons = item.choices.map((text) =>
      make("button", { type: "button", className: "menu-emoji", role: "menuitem", onclick: () => choose(() => item.run(text)) }, text),
    );
    return make("div", { className: "menu-row" }, buttons);
  }
  return make(
    "button",
    { type: "button", className: `menu-item${item.danger ? " danger" : ""}`, role: "menuitem", onclick: () => choose(item.run) },
    icon(item.icon, 20),
    make("span", {}, item.text),
  );
}

function choose(run) {
  closeMenu();
  run();
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...open.menu.querySelectorAll("button")];
  buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
}
