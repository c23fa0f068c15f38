/* Everything one can do, by name: what the palette searches and the list of keys shows. */

import { html, signal, useEffect, useState } from "core/html.js";
import { Dialog, hide, show } from "core/dialogs.js";
import { bindKeys } from "core/keys.js";
import { t } from "core/words.js";

const sources = signal([]);
const MAC = navigator.platform.startsWith("Mac");

/**
 * `list()` gives `{ title, run, keys?, group? }` for what can be done now; the commands' keys are bound while they are
 * offered. Returns how to withdraw them.
 */
export function offer(list) {
  sources.value = [...sources.value, list];
  const bindings = new Proxy({}, { get: (_, key) => list().find((one) => one.keys === key)?.run });
  const unbind = bindKeys(bindings);
  return () => {
    unbind();
    sources.value = sources.value.filter((one) => one !== list);
  };
}

const all = () => sources.value.flatMap((list) => list());

/** Adds what is found on the server for the words typed: `async (words) => [{ title, run }]`. */
export const searches = [];

export function keyCaps(keys) {
  const caps = (one) => one.replace("Mod+", MAC ? "⌘" : "Ctrl ").replace("Alt+", MAC ? "⌥" : "Alt ").replace("Shift+Slash", "?")
    .replace("Slash", "/").replace("Shift+", "⇧").replace(/Key|Digit/g, "").replace("Escape", "Esc");
  return html`<span class="caps">${keys.split(" ").map((one) => html`<kbd>${caps(one)}</kbd>`)}</span>`;
}

function matches(title, words) {
  const low = title.toLocaleLowerCase();
  return words.toLocaleLowerCase().split(/\s+/).every((word) => low.includes(word));
}

function Palette() {
  const [words, setWords] = useState("");
  const [place, setPlace] = useState(0);
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (words.trim().length < 2) { setFound([]); return undefined; }
    let wanted = true;
    const timer = setTimeout(async () => {
      const lists = await Promise.all(searches.map((search) => search(words.trim()).catch(() => [])));
      if (wanted) setFound(lists.flat());
    }, 120);
    return () => { wanted = false; clearTimeout(timer); };
  }, [words]);
  const shown = [...all().filter((one) => matches(one.title, words)), ...found].slice(0, 60);
  const chosen = Math.min(place, shown.length - 1);
  const run = (one) => { hide(); one?.run(); };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); setPlace((chosen + step + shown.length) % Math.max(1, shown.length)); }
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); run(shown[chosen]); }
  };
  useEffect(() => { document.getElementById(`command-${chosen}`)?.scrollIntoView({ block: "nearest" }); }, [chosen]);
  return html`<${Dialog} title=${t("palette.title")} kind="palette">
    <input data-first class="palette-words" role="combobox" aria-expanded="true" aria-controls="commands" aria-label=${t("palette.search")}
      aria-activedescendant=${shown.length ? `command-${chosen}` : null} placeholder=${t("palette.search")} value=${words}
      onInput=${(event) => { setWords(event.target.value); setPlace(0); }} onKeyDown=${onKeyDown} />
    <ul id="commands" role="listbox" aria-label=${t("palette.title")} class="commands">
      ${shown.map((one, index) => html`<li id=${`command-${index}`} role="option" aria-selected=${index === chosen}
        onClick=${() => run(one)} onMouseMove=${() => setPlace(index)}><span>${one.title}</span>
        ${one.hint && html`<span class="soft">${one.hint}</span>`}${one.keys && keyCaps(one.keys)}</li>`)}
    </ul>
    ${shown.length === 0 && html`<p class="soft empty">${t("palette.nothing")}</p>`}
  </${Dialog}>`;
}

function Keys() {
  const groups = Map.groupBy?.(all().filter((one) => one.keys), (one) => one.group) ?? new Map([["", all().filter((one) => one.keys)]]);
  return html`<${Dialog} title=${t("palette.keys")} kind="wide">
    <div class="key-groups">${[...groups].map(([group, list]) => html`<section><h3>${group}</h3><dl>
      ${list.map((one) => html`<div><dt>${one.title}</dt><dd>${keyCaps(one.keys)}</dd></div>`)}</dl></section>`)}</div>
  </${Dialog}>`;
}

export const openPalette = () => show(() => html`<${Palette} />`);
export const openKeys = () => show(() => html`<${Keys} />`);
