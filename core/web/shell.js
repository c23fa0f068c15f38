/* The frame around every screen: where one can go, who one is, whether the connection stands. */

import { html, signal, useComputed, useEffect } from "core/html.js";
import { offer, openKeys, openPalette } from "core/commands.js";
import { Overlay } from "core/dialogs.js";
import { Avatar, Icon } from "core/icons.js";
import { connection } from "core/live.js";
import { go, path } from "core/router.js";
import { brand, may, me, remember } from "core/session.js";
import { Toasts } from "core/toasts.js";
import { language, LANGUAGES, t } from "core/words.js";

const THEMES = ["auto", "light", "dark"];
export const theme = signal(document.documentElement.dataset.theme);
/** The number on the desk's sign. */
export const waiting = signal(0);
/** Something to say above every screen: a function that draws it, or null. */
export const notice = signal(null);

function setTheme(wanted) {
  theme.value = wanted;
  document.documentElement.dataset.theme = wanted;
  remember("theme", wanted);
}

function setLanguage(wanted) {
  remember("language", wanted);
  location.reload();
}

async function logOut() {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/logout";
  document.body.append(form);
  form.submit();
}

/** What other packages show in one's own menu: components, in this order. */
export const menuParts = [];

function Menu() {
  return html`<details class="menu" name="menu">
    <summary aria-label=${t("shell.you")}><${Avatar} name=${me.value.name || me.value.email} /></summary>
    <div class="menu-inside">
      <p><strong>${me.value.name || me.value.email}</strong><br /><span class="soft">${me.value.email} · ${t(`role.${me.value.role}`)}</span></p>
      <label>${t("shell.language")}
        <select onChange=${(event) => setLanguage(event.target.value)}>
          ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} selected=${code === language} lang=${code}>${name}</option>`)}
        </select></label>
      <fieldset class="segments"><legend>${t("shell.theme")}</legend>
        ${THEMES.map((one) => html`<label><input type="radio" name="theme" checked=${theme.value === one} onChange=${() => setTheme(one)} /><span>${t(`theme.${one}`)}</span></label>`)}
      </fieldset>
      ${menuParts.map((Part) => html`<${Part} />`)}
      <button class="quiet wide" onClick=${openKeys}><${Icon} name="keyboard" />${t("palette.keys")}<kbd>?</kbd></button>
      <button class="quiet wide" onClick=${logOut}><${Icon} name="out" />${t("logout")}</button>
    </div>
  </details>`;
}

/** A click elsewhere closes what is open. */
addEventListener("pointerdown", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});

function commands(screens) {
  const group = t("palette.everywhere");
  return [
    ...screens.filter((one) => may(one.needs)).map((one) => ({ title: t("palette.go", { place: t(one.title) }), keys: one.keys, group, run: () => go(one.path) })),
    { title: t("palette.title"), keys: "Mod+KeyK", group, run: openPalette },
    { title: t("palette.keys"), keys: "Shift+Slash", group, run: openKeys },
    ...THEMES.map((one) => ({ title: `${t("shell.theme")}: ${t(`theme.${one}`)}`, group, run: () => setTheme(one) })),
    ...Object.entries(LANGUAGES).map(([code, name]) => ({ title: `${t("shell.language")}: ${name}`, group, run: () => setLanguage(code) })),
    { title: t("logout"), group, run: logOut },
  ];
}

/** `screens`: `{ path, title, icon, keys, needs, matches(path), draw }`, in the order of the signs. */
export function Shell({ screens }) {
  useEffect(() => offer(() => commands(screens)), []);
  const allowed = screens.filter((one) => may(one.needs));
  const current = useComputed(() => allowed.find((one) => one.matches(path.value)) ?? allowed[0]).value; // not drawn again for each conversation
  const thread = useComputed(() => path.value.startsWith("/conversations/")).value;
  return html`<div class=${`shell${thread ? " in-thread" : ""}`}>
    <nav class="signs" aria-label=${t("shell.places")}>
      <a class="mark" href="/" data-screen title=${brand.value?.name ?? "Replydesk"} aria-label=${brand.value?.name ?? "Replydesk"}><img src="/web/replydesk.svg" alt="" width="28" height="28" /></a>
      ${allowed.map((one) => html`<a class="sign" href=${one.path} data-screen aria-current=${one === current ? "page" : null}>
        <${Icon} name=${one.icon} size=${22} /><span>${t(one.title)}</span>
        ${one.path === "/" && waiting.value > 0 && html`<span class="badge" aria-label=${t("inbox.waiting_count", { n: waiting.value })}>${waiting.value > 99 ? "99+" : waiting.value}</span>`}</a>`)}
      <button class="sign" onClick=${openPalette}><${Icon} name="search" size=${22} /><span>${t("shell.find")}</span></button>
      <span class="stretch"></span>
      <${Menu} />
    </nav>
    <div class="place">
      ${connection.value === "away" && html`<p class="strip" role="status"><${Icon} name="warning" size=${16} />${t("shell.away")}</p>`}
      ${notice.value && html`<p class="strip calm">${notice.value()}</p>`}
      ${current ? html`<${current.draw} />` : html`<p class="empty">${t("error.forbidden")}</p>`}
    </div>
    <${Toasts} /><${Overlay} />
  </div>`;
}
