/* The two dialogs: a new customer, a picture in full. */

import { channelMark, icon, make } from "./dom.js";
import { addCustomer } from "./store.js";
import { LANGUAGES, language, say } from "./words.js";

function show(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.showModal();
}

export function askForCustomer(onAdded) {
  const name = make("input", { type: "text", name: "name", required: true, maxLength: 60, autocomplete: "off" });
  const speaks = make("select", { name: "language" }, Object.entries(LANGUAGES).map(([code, text]) => make("option", { value: code, selected: code === language() }, text)));
  const channels = ["telegram", "messenger"].map((channel, index) =>
    make(
      "label",
      { className: "choice" },
      make("input", { type: "radio", name: "channel", value: channel, checked: index === 0 }),
      channelMark(channel),
      channel === "telegram" ? "Telegram" : "Messenger",
    ),
  );
  const form = make(
    "form",
    { method: "dialog" },
    make("h2", {}, say("add")),
    make("label", { className: "field" }, make("span", {}, say("name")), name),
    make("fieldset", { className: "field" }, make("legend", {}, say("channel")), make("div", { className: "choices" }, channels)),
    make("label", { className: "field" }, make("span", {}, say("speaks")), speaks),
    make(
      "div",
      { className: "dialog-foot" },
      make("button", { type: "button", className: "quiet", onclick: () => dialog.close() }, say("cancel")),
      make("button", { type: "submit", className: "strong" }, say("create")),
    ),
  );
  const dialog = make("dialog", { className: "dialog" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    dialog.close();
    const { id } = await addCustomer(values);
    onAdded(id);
  });
  show(dialog);
  name.focus();
}

export function showPicture(picture) {
  const close = make("button", { type: "button", className: "light-close", "aria-label": say("close"), onclick: () => dialog.close() }, icon("close"));
  const dialog = make("dialog", { className: "light" }, make("img", { src: picture.url, alt: picture.name }), close);
  show(dialog);
}
