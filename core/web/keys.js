/* The keyboard, by physical key: J is where a Latin keyboard has J, whatever the layout writes. */

const SEQUENCE = 1500;
const scopes = [];
let goPressedAt = 0;

/**
 * `bindings`: `"KeyJ"`, `"Shift+Slash"`, `"Mod+KeyK"`, `"Alt+Digit1"`, `"KeyG KeyD"` → function. Later scopes come
 * first. Keys with Mod or Alt work while somebody types, plain keys do not. Returns how to take them away.
 */
export function bindKeys(bindings) {
  scopes.unshift(bindings);
  return () => scopes.splice(scopes.indexOf(bindings), 1);
}

export const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable=true]") !== null;

function name(event) {
  const mod = event.ctrlKey || event.metaKey ? "Mod+" : "";
  return `${mod}${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${event.code}`;
}

function find(key) {
  return scopes.find((bindings) => bindings[key])?.[key];
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const key = name(event);
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && (isTyping(event.target) || document.querySelector("dialog[open]"))) return;
  let run = find(key);
  if (plain && Date.now() - goPressedAt < SEQUENCE) run = find(`KeyG ${key}`) ?? run;
  goPressedAt = plain && key === "KeyG" ? Date.now() : 0;
  if (!run || event.repeat && !["KeyJ", "KeyK"].includes(key)) return;
  event.preventDefault();
  run();
});
