/* Connect a channel: the platform is asked before anything is kept. */

import { html, useEffect, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { get, post } from "core/requests.js";
import { complain, told } from "core/toasts.js";
import { t } from "core/words.js";
import { AccountFields, Findings, withTitles } from "bot/account_fields.js";

const NAME = "main";

export function ChannelStep({ next }) {
  const [known, setKnown] = useState(null);
  const [channel, setChannel] = useState("");
  const [findings, setFindings] = useState(null);
  const [mistake, setMistake] = useState("");
  const [busy, setBusy] = useState(false);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    Promise.all([get("/channels"), get("/accounts")]).then(([channels, accounts]) => {
      setKnown({ channels: channels.items, fields: accounts.fields, taken: accounts.items.filter((one) => one.open && one.name !== "trial") });
      const needs = (one) => (accounts.fields[one.name] ?? []).filter((field) => field.required).length;
      setChannel([...channels.items].sort((one, other) => needs(one) - needs(other))[0]?.name ?? "");
    }).catch(complain);
  }, []);
  if (!known) return html`<div class="skeleton"></div>`;
  const pick = (name) => { setChannel(name); setFindings(null); setMistake(""); setConnected(false); };
  const connect = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    setMistake("");
    setFindings([]);
    try {
      const found = (await post("/accounts/check", { channel, values })).items;
      setFindings(found);
      if (!found.some((one) => one.level === "bad")) {
        await post("/accounts", { channel, name: NAME, values });
        setConnected(true);
      }
    } catch (refusal) {
      setFindings(null);
      setMistake(refusal.message ? withTitles(refusal.message, known.fields[channel] ?? []) : told(refusal));
    }
    setBusy(false);
  };
  return html`<form class="panel" onSubmit=${connect}>
    ${known.taken.length > 0 && html`<p class="findings"><span class="good"><${Icon} name="done" size=${16} /> ${t("first_run.connected_already", { names: known.taken.map((one) => `${known.channels.find((kind) => kind.name === one.channel)?.title ?? one.channel} · ${one.name}`).join(", ") })}</span></p>`}
    <fieldset class="segments"><legend>${t("customer.channel")}</legend>${known.channels.map((one) => html`<label key=${one.name}><input type="radio" name="" checked=${one.name === channel} onChange=${() => pick(one.name)} /><span>${one.title}</span></label>`)}</fieldset>
    <${AccountFields} key=${channel} fields=${known.fields[channel] ?? []} />
    ${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <${Findings} items=${findings} />
    ${connected ? html`<p role="status"><strong>${t("first_run.connected")}</strong></p><div><button type="button" class="primary" onClick=${next}>${t("first_run.go_on")}</button></div>`
      : html`<div><button class="primary" disabled=${busy}>${t("first_run.connect")}</button></div>`}</form>`;
}
