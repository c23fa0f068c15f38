/* The knowledge base: entries, what should be mended, files in and out, and what other packages add as tabs. */

import { html, useEffect } from "core/html.js";
import { listen } from "core/live.js";
import { path } from "core/router.js";
import { complain } from "core/toasts.js";
import { t } from "core/words.js";
import { Editor } from "knowledge_base/editor.js";
import { load, loadCoverage } from "knowledge_base/entries_state.js";
import { Files } from "knowledge_base/files.js";
import { List } from "knowledge_base/list.js";
import { Mending } from "knowledge_base/mending.js";

const NEW = "/knowledge/+";
const OWN = [
  { path: "/knowledge", title: "knowledge.entries", draw: List },
  { path: `${NEW}/check`, title: "knowledge.check", draw: Mending },
  { path: `${NEW}/files`, title: "knowledge.files", draw: Files },
];

/** `tabs`: further `{ path, title, draw }` under `/knowledge/+/`, shown behind the entries. */
export function Knowledge({ tabs = [] }) {
  useEffect(() => {
    load().catch(complain);
    loadCoverage().catch(() => {});
    return listen("knowledge", () => load().catch(() => {}));
  }, []);
  const all = [OWN[0], ...tabs, ...OWN.slice(1)];
  const tab = all.find((one) => one.path === path.value);
  if (!tab) {
    const id = path.value.slice("/knowledge/".length).split("/").map(decodeURIComponent).join("/");
    return html`<main class="page"><${Editor} key=${id} id=${id} /></main>`;
  }
  return html`<main class="page"><div class="page-inside">
    <header class="page-head"><h1>${t("screen.knowledge")}</h1></header>
    <nav class="page-tabs" aria-label=${t("screen.knowledge")}>${all.map((one) => html`<a key=${one.path} href=${one.path} data-screen aria-current=${one === tab ? "page" : null}>${t(one.title)}</a>`)}</nav>
    <${tab.draw} key=${tab.path} />
  </div></main>`;
}
