/* One's own account: password, second factor, and the browsers one is signed in with. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { get, post, put, remove } from "core/requests.js";
import { SecondFactor } from "core/settings/second_factor.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

function Password() {
  const [mistake, setMistake] = useState("");
  const save = async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await put("/me/password", Object.fromEntries(new FormData(form)));
      form.reset();
      setMistake("");
      toast(t("account.password_done"));
    } catch (refusal) {
      setMistake(told(refusal));
    }
  };
  return html`<form class="panel" onSubmit=${save}><h2>${t("account.password")}</h2>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <label>${t("account.present")}<input name="current" type="password" required maxlength="1024" autocomplete="current-password" /></label>
    <label>${t("account.new")}<input name="new" type="password" required minlength="10" maxlength="1024" autocomplete="new-password" /></label>
    <p class="soft">${t("account.password_ends")}</p><div><button class="primary">${t("account.password_save")}</button></div></form>`;
}

/** "Firefox · Linux" of what a browser calls itself; its own words where it is another one. */
function deviceName(device) {
  const browser = ["Edg", "Firefox", "Chrome", "Safari"].find((one) => device.includes(`${one}/`));
  const system = ["iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux"].find((one) => device.includes(one));
  return browser && system ? `${browser.replace("Edg", "Edge")} · ${system}` : device.slice(0, 60) || t("account.unknown_device");
}

function Sessions() {
  const [items, setItems] = useState(null);
  const load = () => get("/me/sessions").then((found) => setItems(found.items)).catch(complain);
  useEffect(() => { load(); }, []);
  const run = async (ask) => { try { await ask(); } catch (refusal) { complain(refusal); } load(); };
  return html`<section class="panel"><h2>${t("account.sessions")}</h2>
    <ul class="sessions">${(items ?? []).map((one) => html`<li key=${one.id} class="page-head"><span>${deviceName(one.device)}${one.current ? html` <span class="chip">${t("account.this_one")}</span>` : ""}<br /><span class="soft">${t("account.since", { at: fullTime(one.created_at) })}</span></span>
      ${!one.current && html`<button class="quiet danger" onClick=${() => run(() => remove(`/me/sessions/${one.id}`))}>${t("account.end")}</button>`}</li>`)}</ul>
    <div class="chips"><button onClick=${() => run(() => post("/me/sessions/end", { keep_this: true }))}>${t("account.end_others")}</button>
      <button class="quiet danger" onClick=${() => run(() => post("/me/sessions/end"))}>${t("account.end_all")}</button></div></section>`;
}

export function Account() {
  return html`<${Password} /><${SecondFactor} /><${Sessions} />`;
}
