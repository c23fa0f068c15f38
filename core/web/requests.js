/* Asks the server. An answer that is not a success is thrown as a `Refusal`; `status` 0: the server was out of reach. */

export class Refusal extends Error {
  /** `faults`: `{ field, message }` of each thing that is wrong with the input, where the server tells them. */
  constructor(status, detail, faults = []) {
    super(detail);
    this.status = status;
    this.faults = faults;
  }
}

const PATIENCE = 20_000;

async function ask(method, path, body, { keepalive = false, patience = PATIENCE } = {}) {
  let answer;
  const raw = body instanceof Blob;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      keepalive,
      headers: body === undefined || raw ? {} : { "Content-Type": "application/json" },
      body: body === undefined || raw ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new Refusal(0, "");
  }
  if (answer.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    throw new Refusal(401, "");
  }
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, typeof content.detail === "string" ? content.detail : (content.title ?? ""), content.errors ?? []);
  return content;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}, options) => ask("POST", path, body, options);
export const put = (path, body, options) => ask("PUT", path, body, options);
export const remove = (path) => ask("DELETE", path);
