/* Who may do what: the very table that every route asks. */

import { html, useEffect, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { get } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

const ROLES = ["agent", "editor", "manager", "admin"];

export function Roles() {
  const [items, setItems] = useState(null);
  useEffect(() => { get("/roles").then((found) => setItems(found.items)).catch(complain); }, []);
  return html`<div class="panel flush" tabindex="0" role="region" aria-label=${t("settings.roles")}><table class="roles"><thead><tr><th>${t("roles.may")}</th>${ROLES.map((role) => html`<th scope="col">${t(`role.${role}`)}</th>`)}</tr></thead>
    <tbody>${(items ?? []).map((one) => html`<tr key=${one.permission}><th scope="row">${t(`may.${one.permission}`)}</th>${ROLES.map((role) => html`<td>${one.roles.includes(role) ? html`<span class="yes"><${Icon} name="done" size=${18} /><span class="unseen">${t("roles.yes")}</span></span>` : html`<span class="soft"><span aria-hidden="true">–</span><span class="unseen">${t("roles.no")}</span></span>`}</td>`)}</tr>`)}</tbody></table></div>`;
}
