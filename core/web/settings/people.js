/* Who works here, and what each may do. */

import { html, useEffect, useState } from "core/html.js";
import { get, post, put, remove } from "core/requests.js";
import { me } from "core/session.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

const ROLES = ["agent", "editor", "manager", "admin"];

export function People() {
  const [users, setUsers] = useState(null);
  const [mistake, setMistake] = useState("");
  const [link, setLink] = useState(null);
  const load = () => get("/users").then((found) => setUsers(found.items)).catch(complain);
  useEffect(() => { load(); }, []);
  const change = async (user, role) => {
    try { await put(`/users/${user.id}`, { role }); toast(t("shell.saved")); } catch (refusal) { complain(refusal); }
    load();
  };
  const deactivate = async (user) => {
    if (!confirm(t("people.sure", { name: user.name || user.email }))) return;
    try { await post(`/users/${user.id}/deactivate`); } catch (refusal) { complain(refusal); }
    load();
  };
  const makeLink = async (user) => {
    try { setLink({ email: user.email, address: location.origin + (await post(`/users/${user.id}/password-link`)).path }); } catch (refusal) { complain(refusal); }
  };
  const forget = async (user) => {
    if (!confirm(t("people.forget_sure", { name: user.name || user.email }))) return;
    try { await remove(`/users/${user.id}/second-factor`); toast(t("shell.saved")); } catch (refusal) { complain(refusal); }
  };
  const add = async (event) => {
    event.preventDefault();
    try {
      const { password, ...given } = Object.fromEntries(new FormData(event.target));
      await post("/users", password ? { ...given, password } : given);
      event.target.reset();
      setMistake("");
      load();
    } catch (refusal) {
      setMistake(refusal.message || told(refusal));
    }
  };
  return html`<div class="panel flush" tabindex="0" role="region" aria-label=${t("settings.people")}><table><thead><tr><th>${t("people.name")}</th><th>${t("field.email")}</th><th>${t("people.role")}</th><td></td></tr></thead>
      <tbody>${(users ?? []).map((user) => html`<tr key=${user.id}><td>${user.name || "—"}</td><td>${user.email}</td>
        <td>${user.active ? html`<select aria-label=${`${t("people.role")}: ${user.email}`} disabled=${user.id === me.value.id} onChange=${(event) => change(user, event.target.value)}>${ROLES.map((role) => html`<option value=${role} selected=${role === user.role}>${t(`role.${role}`)}</option>`)}</select>` : html`<span class="chip">${t("people.inactive")}</span>`}</td>
        <td>${user.active && user.id !== me.value.id && html`<span class="row-actions"><button class="quiet" aria-label=${`${t("people.link")}: ${user.email}`} onClick=${() => makeLink(user)}>${t("people.link")}</button><button class="quiet" aria-label=${`${t("people.forget")}: ${user.email}`} onClick=${() => forget(user)}>${t("people.forget")}</button><button class="quiet danger" aria-label=${`${t("people.deactivate")}: ${user.email}`} onClick=${() => deactivate(user)}>${t("people.deactivate")}</button></span>`}</td></tr>`)}</tbody></table></div>
    ${link && html`<section class="panel" aria-live="polite"><p><strong>${t("people.link_made", { name: link.email })}</strong></p><p class="secret"><code>${link.address}</code></p></section>`}
    <form class="panel" onSubmit=${add}><h2>${t("people.add")}</h2>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
      <div class="line"><label>${t("people.name")}<input name="name" maxlength="200" autocomplete="off" /></label><label>${t("field.email")}<input name="email" type="email" required autocomplete="off" /></label></div>
      <div class="line"><label>${t("people.password")}<input name="password" type="password" minlength="10" autocomplete="new-password" /></label>
      <label>${t("people.role")}<select name="role">${ROLES.map((role) => html`<option value=${role}>${t(`role.${role}`)}</option>`)}</select></label></div>
      <div><button class="primary">${t("people.add")}</button></div></form>`;
}
