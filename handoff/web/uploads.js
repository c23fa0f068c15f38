/* Files that go with a reply: taken by the button, by paste or by drop, and stored while the words are still typed. */

import { post } from "core/requests.js";
import { complain, toast } from "core/toasts.js";
import { t } from "core/words.js";
import { setFiles, typedIn } from "handoff/composing.js";

const MOST = 10;
const LARGEST = 9_500_000;
/** What the file chooser offers; the server decides by the bytes. */
export const ACCEPTED = "image/*,application/pdf,.pdf,.txt,.csv,.zip,.docx,.xlsx,.pptx,.odt,.ods,.mp3,.ogg,.m4a,.mp4,.webm";

let number = 0;

/** Stores them; what cannot be sent is explained in one sentence. */
export function takeFiles(id, list) {
  for (const file of list) take(id, file);
}

async function take(id, file) {
  const name = file.name || t("attachment.picture");
  if (typedIn(id).value.files.length >= MOST) { toast(t("composer.too_many", { n: MOST }), { bad: true }); return; }
  if (file.size > LARGEST) { toast(t("composer.too_large", { name, n: Math.floor(LARGEST / 1e6) }), { bad: true }); return; }
  const key = (number += 1);
  setFiles(id, (files) => [...files, { key, name, digest: null }]);
  try {
    const stored = await post(`/files?name=${encodeURIComponent(name)}`, file, { patience: 120_000 });
    setFiles(id, (files) => files.map((one) => (one.key === key ? { ...one, ...stored, digest: stored.file } : one)));
  } catch (refusal) {
    dropFile(id, key);
    complain(refusal);
  }
}

export const dropFile = (id, key) => setFiles(id, (files) => files.filter((one) => one.key !== key));
