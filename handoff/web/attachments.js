/* What comes beside the words: pictures, voices, files, stickers and places as themselves. */

import { html, useState } from "core/html.js";
import { Icon } from "core/icons.js";
import { language, t } from "core/words.js";

const SIZE = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const inMegabytes = (bytes) => (bytes >= 1e6 ? `${SIZE.format(bytes / 1e6)} MB` : `${SIZE.format(Math.max(1, bytes / 1e3))} kB`);

function Picture({ one }) {
  const name = one.name || t("attachment.picture");
  return html`<a class="picture" href=${one.url} target="_blank" rel="noopener"><img src=${one.url} alt=${name} loading="lazy" decoding="async" /></a>`;
}

/** As small as on the phone; its emoji where the picture is of no kind that browsers know. */
function Sticker({ one }) {
  const [broken, setBroken] = useState(!(one.url && (one.media_type ?? "").startsWith("image/")));
  const name = one.details?.emoji ?? t("attachment.sticker");
  return broken ? html`<span class="sticker" role="img" aria-label=${`${t("attachment.sticker")} ${one.details?.emoji ?? ""}`}>${name}</span>`
    : html`<img class="sticker" src=${one.url} alt=${name} loading="lazy" decoding="async" onError=${() => setBroken(true)} />`;
}

function Place({ one }) {
  const { latitude, longitude, title, address } = one.details ?? {};
  const point = latitude === undefined ? "" : `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}`;
  const link = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return html`<div class="file-card"><${Icon} name="place" /><span><strong>${title ?? t("attachment.location")}</strong>${address && html`<br />${address}`}
    ${point && html`<br /><a href=${link} target="_blank" rel="noopener noreferrer">${point}</a>`}</span></div>`;
}

function Person({ one }) {
  const { phone, first_name: first, last_name: last } = one.details ?? {};
  return html`<div class="file-card"><${Icon} name="claim" /><span><strong>${[first, last].filter(Boolean).join(" ") || one.name || t("attachment.contact")}</strong>${phone && html`<br />${phone}`}</span></div>`;
}

function FileCard({ one }) {
  const icon = one.kind === "voice" || one.kind === "audio" ? "voice" : one.kind === "link" || one.kind === "post" || one.kind === "story" ? "link" : "file";
  return html`<div class="file-card"><${Icon} name=${icon} /><span><strong>${one.name || t(`attachment.${one.kind}`)}</strong>
    ${one.size_bytes && html`<span class="soft"> · ${inMegabytes(one.size_bytes)}</span>`}
    ${one.url && html`<br /><a href=${one.url} download=${one.name ?? ""}>${t("attachment.download")}</a>`}
    ${one.problem && html`<br /><span class="soft">${one.problem}</span>`}</span></div>`;
}

export function Attachment({ one }) {
  if (one.kind === "location") return html`<${Place} one=${one} />`;
  if (one.kind === "contact") return html`<${Person} one=${one} />`;
  if (one.kind === "sticker") return html`<${Sticker} one=${one} />`;
  if (one.url && one.kind === "picture") return html`<${Picture} one=${one} />`;
  if (one.url && ["voice", "audio"].includes(one.kind)) return html`<audio controls preload="none" src=${one.url} aria-label=${t(`attachment.${one.kind}`)}></audio>`;
  if (one.url && one.kind === "video") return html`<video controls preload="none" src=${one.url} aria-label=${t("attachment.video")}></video>`;
  return html`<${FileCard} one=${one} />`;
}

export function Attachments({ list }) {
  if (!list.length) return null;
  const album = list.length > 1 && list.every((one) => one.kind === "picture" && one.url);
  return html`<div class=${album ? `album album-${Math.min(4, list.length)}` : "attachments"}>${list.map((one) => html`<${Attachment} one=${one} />`)}</div>`;
}
