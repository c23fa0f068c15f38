/* Starts the application: the shell with every package's screens in it. */

import { html, render } from "core/html.js";
import { Icon } from "core/icons.js";
import { goLive } from "core/live.js";
import { get } from "core/requests.js";
import { loadSession, may } from "core/session.js";
import { notice, Shell } from "core/shell.js";
import { told } from "core/toasts.js";
import { t } from "core/words.js";
import { FirstRun, isFirstRun } from "bot/first_run/first_run.js";
import { startAvailability } from "handoff/availability.js";
import { Desk } from "handoff/desk.js";
import { Knowledge } from "knowledge_base/knowledge.js";
import { Reports } from "metrics/reports.js";
import { Unanswered } from "nlu/unanswered.js";
import { Settings } from "bot/settings.js";

const KNOWLEDGE_TABS = [{ path: "/knowledge/+/unanswered", title: "unanswered.title", draw: Unanswered }];
const SCREENS = [
  { path: "/", title: "screen.desk", icon: "desk", keys: "KeyG KeyD", needs: "answer", draw: Desk,
    matches: (path) => path === "/" || path.startsWith("/conversations/") },
  { path: "/knowledge", title: "screen.knowledge", icon: "knowledge", keys: "KeyG KeyK", needs: "read_knowledge", draw: () => html`<${Knowledge} tabs=${KNOWLEDGE_TABS} />`,
    matches: (path) => path.startsWith("/knowledge") },
  { path: "/reports", title: "screen.reports", icon: "reports", keys: "KeyG KeyR", needs: "read_reports", draw: Reports,
    matches: (path) => path.startsWith("/reports") },
  { path: "/settings", title: "screen.settings", icon: "settings", keys: "KeyG KeyS", needs: "read_brand", draw: Settings,
    matches: (path) => path.startsWith("/settings") },
];

const Application = () => (isFirstRun() && may("manage_channels") ? html`<${FirstRun} />` : html`<${Shell} screens=${SCREENS} />`);

/** An administrator who left the first run is shown the way back to it. */
async function remindOfFirstRun() {
  if (!may("manage_channels")) return;
  const { step, finished } = await get("/first-run");
  notice.value = finished ? null : () => html`<${Icon} name="spark" size=${16} />${t("first_run.unfinished")} <a href=${`/setup/${step}`} data-screen>${t("first_run.go_on")}</a>`;
}
const place = document.getElementById("application");
try {
  await loadSession();
  goLive();
  startAvailability();
  render(html`<${Application} />`, place);
  remindOfFirstRun().catch(() => {});
} catch (refusal) {
  render(html`<p class="card" role="alert">${told(refusal)}</p>`, place);
}
