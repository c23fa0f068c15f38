/* Where an agent writes: a reply to the customer or a note for colleagues, which must never be mixed up. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "core/html.js";
import { span } from "core/dates.js";
import { offer } from "core/commands.js";
import { Icon } from "core/icons.js";
import { t } from "core/words.js";
import { CannedMenu, cannedFor, filledIn, loadCanned } from "handoff/canned_menu.js";
import { fulfilWishes, insert, lastOfCustomer, markSeen, sent, takeBack, turn, write, writingIn } from "handoff/composing.js";
import { editLast } from "handoff/editing.js";
import { openId } from "handoff/inbox_state.js";
import { isTheirs } from "handoff/owning.js";
import { others, typing } from "handoff/presence.js";
import { longestText, reachOf } from "handoff/reach.js";
import { onWithdrawn, send } from "handoff/sending.js";
import { Suggestions, useSuggestions } from "handoff/suggestions.js";
import { ACCEPTED, dropFile, takeFiles } from "handoff/uploads.js";

const TALLEST = 260;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

function Reach({ reach }) {
  if (reach.state === "open") return null;
  const icon = reach.state === "closing" ? "clock" : "warning";
  return html`<p class=${`reach reach-${reach.state}`}><${Icon} name=${icon} size=${15} />${t(`reach.${reach.state}`, { left: span(reach.left) })}</p>`;
}

function Files({ id, files }) {
  if (!files.length) return null;
  return html`<ul class="chips composer-files" aria-label=${t("composer.files")}>${files.map((one) => html`<li key=${one.key} class="chip"><span class="clip">${one.name}${one.digest ? "" : " …"}</span>
    <button type="button" class="inline" aria-label=${`${t("composer.discard")}: ${one.name}`} onClick=${() => dropFile(id, one.key)}>×</button></li>`)}</ul>`;
}

/** Tall as its words, where the browser does not see to it. */
function useHeight(field, text) {
  useLayoutEffect(() => {
    if (GROWS_BY_ITSELF) return;
    const element = field.current;
    element.style.height = "auto";
    element.style.height = `${Math.min(TALLEST, element.scrollHeight + 2)}px`;
  }, [text]);
}

function Hints({ id, one, seen, text, typists }) {
  const last = lastOfCustomer(id);
  const meanwhile = text && seen !== null && last !== null && last !== seen;
  return html`${meanwhile && html`<p class="meanwhile" role="status"><${Icon} name="bell" size=${15} />${t("composer.meanwhile")}<button type="button" class="inline" onClick=${() => markSeen(id)}>${t("composer.seen")}</button></p>`}
    ${typists.length > 0 && html`<p class="reach reach-person"><${Icon} name="people" size=${15} />${typists.map((who) => t("presence.types", { name: who.name })).join(" · ")}</p>`}`;
}

