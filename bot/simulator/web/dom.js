/* Builds elements. Text is always a text node; nothing here ever parses markup. */

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  attach: "M20 11.2l-8.4 8.4a5 5 0 0 1-7.1-7.1L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7",
  send: "M4 12l16-8-5 16-3.5-6.5z",
  photo: "M4 6h16v12H4zM4 15l5-4 4 3 3-2 4 3M15.5 9.5h.01",
  voice: "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3",
  place: "M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
  sticker: "M12 21a9 9 0 1 1 9-9c-4 0-9 4-9 9zM8.5 10h.01M14 9h.01M8 13.5c1 1.4 2.3 1.9 3.8 1.8",
  contact: "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-3.6 3.4-5.2 7-5.2s6.4 1.6 7 5.2",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4",
  reply: "M10 6L4 11.5l6 5.5M4 11.5h9c4 0 6.5 2 7 6",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  desk: "M14 4h6v6M20 4l-9 9M18 14v5H5V6h5",
  block: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.8 5.8l12.4 12.4",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  ticks: "M1.5 12.8l4.2 4.4 9.3-10.2M11 16.2l1 1L21.5 7",
};

export function icon(name, size = 22) {
  const drawing = document.createElementNS(SVG, "svg");
  const filled = name === "send" || name === "play";
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    fill: filled ? "currentColor" : "none",
    stroke: "currentColor",
    "stroke-width": name === "more" ? 2.6 : 1.8,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  })) drawing.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}

export function channelMark(channel) {
  const mark = document.createElementNS(SVG, "svg");
  mark.setAttribute("viewBox", "0 0 24 24");
  mark.setAttribute("class", `mark mark-${channel}`);
  mark.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute(
    "d",
    channel === "telegram"
      ? "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm4.8 6.4-1.7 8c-.1.5-.5.7-1 .4l-2.5-1.9-1.3 1.2c-.3.3-.7.2-.7-.3l.3-2.6 4.8-4.3-6 3.7-2.5-.8c-.6-.2-.6-.6.1-.9l9.7-3.7c.5-.2.9.1.8.9z"
      : "M12 2C6.4 2 2 6.1 2 11.6c0 2.9 1.2 5.4 3.1 7.1V22l3-1.6c1.2.3 2.5.5 3.9.5 5.6 0 10-4.1 10-9.6S17.6 2 12 2zm1 12.6-2.5-2.7-4.9 2.7 5.4-5.7 2.6 2.7 4.8-2.7z",
  );
  mark.append(shape);
  return mark;
}

/* A calm colour for a name, always the same one. */
export function hueOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return Math.floor(sum / 45);
}

export function avatar(name, small = false) {
  const first = [...name.trim()][0] ?? "?";
  return make("span", { className: `avatar hue-${hueOf(name)}${small ? " avatar-small" : ""}`, "aria-hidden": "true" }, first.toUpperCase());
}
