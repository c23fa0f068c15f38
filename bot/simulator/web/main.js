/* Puts the page together: the bar, the tabs of a narrow screen, the phones, and the live events. */

import { askForCustomer } from "./dialogs.js";
import { avatar, channelMark, icon, make } from "./dom.js";
import { Phone } from "./phone.js";
import { act, addCustomer, listen, load, on, state } from "./store.js";
import { LANGUAGES, chooseLanguage, language, say } from "./words.js";

const bar = document.getElementById("bar");
const tabs = document.getElementById("tabs");
const row = document.getElementById("phones");
const notice = document.getElementById("notice");
const phones = new Map();

function tellNotice(text) {
  notice.textContent = text;
  notice.classList.add("shown");
  clearTimeout(tellNotice.end);
  tellNotice.end = setTimeout(() => notice.classList.remove("shown"), 4000);
}

function renderBar() {
  const choice = make("select", { "aria-label": say("language"), className: "language" }, Object.entries(LANGUAGES).map(([code, text]) => make("option", { value: code, selected: code === language() }, text)));
  choice.addEventListener("change", () => {
    chooseLanguage(choice.value);
    renderAll();
  });
  const desk = state.desk && make("a", { className: "desk", href: state.desk, target: "_blank", rel: "noopener" }, make("span", {}, say("desk")), icon("desk", 16));
  bar.replaceChildren(
    make("h1", {}, say("title")),
    make("span", { className: `live${state.live ? "" : " lost"}`, title: state.live ? "" : say("offline") }),
    make("span", { className: "space" }),
    desk || "",
    choice,
    make("button", { type: "button", className: "plain add", "aria-label": say("add"), title: say("add"), onclick: add }, icon("plus", 20)),
  );
}

function renderTabs() {
  tabs.replaceChildren(
    ...[...state.customers.values()].map(({ id, name, channel }) =>
      make("button", { type: "button", className: "tab", onclick: () => showPhone(id), "aria-label": name, "data-id": id }, avatar(name, true), channelMark(channel), make("span", { className: "tab-name", dir: "auto" }, name)),
    ),
    make("button", { type: "button", className: "tab tab-add", "aria-label": say("add"), onclick: add }, icon("plus", 20)),
  );
  markTab();
}

function markTab() {
  const middle = row.scrollLeft + row.clientWidth / 2;
  for (const tab of tabs.children) {
    const phone = phones.get(tab.dataset.id)?.node;
    const here = Boolean(phone) && phone.offsetLeft <= middle && phone.offsetLeft + phone.offsetWidth > middle;
    tab.classList.toggle("here", here);
    tab.setAttribute("aria-current", here ? "true" : "false");
  }
}

function showPhone(id) {
  const phone = phones.get(id);
  if (!phone) return;
  phone.node.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
  if (innerWidth > 700) phone.composer.input.focus({ preventScroll: true });
}

function add() {
  askForCustomer((id) => setTimeout(() => showPhone(id), 60));
}

function addPhone(customer) {
  if (phones.has(customer.id)) return;
  const phone = new Phone(customer, { onNotice: tellNotice });
  phones.set(customer.id, phone);
  row.insertBefore(phone.node, row.querySelector(".add-card"));
  phone.toBottom();
}

function renderAll() {
  document.documentElement.lang = language();
  document.title = `${state.brand} – ${say("title")}`;
  renderBar();
  phones.clear();
  const card = make("button", { type: "button", className: "add-card", onclick: add }, icon("plus", 26), make("span", {}, say("add")));
  row.replaceChildren(card);
  state.customers.forEach(addPhone);
  renderTabs();
}

/* Nobody there yet: one customer on each channel, so that a chat can begin at once. */
async function welcome() {
  if (state.customers.size) return;
  const names = say("names");
  await addCustomer({ name: names[0], language: language(), channel: "telegram" });
  await addCustomer({ name: names[1], language: language(), channel: "messenger" });
}

on("loaded", renderAll);
on("live", () => {
  renderBar();
  tellNotice(say("offline"));
});
on("failed", (reason) => tellNotice(say("failed", { reason })));
on("customer", (customer) => {
  addPhone(customer);
  renderTabs();
});
on("customer_removed", (id) => {
  phones.get(id)?.node.remove();
  phones.delete(id);
  renderTabs();
});
on("message", ({ customer, message }) => phones.get(customer.id)?.update(message));
on("removed", ({ customer }) => phones.get(customer)?.render());
on("typing", (customer) => phones.get(customer.id)?.showTyping());
on("toast", ({ customer, text }) => phones.get(customer)?.showToast(text));
row.addEventListener("scroll", markTab, { passive: true });
addEventListener("resize", markTab);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) phones.forEach((phone) => phone.customer.messages.size && act(phone.customer.id, "read").catch(() => {}));
});

await load();
await welcome();
listen(); // its first event loads everything once more, so that nothing is missed in between
