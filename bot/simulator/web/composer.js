/* Where the customer types: text, suggestions, attachments, edit and reply modes. */

import { icon, make } from "./dom.js";
import { openMenu } from "./menu.js";
import { act, state } from "./store.js";
import { say } from "./words.js";

const STICKERS = ["👍", "😍", "😂", "😢", "😡", "🙏"];
const LARGEST_FILE = 8 * 1024 * 1024;

function readBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).split(",", 2)[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

export class Composer {
  constructor(customer, { onNotice }) {
    this.customer = customer;
    this.mode = null;
    this.onNotice = onNotice;
    this.chips = make("div", { className: "chips" });
    this.modeBar = make("div", { className: "mode", hidden: true });
    this.input = make("textarea", { className: "input", rows: 1, placeholder: say("write"), "aria-label": say("write"), dir: "auto", maxLength: 4096 });
    this.sendButton = make("button", { className: "round send", type: "submit", "aria-label": say("send"), disabled: true }, icon("send", 20));
    const attach = make("button", { className: "round", type: "button", "aria-label": say("attach"), "aria-haspopup": "menu" }, icon("attach"));
    attach.addEventListener("click", () => openMenu(attach, this.attachments()));
    this.file = make("input", { type: "file", hidden: true });
    this.file.addEventListener("change", () => this.sendFile());
    const form = make("form", { className: "composer" }, attach, this.file, this.input, this.sendButton);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.fit());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.node = make("div", { className: "below" }, this.chips, this.modeBar, form);
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    }
    if (event.key === "Escape" && this.mode) this.leaveMode();
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
    this.sendButton.disabled = !this.input.value.trim();
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const { mode } = this;
    if (mode?.kind === "edit") act(this.customer.id, "edit", { message_id: mode.message.id, text });
    else act(this.customer.id, "write", mode ? { text, reply_to: mode.message.id } : { text });
    this.input.value = "";
    this.leaveMode();
    this.fit();
  }

  enterMode(kind, message) {
    this.mode = { kind, message };
    const title = kind === "edit" ? say("editing") : say("replying");
    const close = make("button", { type: "button", className: "mode-close", "aria-label": say("cancel"), onclick: () => this.leaveMode() }, icon("close", 18));
    this.modeBar.replaceChildren(icon(kind, 18), make("span", { className: "mode-words" }, make("b", {}, title), message.text || say("gone")), close);
    this.modeBar.hidden = false;
    if (kind === "edit") this.input.value = message.text;
    this.fit();
    this.input.focus();
  }

  leaveMode() {
    if (this.mode?.kind === "edit") this.input.value = "";
    this.mode = null;
    this.modeBar.hidden = true;
    this.fit();
  }

  attachments() {
    const { id } = this.customer;
    return [
      { choices: STICKERS, run: (emoji) => act(id, "sticker", { emoji }) },
      { icon: "photo", text: say("photo"), run: () => this.pick("image/*") },
      { icon: "file", text: say("file"), run: () => this.pick("") },
      { icon: "voice", text: say("voice"), run: () => act(id, "voice") },
      { icon: "place", text: say("location"), run: () => act(id, "location") },
      { icon: "contact", text: say("contact"), run: () => act(id, "contact") },
    ];
  }

  pick(kinds) {
    this.file.accept = kinds;
    this.file.value = "";
    this.file.click();
  }

  async sendFile() {
    const [file] = this.file.files;
    if (!file) return;
    if (file.size > LARGEST_FILE) {
      this.onNotice(say("tooLarge"));
      return;
    }
    const caption = this.input.value.trim();
    const action = file.type.startsWith("image/") ? "photo" : "document";
    await act(this.customer.id, action, { data: await readBase64(file), name: file.name, caption });
    this.input.value = "";
    this.fit();
  }

  /* Suggestions of an empty chat, or the quick replies of the newest message. */
  suggest() {
    const messages = [...this.customer.messages.values()];
    const newest = messages.at(-1);
    const { id } = this.customer;
    let chips = [];
    if (!newest) {
      const start = { text: say("start"), strong: true, run: () => act(id, "start") };
      const questions = state.questions[this.customer.language] ?? state.questions.en ?? [];
      chips = [start, ...questions.map((text) => ({ text, run: () => act(id, "write", { text }) }))];
    } else if (newest.author === "brand") {
      const replies = newest.buttons.flat().filter((button) => button.kind === "quick_reply");
      chips = replies.map((button) => ({ text: button.text, run: () => act(id, "press", { button: button.value }) }));
    }
    this.chips.classList.toggle("stacked", !newest);
    this.chips.replaceChildren(
      ...chips.map((chip) => make("button", { type: "button", className: `chip${chip.strong ? " chip-strong" : ""}`, onclick: chip.run, dir: "auto" }, chip.text)),
    );
  }
}
