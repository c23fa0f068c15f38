/* What is to be known of customers: the names of the fields in their column. */

import { html, useEffect, useState } from "core/html.js";
import { get, put } from "core/requests.js";
import { complain, toast, told } from "core/toasts.js";
import { t } from "core/words.js";

export function ContactFields() {
  const [text, setText] = useState(null);
  const [mistake, setMistake] = useState("");
  useEffect(() => { get("/contact-fields").then((found) => setText(found.names.join("\n"))).catch(complain); }, []);
  const save = async (event) => {
    event.preventDefault();
    try {
      const names = text.split("\n").map((one) => one.trim()).filter(Boolean);
      setText((await put("/contact-fields", { names })).names.join("\n"));
      setMistake("");
      toast(t("shell.saved"));
    } catch (refusal) {
      setMistake(told(refusal));
    }
  };
  if (text === null) return html`<div class="skeletons"><div class="skeleton"></div></div>`;
  return html`<form class="panel" onSubmit=${save}>${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <label>${t("fields.names")}<span class="soft field-hint">${t("fields.hint")}</span><textarea rows="6" value=${text} onInput=${(event) => setText(event.target.value)}></textarea></label>
    <div><button class="primary">${t("shell.save")}</button></div></form>`;
}
