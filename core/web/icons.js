/* Line drawings, 24 by 24; decoration only, so hidden from screen readers. */

import { html } from "core/html.js";

const PATHS = {
  desk: "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1.5 2.5h3L15 13h5",
  knowledge: "M5 4.5h11a2 2 0 0 1 2 2V20H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h11M9 8.5h5",
  reports: "M4 20h16M7 16v-5M12 16V6M17 16v-8",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  close: "M6 6l12 12M18 6L6 18",
  back: "M14 5l-7 7 7 7",
  next: "M10 5l7 7-7 7",
  down: "M6 9l6 6 6-6",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  send: "M5 12L20 4l-4.5 16-3.7-6.3z",
  note: "M5 4h14v11l-5 5H5zM14 20v-5h5",
  reply: "M10 6L4 11.5l6 5.5M4 11.5h9c4 0 6.5 2 7 6",
  claim: "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-3.6 3.4-5.2 7-5.2s6.4 1.6 7 5.2",
  people: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 19c.4-3.2 2.7-4.8 5.5-4.8s5.1 1.6 5.5 4.8M15.5 5.4a3 3 0 0 1 0 5.2M17 14.6c2 .6 3.2 2.1 3.5 4.4",
  done: "M5 12.5l4.5 4.5L19 7.5",
  ticks: "M1.5 12.8l4.2 4.4 9.3-10.2M11 16.2l1 1L21.5 7",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 7.5V12l3 2",
  bot: "M6 9h12v10H6zM12 9V5M9.5 13.5h.01M14.5 13.5h.01M3.5 13v3M20.5 13v3",
  tag: "M4 4h7l9 9-7 7-9-9zM8 8h.01",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4",
  keyboard: "M3 6.5h18v11H3zM7 10h.01M11 10h.01M15 10h.01M7 14h10",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  voice: "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3",
  place: "M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
  spark: "M12 4l1.8 5.2L19 11l-5.2 1.8L12 18l-1.8-5.2L5 11l5.2-1.8z",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.3h.01",
  plus: "M12 5v14M5 12h14",
  filter: "M4 6h16M7 12h10M10 18h4",
  attach: "M20 11.2l-8.4 8.4a5 5 0 0 1-7.1-7.1L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7",
  out: "M10 5H5v14h5M14 8l4 4-4 4M18 12H9",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3A4 4 0 0 0 10.700 18.300l1-1",
};

export function Icon({ name, size = 20 }) {
  return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} fill="none" stroke="currentColor"
    stroke-width=${name === "more" ? 2.8 : 1.7} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    <path d=${PATHS[name]} /></svg>`;
}

const HUES = 8;
const hues = new Map();

function hueOf(seed) {
  if (!hues.has(seed)) hues.set(seed, [...seed].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % HUES);
  return hues.get(seed);
}

/** The first letters of a name on one of eight calm grounds, always the same for the same name. */
export function Avatar({ name, seed = name, size = "" }) {
  const letters = [...name.trim()].length ? name.trim().split(/\s+/).slice(0, 2).map((word) => [...word][0]).join("") : "?";
  return html`<span class=${`avatar hue-${hueOf(String(seed))} ${size}`} aria-hidden="true">${letters.toUpperCase()}</span>`;
}
