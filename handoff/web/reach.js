/* Whether the platform still takes a message: its window after the customer's last words (CHANNELS.md 2.5). */

import { now } from "core/dates.js";
import { channels } from "handoff/inbox_state.js";

/** `{ state: "open" | "closing" | "person" | "closed" | "unreachable", left }` with milliseconds left. */
export function reachOf(one) {
  if (!one.contact.reachable) return { state: "unreachable", left: 0 };
  const channel = channels.value.find((other) => other.name === one.channel);
  const longest = channel?.agent_window_seconds ?? channel?.window_seconds;
  if (!longest || !one.last_customer_at) return { state: "open", left: Infinity };
  const since = now.value - Date.parse(one.last_customer_at);
  const left = longest * 1000 - since;
  if (left <= 0) return { state: "closed", left: 0 };
  if (channel.window_seconds && channel.agent_window_seconds > channel.window_seconds && since > channel.window_seconds * 1000) return { state: "person", left };
  const standard = (channel.window_seconds ?? longest) * 1000 - since;
  return { state: standard < 4 * 3_600_000 ? "closing" : "open", left: standard };
}

export const longestText = (one) => channels.value.find((other) => other.name === one.channel)?.text_length ?? 20_000;