export function Composer({ id, one }) {
  const field = useRef();
  const [chosen, setChosen] = useState(0);
  const { text, note: wantsNote, files, seen } = writingIn(id);
  const suggestions = useSuggestions(id, one);
  const reach = reachOf(one);
  const theirs = isTheirs(one);
  const blocked = theirs || ["closed", "unreachable"].includes(reach.state);
  const note = wantsNote || theirs;
  const canned = note ? null : cannedFor(text);
  const limit = longestText(one);
  const typists = (others.value.get(id) ?? []).filter((who) => who.typing);
  const ready = files.every((file) => file.digest) && (text.trim() || (!note && files.length)) && (note || !blocked);

  const choose = (reply) => { write(id, filledIn(reply, one)); field.current.focus(); };
  const submit = () => {
    if (!ready || !field.current.value.trim() && !files.length) return;
    send(id, { text: text.trim(), note, files: note ? [] : files });
    sent(id);
    field.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (canned?.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); setChosen((chosen + step + canned.length) % canned.length); return; }
      if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); choose(canned[chosen] ?? canned[0]); return; }
    }
    if (event.key === "ArrowUp" && !text && !event.shiftKey) { event.preventDefault(); editLast(one); }
    if (event.key === "Escape") { event.preventDefault(); field.current.blur(); }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.repeat) { event.preventDefault(); submit(); }
  };
  const onInput = (event) => {
    setChosen(0);
    write(id, event.target.value);
    if (!note && event.target.value) typing(id);
  };
  const take = (event, list) => { if (list?.length && !note && !blocked) { event.preventDefault(); takeFiles(id, [...list]); } };

  useHeight(field, text);
  useEffect(() => fulfilWishes(() => openId.value, () => field.current?.focus()), []);
  useEffect(() => onWithdrawn((conversation, words) => { takeBack(conversation, words); if (conversation === openId.value) field.current?.focus(); }), []);
  useEffect(() => offer(() => suggestions.map((suggestion, index) => ({ title: t("composer.use", { title: suggestion.title }), keys: `Alt+Digit${index + 1}`, group: t("composer.title"), run: () => insert(suggestion.answer) }))), [suggestions]);

  const name = note ? t("composer.note_label") : t("composer.reply_label", { name: one.contact.name || t("author.customer") });
  return html`<form class=${`composer${note ? " is-note" : ""}`} onSubmit=${(event) => { event.preventDefault(); submit(); }}
      onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => { event.preventDefault(); take(event, event.dataTransfer?.files); }}>
    <${Hints} id=${id} one=${one} seen=${seen} text=${text} typists=${typists} />
    ${!note && html`<${Suggestions} list=${suggestions} onUse=${insert} />`}
    <div class="composer-box">
      <div class="tabs" role="group" aria-label=${t("composer.title")}>
        <button type="button" aria-pressed=${!note} disabled=${theirs} onClick=${() => { turn(id, false); field.current.focus(); }}><${Icon} name="reply" size=${16} />${t("composer.reply")}</button>
        <button type="button" aria-pressed=${note} onClick=${() => { turn(id, true); field.current.focus(); }}><${Icon} name="note" size=${16} />${t("composer.note")}</button>
        ${!note && html`<${Reach} reach=${reach} />`}
        ${theirs && html`<p class="reach reach-person"><${Icon} name="people" size=${15} />${t("owning.theirs", { name: one.assignee.name })}</p>`}
      </div>
      ${canned && html`<${CannedMenu} list=${canned} chosen=${chosen} one=${one} onChoose=${choose} />`}
      <textarea ref=${field} rows="2" dir="auto" aria-label=${name} placeholder=${note ? t("composer.note_hint") : blocked ? t("composer.blocked") : t("composer.reply_hint")} value=${text} maxlength="20000"
        aria-autocomplete=${canned ? "list" : null} aria-controls=${canned ? "canned" : null} aria-activedescendant=${canned?.length ? `canned-${chosen}` : null}
        disabled=${!note && blocked} onFocus=${() => loadCanned()} onInput=${onInput} onKeyDown=${onKeyDown} onPaste=${(event) => take(event, event.clipboardData?.files)}></textarea>
      ${!note && html`<${Files} id=${id} files=${files} />`}
      <div class="composer-foot">
        ${!note && html`<label class="quiet icon-only button" title=${t("composer.attach")}><${Icon} name="attach" /><span class="unseen">${t("composer.attach")}</span><input class="unseen" type="file" multiple accept=${ACCEPTED} disabled=${blocked} onChange=${(event) => { take(event, event.target.files); event.target.value = ""; }} /></label>`}
        <span class="stretch"></span>
        ${!note && text.length > limit * 0.8 && html`<span class=${text.length > limit ? "over" : "soft"}>${text.length > limit ? t("composer.split", { n: Math.ceil(text.length / limit) }) : `${text.length}/${limit}`}</span>`}
        ${!note && one.status === "bot" && html`<span class="soft wide-only">${t("composer.claims")}</span>`}
        <button class="primary" disabled=${!ready}><${Icon} name=${note ? "note" : "send"} size=${17} />${note ? t("composer.add_note") : t("composer.send")}</button>
      </div>
    </div>
  </form>`;
}
