/* Before something weighty happens to a customer, it is said what it means. */

import { html, useState } from "core/html.js";
import { Dialog, hide, show } from "core/dialogs.js";
import { toast, told } from "core/toasts.js";
import { t } from "core/words.js";
import { erase, setBlocked } from "handoff/customer_card.js";

function Block({ id, name }) {
  const block = async () => { hide(); if (await setBlocked(id, true)) toast(t("customer.blocked_done"), { action: { label: t("customer.unblock"), run: () => setBlocked(id, false) } }); };
  return html`<${Dialog} title=${t("customer.block_title", { name })}>
    <ul class="means"><li>${t("customer.block_kept")}</li><li>${t("customer.block_quiet")}</li><li>${t("customer.block_platform")}</li></ul>
    <div class="dialog-foot"><button data-first class="quiet" onClick=${hide}>${t("customer.cancel")}</button><button class="danger" onClick=${block}>${t("customer.block")}</button></div></${Dialog}>`;
}

function Erase({ id, name }) {
  const [typed, setTyped] = useState("");
  const [mistake, setMistake] = useState("");
  const ready = typed.trim().toLocaleLowerCase() === name.trim().toLocaleLowerCase();
  const run = async (event) => {
    event.preventDefault();
    try {
      await erase(id, typed);
      hide();
      toast(t("customer.erased_done"));
    } catch (refusal) {
      setMistake(told(refusal));
    }
  };
  return html`<${Dialog} title=${t("customer.erase_title")}>
    <ul class="means"><li>${t("customer.erase_gone")}</li><li>${t("customer.erase_figures")}</li><li>${t("customer.erase_platform")}</li></ul>
    <form class="stack" onSubmit=${run}>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
      <label>${t("customer.erase_type", { name })}<input data-first value=${typed} autocomplete="off" onInput=${(event) => setTyped(event.target.value)} /></label>
      <div class="dialog-foot"><button type="button" class="quiet" onClick=${hide}>${t("customer.cancel")}</button><button class="danger" disabled=${!ready}>${t("customer.erase")}</button></div></form></${Dialog}>`;
}

export const askToBlock = (id, name) => show(() => html`<${Block} id=${id} name=${name} />`);
export const askToErase = (id, name) => show(() => html`<${Erase} id=${id} name=${name} />`);
