/* What differs between two versions of an entry, field by field and word by word; and how two editors' changes become one. */

const FIELDS = ["question", "phrasings", "answer", "buttons", "picture"];
const LISTS = new Set(["tags", "phrasings"]);
const MOST_WORDS = 600;

const buttonLine = (button) => `${button.title} = ${button.url ?? button.payload ?? ""}`;

/** `{ key: { language, field, value } }` of all that an editor writes; what is not there is missing. */
function flat(content) {
  const found = {};
  if (!content) return found;
  found.status = { language: null, field: "status", value: content.status };
  found.tags = { language: null, field: "tags", value: content.tags };
  for (const [language, text] of Object.entries(content.translations))
    for (const field of FIELDS) found[`${language}.${field}`] = { language, field, value: text[field] ?? null };
  return found;
}

/** A field's value as lines to read and to compare. */
export function written(value) {
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return String(value);
  return value.map((one) => (typeof one === "string" ? one : buttonLine(one))).join("\n");
}

/** `[{ key, language, field, before, after }]`, in the order of the editor. */
export function differences(before, after) {
  const [old, fresh] = [flat(before), flat(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .map((key) => ({ key, ...(fresh[key] ?? old[key]), before: written(old[key]?.value), after: written(fresh[key]?.value) }))
    .filter((one) => one.before !== one.after);
}

const wordsOf = (text) => text.match(/[\u3400-\u9fff]|[^\s\u3400-\u9fff]+\s*|\s+/g) ?? [];

/** `[{ kind: "same" | "gone" | "new", text }]`: the longest common run of words stays, the rest is marked. */
export function marked(before, after) {
  const [left, right] = [wordsOf(before), wordsOf(after)];
  if (left.length > MOST_WORDS || right.length > MOST_WORDS) return [{ kind: "gone", text: before }, { kind: "new", text: after }];
  const common = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1) common[i][j] = left[i] === right[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  const parts = [];
  const put = (kind, text) => { if (parts.at(-1)?.kind === kind) parts.at(-1).text += text; else parts.push({ kind, text }); };
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) { put("same", left[i]); i += 1; j += 1; }
    else if (j === right.length || (i < left.length && common[i + 1][j] >= common[i][j + 1])) { put("gone", left[i]); i += 1; }
    else { put("new", right[j]); j += 1; }
  }
  return parts;
}

/** Theirs, with what I added and without what I took away. */
const joined = (base, mine, theirs) => [...theirs.filter((one) => mine.includes(one) || !base.includes(one)), ...mine.filter((one) => !base.includes(one) && !theirs.includes(one))];

function put(content, key, value) {
  if (!key.includes(".")) return { ...content, [key]: value };
  const place = key.lastIndexOf(".");
  const [language, field] = [key.slice(0, place), key.slice(place + 1)];
  const text = content.translations[language] ?? { question: "", answer: "", phrasings: [], buttons: [], picture: null };
  return { ...content, translations: { ...content.translations, [language]: { ...text, [field]: value } } };
}

/**
 * Both editors' changes since `base`: `{ merged, clashes }`. A clash is a field that both changed in different ways; it
 * holds theirs in `merged` until `settle` puts mine there.
 */
export function merge(base, mine, theirs) {
  const [old, ours, others] = [flat(base), flat(mine), flat(theirs)];
  let merged = theirs;
  const clashes = [];
  for (const key of new Set([...Object.keys(old), ...Object.keys(ours), ...Object.keys(others)])) {
    const [was, my, their] = [old, ours, others].map((one) => written(one[key]?.value));
    if (my === was || my === their) continue;
    const field = (ours[key] ?? others[key]).field;
    if (their === was) merged = put(merged, key, ours[key]?.value ?? (LISTS.has(field) || field === "buttons" ? [] : field === "picture" ? null : ""));
    else if (LISTS.has(field)) merged = put(merged, key, joined(old[key]?.value ?? [], ours[key]?.value ?? [], others[key]?.value ?? []));
    else clashes.push({ key, language: (ours[key] ?? others[key]).language, field, mine: ours[key]?.value ?? null, was, my, their });
  }
  return { merged, clashes };
}

export const settle = (content, clash) => put(content, clash.key, clash.mine ?? (clash.field === "buttons" ? [] : clash.field === "picture" ? null : ""));
