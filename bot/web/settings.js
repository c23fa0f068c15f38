/* Settings: channels, people, the brand and its hours, canned replies, one's own tokens. Each only for who may. */

import { html, useEffect } from "core/html.js";
import { path } from "core/router.js";
import { may } from "core/session.js";
import { t } from "core/words.js";
import { BrandSettings } from "core/settings/brand.js";
import { People } from "core/settings/people.js";
import { Tokens } from "core/settings/tokens.js";
import { CannedSettings } from "handoff/canned_settings.js";
import { Channels } from "bot/channels.js";

const SECTIONS = [
  { name: "channels", needs: "manage_channels", draw: Channels },
  { name: "people", needs: "manage_users", draw: People },
  { name: "brand", needs: "edit_brand", draw: BrandSettings },
  { name: "canned", needs: "answer", draw: CannedSettings },
  { name: "tokens", needs: "answer", draw: Tokens },
];

export function Settings() {
  const allowed = SECTIONS.filter((one) => may(one.needs));
  const wanted = path.value.split("/")[2];
  const current = allowed.find((one) => one.name === wanted) ?? allowed[0];
  useEffect(() => { document.querySelector(".page-tabs [aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" }); }, [current.name]);
  return html`<main class="page"><div class="page-inside">
    <header class="page-head"><h1>${t("screen.settings")}</h1></header>
    <nav class="page-tabs" aria-label=${t("screen.settings")}>${allowed.map((one) => html`<a href=${`/settings/${one.name}`} data-screen aria-current=${one === current ? "page" : null}>${t(`settings.${one.name}`)}</a>`)}</nav>
    <${current.draw} />
  </div></main>`;
}
