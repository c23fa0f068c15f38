/* The second factor: a code drawn to be scanned, proved once, and recovery codes shown this once. */

import { html, useEffect, useState } from "core/html.js";
import { get, post, put } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

function Qr({ size, path }) {
  return html`<svg class="qr" viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${t("factor.qr")} shape-rendering="crispEdges"><rect width=${size} height=${size} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}

function Form({ label, name, action, run, ...input }) {
  const [mistake, setMistake] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    try { await run(Object.fromEntries(new FormData(form))); setMistake(""); } catch (refusal) { setMistake(told(refusal)); }
  };
  return html`<form class="line" onSubmit=${submit}><label>${label}<input name=${name} required ...${input} /></label><button class="primary">${action}</button></form>
    ${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}`;
}

function Codes({ codes }) {
  return html`<div aria-live="polite"><p><strong>${t("factor.codes")}</strong></p><p class="soft">${t("factor.codes_why")}</p>
    <ul class="recovery">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul></div>`;
}

export function SecondFactor() {
  const [state, setState] = useState(null);
  const [made, setMade] = useState(null);
  const [codes, setCodes] = useState(null);
  const load = () => get("/me/second-factor").then(setState).catch(complain);
  useEffect(() => { load(); }, []);
  if (!state) return html`<section class="panel"><div class="skeleton"></div></section>`;
  const begin = async (proof) => setMade(await post("/me/second-factor", proof));
  const prove = async (code) => { setCodes((await put("/me/second-factor", code)).recovery_codes); setMade(null); load(); };
  const off = async (proof) => { await post("/me/second-factor/off", proof); setCodes(null); toast(t("factor.off_done")); load(); };
  const password = { label: t("account.present"), name: "password", type: "password", maxlength: "1024", autocomplete: "current-password" };
  return html`<section class="panel"><div class="page-head"><h2>${t("factor.title")}</h2><span class="chip">${t(state.on ? "factor.on" : "factor.off")}</span></div>
    <p class="soft">${t("factor.explain")}</p>
    ${codes && html`<${Codes} codes=${codes} />`}
    ${state.on && html`<p>${t("factor.left", { n: state.recovery_codes_left })}</p><${Form} ...${password} action=${t("factor.switch_off")} run=${off} />`}
    ${!state.on && !state.has_password && html`<p>${t("factor.no_password")}</p>`}
    ${!state.on && state.has_password && !made && html`<${Form} ...${password} action=${t("factor.begin")} run=${begin} />`}
    ${made && html`<div class="enrol"><${Qr} size=${made.size} path=${made.path} /><div class="enrol-words"><p>${t("factor.scan")}</p><p class="secret"><code>${made.secret.match(/.{1,4}/g).join(" ")}</code></p>
      <${Form} label=${t("factor.prove")} name="code" action=${t("factor.switch_on")} run=${prove} inputmode="numeric" autocomplete="one-time-code" maxlength="7" /></div></div>`}</section>`;
}
