/* One customer's phone: the nameplate above, the chat with the brand below. */

import { bubble } from "./bubbles.js";
import { Composer } from "./composer.js";
import { showPicture } from "./dialogs.js";
import { avatar, channelMark, icon, make } from "./dom.js";
import { openMenu } from "./menu.js";
import { act, removeCustomer, state } from "./store.js";
import { LANGUAGES, dayName, say } from "./words.js";

const EMOJI = ["👍", "❤️", "😆", "😢", "👎"];

export class Phone {
  constructor(customer, { onNotice }) {
    this.customer = customer;
    this.composer = new Composer(customer, { onNotice });
    this.status = make("span", { className: "status" });
    this.list = make("div", { className: "messages", role: "log", "aria-live": "polite", tabIndex: 0, "aria-label": `${customer.name} – ${state.brand}` });
    this.toast = make("div", { className: "toast", role: "status" });
    this.blocked = make("div", { className: "blocked" });
    this.node = make(
      "section",
      { className: `phone ${customer.channel}`, id: `phone-${customer.id}`, "aria-label": customer.name },
      this.nameplate(),
      make("div", { className: "screen" }, this.head(), this.list, this.toast, this.blocked, this.composer.node),
    );
    this.render();
  }

  nameplate() {
    const { name, language, channel } = this.customer;
    return make(
      "div",
      { className: "nameplate" },
      avatar(name),
      make("span", { className: "who" }, make("b", { dir: "auto" }, name), make("small", {}, LANGUAGES[language] ?? language)),
      channelMark(channel),
      this.moreButton(),
    );
  }

  moreButton(className = "") {
    const more = make("button", { className: `plain ${className}`, type: "button", "aria-label": `${say("more")}: ${this.customer.name}`, "aria-haspopup": "menu" }, icon("more", 20));
    more.addEventListener("click", () => openMenu(more, this.ownMenu()));
    return more;
  }

  head() {
    return make(
      "div",
      { className: "head" },
      avatar(state.brand, true),
      make("span", { className: "brand" }, make("b", { dir: "auto" }, state.brand), this.status),
      this.moreButton("head-more"),
    );
  }

  ownMenu() {
    const { id, blocked } = this.customer;
    const toggle = async () => {
      await act(id, blocked ? "unblock" : "block");
      this.customer.blocked = !blocked;
      this.showState();
    };
    return [
      { icon: "block", text: say(blocked ? "unblock" : "block"), run: toggle },
      { icon: "close", text: say("remove"), danger: true, run: () => removeCustomer(id) },
    ];
  }

  get hooks() {
    const { id, messages } = this.customer;
    return {
      press: (button) => act(id, "press", { button: button.value }),
      open: showPicture,
      find: (messageId) => messages.get(messageId),
      menu: (message, anchor) => openMenu(anchor, this.messageMenu(message)),
    };
  }

  messageMenu(message) {
    const { id } = this.customer;
    const items = [{ choices: EMOJI, run: (emoji) => act(id, "react", { message_id: message.id, emoji: message.reactions.customer === emoji ? "" : emoji }) }];
    items.push({ icon: "reply", text: say("reply"), run: () => this.composer.enterMode("reply", message) });
    if (message.author === "customer" && message.text && !message.pictures.length) {
      items.push({ icon: "edit", text: say("edit"), run: () => this.composer.enterMode("edit", message) });
    }
    return items;
  }

  render() {
    this.list.replaceChildren();
    let day = "";
    let last = "";
    for (const message of this.customer.messages.values()) {
      const name = dayName(new Date(message.at));
      if (name !== day) this.list.append(make("div", { className: "day" }, make("span", {}, name)));
      const node = bubble(message, this.hooks);
      if (message.author === last && name === day) node.classList.add("follows");
      this.list.append(node);
      day = name;
      last = message.author;
    }
    if (!this.customer.messages.size) {
      this.list.append(make("div", { className: "empty" }, avatar(state.brand), make("p", {}, say("empty", { brand: state.brand }))));
    }
    if (this.customer.typing) this.list.append(dots());
    this.showState();
    this.composer.suggest();
    this.toBottom();
  }

  update(message) {
    const old = [...this.list.children].find((row) => row.dataset.id === message.id);
    if (!old) {
      this.render();
      return;
    }
    const node = bubble(message, this.hooks);
    node.classList.add("still");
    if (old.classList.contains("follows")) node.classList.add("follows");
    old.replaceWith(node);
    this.composer.suggest();
  }

  showState() {
    const { typing, blocked, channel } = this.customer;
    this.status.textContent = typing ? say("typing") : channel === "telegram" ? say("bot") : say("online");
    this.status.classList.toggle("busy", Boolean(typing));
    this.blocked.textContent = blocked ? say("blocked") : "";
    this.node.classList.toggle("is-blocked", Boolean(blocked));
  }

  showTyping() {
    const away = this.awayFromBottom();
    this.list.querySelector(".dots")?.remove();
    if (this.customer.typing) this.list.append(dots());
    this.showState();
    if (!away) this.toBottom();
  }

  showToast(text) {
    this.toast.textContent = text;
    this.toast.classList.add("shown");
    clearTimeout(this.toastEnd);
    this.toastEnd = setTimeout(() => this.toast.classList.remove("shown"), 3000);
  }

  awayFromBottom() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight > 160;
  }

  toBottom() {
    this.list.scrollTop = this.list.scrollHeight;
    requestAnimationFrame(() => { this.list.scrollTop = this.list.scrollHeight; });
  }
}

const dots = () =>
  make("div", { className: "row theirs dots" }, make("div", { className: "bubble", role: "img", "aria-label": say("typing") }, make("i"), make("i"), make("i")));
