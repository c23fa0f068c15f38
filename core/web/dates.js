/* Instants and spans as people of the reader's language write them. */

import { signal } from "core/html.js";
import { language, t } from "core/words.js";

/** The present, in milliseconds; ticks so that timers on the screen go on. */
export const now = signal(Date.now());
setInterval(() => { now.value = Date.now(); }, 15_000);

const format = (options) => new Intl.DateTimeFormat(language, options);
const CLOCK = format({ hour: "2-digit", minute: "2-digit" });
const DAY = format({ weekday: "long", day: "numeric", month: "long" });
const DAY_OF_YEAR = format({ day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = format({ day: "numeric", month: "short" });
const FULL = format({ dateStyle: "medium", timeStyle: "short" });

export const clockTime = (at) => CLOCK.format(new Date(at));
export const fullTime = (at) => FULL.format(new Date(at));
export const dayKey = (at) => new Date(at).toDateString();

export function dayName(at) {
  const day = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t("time.today");
  if (days === 1) return t("time.yesterday");
  return (day.getFullYear() === new Date().getFullYear() ? DAY : DAY_OF_YEAR).format(day);
}

/** The hour for today, the day for everything before. */
export const shortTime = (at) => (dayKey(at) === new Date().toDateString() ? clockTime(at) : SHORT_DAY.format(new Date(at)));

/** A span in its one or two largest units. */
export function span(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 1) return t("time.now");
  if (minutes < 60) return t("time.minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 10 && minutes % 60) return t("time.hours_minutes", { h: hours, m: minutes % 60 });
  if (hours < 48) return t("time.hours", { n: hours });
  return t("time.days", { n: Math.floor(hours / 24) });
}
