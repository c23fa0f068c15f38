/* Where an agent writes: a reply to the customer or a note for colleagues, which must never be mixed up. */

import { html, signal, useEffect, useLayoutEffect, useRef, useState } from "core/html.js";
import { span } from "core/dates.js";
import { offer } from "core/commands.js";
import { Icon } from "core/icons.js";
import { post } from "core/requests.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";
import { CannedMenu, cannedFor, filledIn, loadCanned } from "handoff/canned_menu.js";
import { draftOf, dropDraft, keepDraft } from "handoff/drafts.js";
import { isTheirs } from "handoff/owning.js";
import { others, typing } from "handoff/presence.js";
import { longestText, reachOf } from "handoff/reach.js";
import { onWithdrawn, send } from "handoff/sending.js";
import { Suggestions, useSuggestions } from "handoff/suggestions.js";

const TALLEST = 260;

/** Puts words into the open composer; null where there is none. */
const inserted = signal(null);
export const insert = (text) => { inserted.value = { text }; };
export const focusComposer = (note) => {
  inserted.value = { note };
  document.querySelector(".composer textarea")?.focus(); // at once: the next key is already a letter
};

function Reach({ one, reach }) {
  if (reach.state === "open") return null;
  const icon = reach.state === "closing" ? "clock" : "warning";
  return html`<p class=${`reach reach-${reach.state}`}><${Icon} name=${icon} size=${15} />${t(`reach.${reach.state}`, { left: span(reach.left) })}</p>`;
}

function usePicture() {
  const [picture, setPicture] = useState(null);
  const take = async (file) => {
    if (!file || !["image/png", "image/jpeg"].includes(file.type)) return false;
    setPicture({ name: file.name, digest: null });
    try {
      const stored = await post(`/pictures?name=${encodeURIComponent(file.name || "picture")}`, file);
      setPicture({ name: file.name || "picture", digest: stored.picture });
    } catch (refusal) {
      setPicture(null);
      complain(refusal);
    }
    return true;
  };
  return [picture, take, () => setPicture(null)];
}

