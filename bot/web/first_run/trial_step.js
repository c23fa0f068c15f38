/* One question to the bot, from a test customer, by the very way that real messages take. */

import { html, useEffect, useRef, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { get, post } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";

const LOOK = 700;
const SLOW = 20_000;

export function TrialStep() {
  const [scene, setScene] = useState({ messages: [], conversation_id: null, status: null });
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(0);
  const end = useRef();
  const waits = scene.messages.at(-1)?.by_customer && scene.status !== "waiting";
  useEffect(() => {
    let wanted = true;
    const look = () => get("/first-run/trial").then((found) => wanted && setScene(found)).catch(() => {});
    look();
    const timer = setInterval(look, LOOK);
    return () => { wanted = false; clearInterval(timer); };
  }, []);
  useEffect(() => { end.current?.scrollIntoView({ block: "nearest" }); }, [scene.messages.length]);
  const ask = async (words, anew = false) => {
    if (!words.trim()) return;
    setText("");
    setAsked(Date.now());
    try { setScene(await post("/first-run/trial", { text: words, anew })); } catch (refusal) { setText(words); complain(refusal); }
  };
  return html`<div class="panel trial">
    <div class="trial-screen" role="log" tabindex="0" aria-label=${t("first_run.trial")}>
      ${scene.messages.length === 0 && html`<div class="empty"><${Icon} name="bot" size=${32} /><p>${t("first_run.trial_empty")}</p>
        <p class="chips">${["1", "2", "3"].map((number) => html`<button class="chip button" key=${number} onClick=${() => ask(t(`first_run.question_${number}`))}>${t(`first_run.question_${number}`)}</button>`)}</p></div>`}
      ${scene.messages.map((one, index) => html`<p key=${index} class=${one.by_customer ? "said by-customer" : "said by-brand"}>${one.text}</p>`)}
      ${waits && html`<p class="soft" role="status">${Date.now() - asked > SLOW && asked ? t("first_run.trial_slow") : t("first_run.trial_thinks")}</p>`}<span ref=${end}></span></div>
    <form class="line" onSubmit=${(event) => { event.preventDefault(); ask(text); }}><label><span class="unseen">${t("first_run.trial_write")}</span>
      <input value=${text} maxlength="1000" placeholder=${t("first_run.trial_write")} onInput=${(event) => setText(event.target.value)} /></label><button class="primary"><${Icon} name="send" size=${16} />${t("first_run.trial_send")}</button></form>
    ${scene.status === "waiting" && html`<p class="findings" role="status"><span class="good"><${Icon} name="people" size=${16} /> ${t("first_run.trial_case")}</span></p>`}
    ${scene.conversation_id && html`<p class="chips">${scene.status === "waiting" && html`<button onClick=${() => ask(t("first_run.question_1"), true)}><${Icon} name="plus" size=${16} />${t("first_run.trial_anew")}</button>`}<a href=${`/conversations/${scene.conversation_id}`} data-screen>${t("first_run.trial_open")}</a></p>`}</div>`;
}
