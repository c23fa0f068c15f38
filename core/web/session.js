/* Who is signed in, what the brand is called, and what of it this browser remembers. */

import { signal } from "core/html.js";
import { listen } from "core/live.js";
import { get } from "core/requests.js";

export const me = signal(null);
export const brand = signal(null);

export const may = (permission) => me.value?.permissions.includes(permission) ?? false;

export async function loadSession() {
  [me.value, brand.value] = await Promise.all([get("/me"), get("/brand").catch(() => null)]);
  listen("brand", async () => { brand.value = await get("/brand").catch(() => brand.value); });
}

const YEAR = 31_536_000;

/** Kept in a cookie, because the server draws the page in that language and theme. */
export function remember(name, value) {
  document.cookie = `replydesk_${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
}

/** This browser's small memory; a full or forbidden one forgets. */
export const memory = {
  read(key) {
    try { return JSON.parse(localStorage.getItem(`replydesk.${key}`)); } catch { return null; }
  },
  write(key, value) {
    try {
      if (value === null) localStorage.removeItem(`replydesk.${key}`);
      else localStorage.setItem(`replydesk.${key}`, JSON.stringify(value));
    } catch { /* private windows have none */ }
  },
  keys: () => Object.keys(localStorage).filter((key) => key.startsWith("replydesk.")).map((key) => key.slice(10)),
};
