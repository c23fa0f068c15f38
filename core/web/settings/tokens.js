/* One's own tokens for the REST interface; a new one is shown this once. */

import { html, useEffect, useState } from "core/html.js";
import { fullTime } from "core/dates.js";
import { get, post, remove } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

export function Tokens() {
  const [tokens, setTokens] = useState([]);
  const [secret, setSecret] = useState("");
  const load = () => get("/tokens").then((found) => setTokens(found.items)).catch(complain);
  useEffect(() => { load(); }, []);
  const make = async () => {
    try { setSecret((await post("/tokens")).token); } catch (refusal) { complain(refusal); }
    load();
  };
  const revoke = async (id) => {
    try { await remove(`/tokens/${id}`); } catch (refusal) { complain(refusal); }
    load();
  };
  return html`<section class="panel"><p>${t("token.explain")} <a href="/docs">/docs</a></p>
    ${secret && html`<div aria-live="polite"><p><strong>${t("token.once")}</strong></p><p class="secret"><code>${secret}</code></p></div>`}
    ${tokens.map((one) => html`<div class="page-head" key=${one.id}><span>${t("token.made", { at: fullTime(one.created_at) })}</span><button class="quiet danger" onClick=${() => revoke(one.id)}>${t("token.revoke")}</button></div>`)}
    <div><button class="primary" onClick=${make}>${t("token.new")}</button></div></section>`;
}