export function Composer({ one, thread }) {
  const field = useRef();
  const first = useRef(draftOf(one.id, thread));
  const [text, setText] = useState(first.current.text);
  const [wantsNote, setNote] = useState(first.current.note);
  const [chosen, setChosen] = useState(0);
  const [seen, setSeen] = useState(null);
  const [picture, takePicture, dropPicture] = usePicture();
  const suggestions = useSuggestions(one, thread);
  const reach = reachOf(one);
  const theirs = isTheirs(one);
  const blocked = theirs || ["closed", "unreachable"].includes(reach.state);
  const note = wantsNote || theirs;
  const canned = note ? null : cannedFor(text);
  const limit = longestText(one);
  const lastCustomer = thread?.messages.findLast((message) => message.author === "customer")?.id ?? null;
  const cameMeanwhile = text && seen !== null && lastCustomer !== null && lastCustomer !== seen;
  const typists = (others.value.get(one.id) ?? []).filter((who) => who.typing);

  const write = (words, asNote = wantsNote) => {
    setText(words);
    setChosen(0);
    setSeen(words ? (seen ?? lastCustomer) : null);
    keepDraft(one.id, { text: words, note: asNote });
  };
  const turn = (asNote) => { setNote(asNote); keepDraft(one.id, { text, note: asNote }); field.current?.focus(); };
  const choose = (reply) => { write(filledIn(reply, one)); field.current?.focus(); };
  const submit = () => {
    const ready = picture === null || picture.digest;
    if (!ready || (!text.trim() && !picture) || (!note && blocked) || !thread) return;
    send(one.id, { text: text.trim(), note, picture });
    dropDraft(one.id);
    setText("");
    setSeen(null);
    dropPicture();
    field.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (canned?.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); setChosen((chosen + step + canned.length) % canned.length); return; }
      if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); choose(canned[chosen]); return; }
    }
    if (event.key === "Escape") { event.preventDefault(); field.current.blur(); }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.repeat) { event.preventDefault(); submit(); }
  };

  useLayoutEffect(() => {
    const element = field.current;
    element.style.height = "auto";
    element.style.height = `${Math.min(TALLEST, element.scrollHeight + 2)}px`;
  }, [text]);
  useEffect(() => { if (thread?.draft && !text && !first.current.text) { first.current = thread.draft; setText(thread.draft.text); setNote(thread.draft.note); } }, [thread === null]);
  useEffect(() => onWithdrawn((id, words) => { if (id === one.id) { write(words, false); setNote(false); field.current?.focus(); } else keepDraft(id, { text: words, note: false }); }), [one.id]);
  useLayoutEffect(() => {
    const wanted = inserted.value;
    if (!wanted) return;
    inserted.value = null;
    if (wanted.note !== undefined) { setNote(wanted.note); field.current.focus(); }
    else { setNote(false); write(text.trim() ? `${text.trimEnd()}\n\n${wanted.text}` : wanted.text, false); field.current.focus(); }
  }, [inserted.value]);
  useEffect(() => offer(() => suggestions.map((suggestion, index) => ({ title: t("composer.use", { title: suggestion.title }), keys: `Alt+Digit${index + 1}`, group: t("composer.title"), run: () => insert(suggestion.answer) }))), [suggestions]);

  const name = note ? t("composer.note_label") : t("composer.reply_label", { name: one.contact.name || t("author.customer") });
  const drop = (event) => { if (event.dataTransfer?.files.length) { event.preventDefault(); takePicture(event.dataTransfer.files[0]); } };
  return html`<form class=${`composer${note ? " is-note" : ""}`} onSubmit=${(event) => { event.preventDefault(); submit(); }} onDragOver=${(event) => event.preventDefault()} onDrop=${drop}>
    ${cameMeanwhile && html`<p class="meanwhile" role="status"><${Icon} name="bell" size=${15} />${t("composer.meanwhile")}<button type="button" class="inline" onClick=${() => setSeen(lastCustomer)}>${t("composer.seen")}</button></p>`}
    ${typists.length > 0 && html`<p class="reach reach-person"><${Icon} name="people" size=${15} />${typists.map((who) => t("presence.types", { name: who.name })).join(" · ")}</p>`}
    ${!note && html`<${Suggestions} list=${suggestions} onUse=${insert} />`}
    <div class="composer-box">
      <div class="tabs" role="group" aria-label=${t("composer.title")}>
        <button type="button" aria-pressed=${!note} disabled=${theirs} onClick=${() => turn(false)}><${Icon} name="reply" size=${16} />${t("composer.reply")}</button>
        <button type="button" aria-pressed=${note} onClick=${() => turn(true)}><${Icon} name="note" size=${16} />${t("composer.note")}</button>
        ${!note && html`<${Reach} one=${one} reach=${reach} />`}
        ${theirs && html`<p class="reach reach-person"><${Icon} name="people" size=${15} />${t("owning.theirs", { name: one.assignee.name })}</p>`}
      </div>
      ${canned && html`<${CannedMenu} list=${canned} chosen=${chosen} one=${one} onChoose=${choose} />`}
      <textarea ref=${field} rows="2" dir="auto" aria-label=${name} placeholder=${note ? t("composer.note_hint") : blocked ? t("composer.blocked") : t("composer.reply_hint")} value=${text} maxlength="20000"
        aria-autocomplete=${canned ? "list" : null} aria-controls=${canned ? "canned" : null} aria-activedescendant=${canned?.length ? `canned-${chosen}` : null}
        disabled=${!note && blocked} onFocus=${() => loadCanned()} onInput=${(event) => { write(event.target.value); if (!note && event.target.value) typing(one.id); }} onKeyDown=${onKeyDown}
        onPaste=${(event) => { const file = event.clipboardData?.files[0]; if (file) { event.preventDefault(); takePicture(file); } }}></textarea>
      <div class="composer-foot">
        ${!note && html`<label class="quiet icon-only button" title=${t("composer.attach")}><${Icon} name="attach" /><span class="unseen">${t("composer.attach")}</span><input class="unseen" type="file" accept="image/png,image/jpeg" disabled=${blocked} onChange=${(event) => { takePicture(event.target.files[0]); event.target.value = ""; }} /></label>`}
        ${picture && html`<span class="chip">${picture.name}${picture.digest ? "" : " …"} <button type="button" class="inline" aria-label=${t("composer.discard")} onClick=${dropPicture}>×</button></span>`}
        <span class="stretch"></span>
        ${!note && text.length > limit * 0.8 && html`<span class=${text.length > limit ? "over" : "soft"}>${text.length > limit ? t("composer.split", { n: Math.ceil(text.length / limit) }) : `${text.length}/${limit}`}</span>`}
        ${!note && one.status === "bot" && html`<span class="soft wide-only">${t("composer.claims")}</span>`}
        <button class="primary" disabled=${(!text.trim() && !picture?.digest) || (!note && blocked)}><${Icon} name=${note ? "note" : "send"} size=${17} />${note ? t("composer.add_note") : t("composer.send")}</button>
      </div>
    </div>
  </form>`;
}
