/* Which screen: the address is the state. */

import { signal } from "core/html.js";

export const path = signal(location.pathname);

export function go(to, { replace = false } = {}) {
  if (to === path.value) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  path.value = to;
}

addEventListener("popstate", () => { path.value = location.pathname; });

/** Plain links of ours change the screen without loading the page again. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-screen]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(new URL(link.href).pathname);
});
