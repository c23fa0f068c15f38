/* Starts the application: the shell with every package's screens in it. */

import { html, render } from "core/html.js";
import { goLive } from "core/live.js";
import { loadSession } from "core/session.js";
import { Shell } from "core/shell.js";
import { told } from "core/toasts.js";
import { Desk } from "handoff/desk.js";
import { Knowledge } from "knowledge_base/knowledge.js";
import { Reports } from "metrics/reports.js";
import { Settings } from "bot/settings.js";

const SCREENS = [
  { path: "/", title: "screen.desk", icon: "desk", keys: "KeyG KeyD", needs: "answer", draw: Desk,
    matches: (path) => path === "/" || path.startsWith("/conversations/") },
  { path: "/knowledge", title: "screen.knowledge", icon: "knowledge", keys: "KeyG KeyK", needs: "read_knowledge", draw: Knowledge,
    matches: (path) => path.startsWith("/knowledge") },
  { path: "/reports", title: "screen.reports", icon: "reports", keys: "KeyG KeyR", needs: "read_reports", draw: Reports,
    matches: (path) => path.startsWith("/reports") },
  { path: "/settings", title: "screen.settings", icon: "settings", keys: "KeyG KeyS", needs: "read_brand", draw: Settings,
    matches: (path) => path.startsWith("/settings") },
];

const place = document.getElementById("application");
try {
  await loadSession();
  goLive();
  render(html`<${Shell} screens=${SCREENS} />`, place);
} catch (refusal) {
  render(html`<p class="card" role="alert">${told(refusal)}</p>`, place);
}
