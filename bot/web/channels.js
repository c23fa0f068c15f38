/* The channels' accounts: which there are, what is wrong with them, and what their platform says right now. */

import { html, useEffect, useState } from "core/html.js";
import { listen } from "core/live.js";
import { get, post, remove } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";
import { AccountFields, Findings, withTitles } from "bot/account_fields.js";

function Account({ account, title, reload }) {
  const [findings, setFindings] = useState(null);
  const address = `/accounts/${account.channel}/${encodeURIComponent(account.name)}`;
  const check = async () => {
    setFindings([]);
    try { setFindings((await post(`${address}/check`)).items); } catch (refusal) { setFindings([{ level: "bad", sentence: refusal.message || told(refusal) }]); }
  };
  const drop = async () => {
    if (!confirm(t("channel.sure"))) return;
    try { await remove(address); reload(); } catch (refusal) { complain(refusal); }
  };
  return html`<section class="panel"><div class="page-head"><h2>${title} · ${account.name}</h2>
      <span class=${`chip ${account.problem || !account.open ? "urgent-2" : ""}`}>${account.problem || !account.open ? t("channel.stopped") : t("channel.in_use")}</span></div>
    ${account.problem && html`<p class="mistake">${account.problem}</p>`}${account.warning && html`<p class="chip urgent-1">${account.warning}</p>`}
    ${account.webhook_url && html`<p class="soft">${t("channel.webhook")}: <code>${account.webhook_url}</code></p>`}
    <${Findings} items=${findings} />
    <div class="chips"><button onClick=${check}>${t("channel.check")}</button><button class="quiet danger" onClick=${drop}>${t("channel.remove")}</button></div></section>`;
}

function NewAccount({ channels, fields, reload }) {
  const [channel, setChannel] = useState(channels[0]?.name ?? "");
  const [mistake, setMistake] = useState("");
  const add = async (event) => {
    event.preventDefault();
    const { name, ...values } = Object.fromEntries(new FormData(event.target));
    try {
      await post("/accounts", { channel, name, values });
      event.target.reset();
      setMistake("");
      toast(t("channel.added"));
      reload();
    } catch (refusal) {
      setMistake(refusal.message ? withTitles(refusal.message, fields[channel] ?? []) : told(refusal));
    }
  };
  return html`<form class="panel" onSubmit=${add}><h2>${t("channel.add")}</h2>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <label>${t("customer.channel")}<select onChange=${(event) => setChannel(event.target.value)}>${channels.map((one) => html`<option value=${one.name} selected=${one.name === channel}>${one.title}</option>`)}</select></label>
    <label>${t("channel.name")}<input name="name" required maxlength="64" pattern="[\\w\\-]+" /></label>
    <${AccountFields} key=${channel} fields=${fields[channel] ?? []} />
    <div><button class="primary">${t("channel.add")}</button></div></form>`;
}

export function Channels() {
  const [found, setFound] = useState(null);
  const [channels, setChannels] = useState([]);
  const load = () => Promise.all([get("/accounts"), get("/channels")]).then(([accounts, kinds]) => { setChannels(kinds.items); setFound(accounts); }).catch(complain);
  useEffect(() => { load(); return listen("accounts", load); }, []);
  if (!found) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  return html`${found.items.map((account) => html`<${Account} key=${account.channel + account.name} account=${account} title=${channels.find((one) => one.name === account.channel)?.title ?? account.channel} reload=${load} />`)}
    ${found.items.length === 0 && html`<p class="empty">${t("channel.none")}</p>`}
    <${NewAccount} channels=${channels} fields=${found.fields} reload=${load} />`;
}
