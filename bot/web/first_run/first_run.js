/* The first run, one page a step; each can be skipped, and it goes on where it was left. */

import { html, useEffect, useRef } from "core/html.js";
import { Overlay } from "core/dialogs.js";
import { Icon } from "core/icons.js";
import { put } from "core/requests.js";
import { go, path } from "core/router.js";
import { brand, remember } from "core/session.js";
import { notice } from "core/shell.js";
import { complain, Toasts } from "core/toasts.js";
import { language, LANGUAGES, t } from "core/words.js";
import { BrandStep, HoursStep } from "bot/first_run/brand_steps.js";
import { ChannelStep } from "bot/first_run/channel_step.js";
import { KnowledgeStep } from "bot/first_run/knowledge_step.js";
import { TrialStep } from "bot/first_run/trial_step.js";

const STEPS = [
  { name: "brand", draw: BrandStep },
  { name: "hours", draw: HoursStep },
  { name: "channel", draw: ChannelStep },
  { name: "knowledge", draw: KnowledgeStep },
  { name: "trial", draw: TrialStep },
];

export const isFirstRun = () => path.value.startsWith("/setup/");

async function show(place) {
  const step = STEPS[place];
  try {
    await put("/first-run", step ? { step: step.name } : { step: STEPS.at(-1).name, finished: true });
  } catch (refusal) {
    complain(refusal);
    return;
  }
  if (!step) notice.value = null;
  go(step ? `/setup/${step.name}` : "/");
}

function Language() {
  const choose = (event) => { remember("language", event.target.value); location.reload(); };
  return html`<select class="first-run-language" aria-label=${t("shell.language")} onChange=${choose}>
    ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} selected=${code === language} lang=${code}>${name}</option>`)}</select>`;
}

function Steps({ place }) {
  return html`<ol class="steps" aria-label=${t("first_run.title")}>${STEPS.map((step, index) => html`<li key=${step.name}>
    <a href=${`/setup/${step.name}`} data-screen aria-label=${t(`first_run.${step.name}`)} aria-current=${index === place ? "step" : null} class=${index < place ? "past" : ""}>
      <span class="step-number" aria-hidden="true">${index < place ? html`<${Icon} name="done" size=${14} />` : index + 1}</span><span class="step-name">${t(`first_run.${step.name}`)}</span></a></li>`)}</ol>`;
}

export function FirstRun() {
  const found = STEPS.findIndex((step) => step.name === path.value.split("/")[2]);
  const place = Math.max(0, found);
  const step = STEPS[place];
  const title = useRef();
  useEffect(() => { title.current?.focus(); document.title = `${t(`first_run.${step.name}`)} · Replydesk`; }, [step.name]);
  return html`<div class="first-run">
    <header><img src="/web/replydesk.svg" alt="" width="28" height="28" /><strong class="clip">${brand.value?.name ?? "Replydesk"}</strong><span class="stretch"></span><${Language} /></header>
    <main class="first-run-inside">
      <${Steps} place=${place} />
      <div class="first-run-step"><p class="soft">${t("first_run.count", { n: place + 1, of: STEPS.length })}</p>
        <h1 tabindex="-1" ref=${title}>${t(`first_run.${step.name}_title`)}</h1><p class="soft">${t(`first_run.${step.name}_why`)}</p></div>
      <${step.draw} key=${step.name} next=${() => show(place + 1)} />
      <nav class="first-run-foot" aria-label=${t("first_run.title")}>
        ${place > 0 ? html`<button class="quiet" onClick=${() => show(place - 1)}><${Icon} name="back" size=${16} />${t("first_run.back")}</button>` : html`<span></span>`}
        ${step.name === "trial" ? html`<button class="primary" onClick=${() => show(STEPS.length)}>${t("first_run.finish")}</button>`
          : html`<button class="quiet" onClick=${() => show(place + 1)}>${t("first_run.skip")}</button>`}</nav>
    </main><${Toasts} /><${Overlay} /></div>`;
}
