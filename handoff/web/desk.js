/* The desk: list, thread, customer. On a phone one of them at a time. */

import { html, useEffect, useRef, useState } from "core/html.js";
import { offer, searches } from "core/commands.js";
import { Icon } from "core/icons.js";
import { get } from "core/requests.js";
import { go } from "core/router.js";
import { memory } from "core/session.js";
import { t } from "core/words.js";
import { startAlerts, askForAlerts, wantsAlerts } from "handoff/alerts.js";
import { focusComposer, insert } from "handoff/composing.js";
import { Customer } from "handoff/customer.js";
import { Inbox } from "handoff/inbox.js";
import { conversationOf, neighbour, openId, setView, startInbox } from "handoff/inbox_state.js";
import { actionsFor, customerName, editTags } from "handoff/owning.js";
import { startPanes } from "handoff/panes.js";
import { startPresence } from "handoff/presence.js";
import { ThreadColumn } from "handoff/thread.js";
import { startThreads, threadOf } from "handoff/thread_state.js";

const AFTER = 100;

const open = (id) => id !== undefined && go(`/conversations/${id}`, { replace: openId.value !== null });

function lastDraft() {
  return threadOf(openId.value).value?.messages.findLast((message) => message.purpose === "draft")?.text;
}

function commands() {
  const group = t("screen.desk");
  const one = conversationOf(openId.value).value;
  const views = [["mine", "KeyG KeyM"], ["waiting", "KeyG KeyW"], ["all", "KeyG KeyA"]];
  const list = [
    { title: t("keys.next"), keys: "KeyJ", run: () => open(neighbour(1)) },
    { title: t("keys.previous"), keys: "KeyK", run: () => open(neighbour(-1)) },
    { title: t("inbox.search"), keys: "Slash", run: () => document.getElementById("inbox-search")?.focus() },
    ...views.map(([name, keys]) => ({ title: t("palette.go", { place: t(`view.${name}`) }), keys, run: () => setView(name) })),
    { title: t("alert.turn"), run: () => askForAlerts(!wantsAlerts()) },
  ];
  if (one) {
    const draft = lastDraft();
    list.unshift(
      { title: t("composer.reply"), keys: "KeyR", run: () => focusComposer(false) },
      { title: t("composer.note"), keys: "KeyN", run: () => focusComposer(true) },
      ...actionsFor(one).map((action) => ({ title: t(`action.${action.name}`), keys: action.keys, run: action.run })),
      { title: t("action.tag"), keys: "KeyL", run: () => editTags(one) },
      ...(draft ? [{ title: t("thread.use_draft"), keys: "KeyU", run: () => insert(draft) }] : []),
    );
  }
  return list.map((command) => ({ ...command, group }));
}

async function findConversations(words) {
  const found = await get(`/conversations?limit=8&search=${encodeURIComponent(words)}`);
  return found.items.map((one) => ({ title: customerName(one), hint: t(`status.${one.status}`), run: () => go(`/conversations/${one.id}`) }));
}
searches.push(findConversations);

/** The customer is drawn after the words: what one comes for is the conversation. */
function Aside({ onClose }) {
  const [id, setId] = useState(openId.value);
  const wanted = openId.value;
  useEffect(() => {
    const timer = setTimeout(() => setId(wanted), AFTER);
    return () => clearTimeout(timer);
  }, [wanted]);
  const one = id === null ? undefined : threadOf(id).value?.conversation ?? conversationOf(id).value;
  return one ? html`<${Customer} key=${id} id=${id} one=${one} onClose=${onClose} />` : html`<aside class="customer"></aside>`;
}

export function Desk() {
  const [aside, setAside] = useState(memory.read("aside") ?? innerWidth >= 1280);
  useEffect(() => { startInbox(); startThreads(); startPanes(); startPresence(); startAlerts(); return offer(commands); }, []);
  const id = openId.value;
  const turn = useRef();
  turn.current ??= () => setAside((before) => { memory.write("aside", !before); return !before; });
  return html`<main class=${`desk${id === null ? "" : " has-thread"}${aside && id !== null ? " has-aside" : ""}`}>
    <${Inbox} />
    ${id === null ? html`<section class="thread nothing"><p class="empty"><${Icon} name="desk" size=${40} /><br />${t("thread.none")}<br /><span class="soft">${t("thread.none_keys")}</span></p></section>`
      : html`<${ThreadColumn} id=${id} onAside=${turn.current} />`}
    ${aside && id !== null && html`<${Aside} onClose=${turn.current} />`}
  </main>`;
}
