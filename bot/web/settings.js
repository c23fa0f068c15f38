/* Settings: channels, people, the brand and its hours, canned replies, one's own tokens. Each only for who may. */

import { html, useEffect } from "core/html.js";
import { path } from "core/router.js";
import { may } from "core/session.js";
import { t } from "core/words.js";
import { Account } from "core/settings/account.js";
import { Audit } from "core/settings/audit.js";
import { BrandSettings } from "core/settings/brand.js";
import { ContactFields } from "core/settings/contact_fields.js";
import { People } from "core/settings/people.js";
import { Roles } from "core/settings/roles.js";
import { Tokens } from "core/settings/tokens.js";
import { CannedSettings } from "handoff/canned_settings.js";
import { Automations } from "handoff/settings/automations.js";
import { DeskRules } from "handoff/settings/desk_rules.js";
import { Teams } from "handoff/settings/teams.js";
import { Thresholds } from "nlu/thresholds.js";
import { Webhooks } from "handoff/settings/webhooks.js";
import { Channels } from "bot/channels.js";
import { Phrases } from "bot/phrases.js";

const SECTIONS = [
  { name: "channels", needs: "manage_channels", draw: Channels },
  { name: "people", needs: "manage_users", draw: People },
  { name: "roles", needs: "read_brand", draw: Roles },
  { name: "brand", needs: "edit_brand", draw: BrandSettings },
  { name: "teams", needs: "edit_brand", draw: Teams },
  { name: "desk_rules", needs: "edit_brand", draw: DeskRules },
  { name: "phrases", needs: "edit_brand", draw: Phrases },
  { name: "thresholds", needs: "edit_brand", draw: Thresholds },
  { name: "customers", needs: "edit_brand", draw: ContactFields },
  { name: "automations", needs: "edit_brand", draw: Automations },
  { name: "webhooks", needs: "manage_channels", draw: Webhooks },
  { name: "canned", needs: "answer", draw: CannedSettings },
  { name: "audit", needs: "read_audit", draw: Audit },
  { name: "account", needs: "read_brand", draw: Account },
  { name: "tokens", needs: "answer", draw: Tokens },
];

export function Settings() {
  const allowed = SECTIONS.filter((one) => may(one.needs));
  const wanted = path.value.split("/")[2];
  const current = allowed.find((one) => one.name === wanted) ?? allowed[0];
  useEffect(() => { document.querySelector(".page-tabs [aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" }); }, [current.name]);
  return html`<main class="page"><div class="page-inside settings">
    <header class="page-head"><h1>${t("screen.settings")}</h1></header>
    <nav class="page-tabs" aria-label=${t("screen.settings")}>${allowed.map((one) => html`<a href=${`/settings/${one.name}`} data-screen aria-current=${one === current ? "page" : null}>${t(`settings.${one.name}`)}</a>`)}</nav>
    <div class="settings-section"><${current.draw} /></div>
  </div></main>`;
}
