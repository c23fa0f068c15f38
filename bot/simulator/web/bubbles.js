/* One message as a bubble. Everything people wrote goes in as text nodes. */

import { icon, make } from "./dom.js";
import { clockTime, say } from "./words.js";

const STYLES = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "code",
  spoiler: "span", blockquote: "span", text_link: "a", url: "a", bot_command: "span", mention: "span",
};
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;
const safeAddress = (value) => (/^https?:\/\//i.test(value) ? value : null);

/* Telegram counts in UTF-16 units, as JavaScript does. */
function withEntities(text, entities) {
  const cuts = new Set([0, text.length]);
  for (const { offset, length } of entities) cuts.add(offset).add(Math.min(offset + length, text.length));
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((start, index) => {
    const end = places[index + 1];
    let node = document.createTextNode(text.slice(start, end));
    for (const entity of entities) {
      if (entity.offset > start || entity.offset + entity.length < end) continue;
      const tag = STYLES[entity.type] ?? "span";
      const address = tag === "a" ? safeAddress(entity.url ?? text.slice(start, end)) : null;
      node = make(tag, { className: `entity-${entity.type}`, ...(address && link(address)) }, node);
    }
    return node;
  });
}

const link = (address) => ({ href: address, target: "_blank", rel: "noopener noreferrer" });

function withLinks(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(text.slice(from, match.index), make("a", link(match[0]), match[0]));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

function voiceBar(picture) {
  const sound = new Audio(picture.url);
  const button = make("button", { className: "voice-play", type: "button", "aria-label": say("play") }, icon("play", 16));
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    if (sound.paused) sound.play();
    else sound.pause();
  });
  for (const name of ["play", "pause", "ended"]) {
    sound.addEventListener(name, () => button.replaceChildren(icon(sound.paused ? "play" : "pause", 16)));
  }
  const bars = Array.from({ length: 26 }, (_, index) => make("i", { className: `bar-${(index * 7 + 3) % 5}` }));
  return make("div", { className: "voice" }, button, make("span", { className: "wave", "aria-hidden": "true" }, bars));
}

function place({ latitude, longitude }) {
  return make(
    "div",
    { className: "place" },
    make("div", { className: "map", "aria-hidden": "true" }, icon("place", 30)),
    make("div", { className: "place-words" }, make("b", {}, say("location")), `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`),
  );
}

function card(symbol, name, words, address = null) {
  const inside = [make("span", { className: "card-icon" }, icon(symbol, 20)), make("span", { className: "card-words" }, make("b", {}, name), words)];
  return make(address ? "a" : "div", { className: "card", ...(address && link(address)) }, inside);
}

const sizeWords = (bytes) => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} KB`);

function pictureNode(picture, open) {
  switch (picture.kind) {
    case "image": {
      const image = make("img", { className: "picture", src: picture.url, alt: picture.name, loading: "lazy" });
      return make("button", { className: "picture-open", type: "button", "aria-label": say("photo"), onclick: () => open(picture) }, image);
    }
    case "voice":
    case "audio":
      return voiceBar(picture);
    case "video":
      return make("video", { className: "picture", src: picture.url, controls: true, preload: "metadata" });
    case "sticker":
      return make("span", { className: "sticker", role: "img", "aria-label": say("sticker") }, picture.name.length < 8 ? picture.name : "👍");
    case "location":
      return place(picture.place);
    case "contact":
      return card("contact", picture.name, say("contact"));
    case "link":
      return card("file", picture.name || picture.url, safeAddress(picture.url) ? new URL(picture.url).host : "", safeAddress(picture.url));
    default:
      return card("file", picture.name, sizeWords(picture.size), picture.url);
  }
}

function buttonRows(message, press) {
  const rows = message.buttons.filter((row) => row.some((button) => button.kind !== "quick_reply"));
  if (!rows.length) return null;
  const buttons = rows.map((row) =>
    make("div", { className: "keys" }, row.map((button) => {
      if (button.kind === "url" && safeAddress(button.value)) return make("a", { className: "key", ...link(button.value) }, button.text);
      return make("button", { className: "key", type: "button", onclick: () => press(button) }, button.text);
    })),
  );
  return make("div", { className: "keyboard" }, buttons);
}

function foot(message) {
  const parts = [];
  if (message.edited_at) parts.push(make("span", {}, say("edited")));
  parts.push(make("time", { dateTime: message.at }, clockTime(new Date(message.at))));
  if (message.author === "customer") {
    const ticks = make("span", { className: `ticks ticks-${message.state}`, role: "img", "aria-label": say(message.state), title: say(message.state) });
    ticks.append(icon(message.state === "sent" ? "tick" : "ticks", 15));
    parts.push(ticks);
  }
  return make("span", { className: "foot" }, parts);
}

function quoted(message) {
  const words = message?.text || say(message?.pictures?.[0]?.kind === "image" ? "photo" : "gone");
  return make("div", { className: "quoted" }, words);
}

/* `hooks`: press(button), open(picture), menu(message, anchor), find(id). */
export function bubble(message, hooks) {
  const bare = !message.text && message.pictures.length > 0 && message.pictures.every((picture) => picture.kind === "sticker");
  const words = message.entities.length ? withEntities(message.text, message.entities) : withLinks(message.text);
  const reactions = Object.values(message.reactions);
  const more = make("button", { className: "bubble-more", type: "button", "aria-label": say("more"), "aria-haspopup": "menu" }, icon("more", 18));
  more.addEventListener("click", () => hooks.menu(message, more));
  const body = make(
    "div",
    { className: `bubble${bare ? " bare" : ""}${message.pictures.some((picture) => picture.kind === "image") ? " with-picture" : ""}` },
    message.sender ? make("span", { className: "sender", dir: "auto" }, message.sender) : null,
    message.reply_to ? quoted(hooks.find(message.reply_to)) : null,
    message.pictures.map((picture) => pictureNode(picture, hooks.open)),
    message.text ? make("span", { className: "words", dir: "auto" }, words) : null,
    foot(message),
    reactions.length ? make("span", { className: "reactions" }, reactions.join(" ")) : null,
  );
  const side = message.author === "customer" ? "mine" : "theirs";
  const column = make("div", { className: "column" }, body, buttonRows(message, hooks.press));
  return make("div", { className: `row ${side}${reactions.length ? " reacted" : ""}`, "data-id": message.id }, column, more);
}
