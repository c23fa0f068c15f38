/* The simulator's state in the browser: loaded once, then kept by its live events. */

const listeners = new Map();

export const state = { brand: "", questions: {}, desk: "", customers: new Map(), live: true };

export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

function tell(event, detail) {
  for (const listener of listeners.get(event) ?? []) listener(detail);
}

function adopt(customer) {
  const messages = new Map((customer.messages ?? []).map((message) => [message.id, message]));
  state.customers.set(customer.id, { ...customer, messages });
}

export async function load() {
  const answer = await (await fetch("/control/state")).json();
  Object.assign(state, { brand: answer.brand, questions: answer.questions, desk: answer.desk });
  state.customers.clear();
  answer.customers.forEach(adopt);
  tell("loaded");
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error ?? answer.statusText);
  return result;
}

const path = (id, action) => `/control/customers/${encodeURIComponent(id)}/${action}`;

export async function act(id, action, values = {}) {
  try {
    return (await post(path(id, action), values)).result;
  } catch (error) {
    tell("failed", error.message);
    throw error;
  }
}

export const addCustomer = (customer) => post("/control/customers", customer);

export const removeCustomer = (id) => fetch(`/control/customers/${encodeURIComponent(id)}`, { method: "DELETE" });

const HANDLERS = {
  customer(customer) {
    if (!state.customers.has(customer.id)) adopt(customer);
    tell("customer", state.customers.get(customer.id));
  },
  customer_removed({ customer }) {
    state.customers.delete(customer);
    tell("customer_removed", customer);
  },
  message({ customer, message }) {
    const known = state.customers.get(customer);
    if (!known) return;
    if (message.author === "brand") known.typing = false;
    known.messages.set(message.id, message);
    tell("message", { customer: known, message });
  },
  removed({ customer, id }) {
    state.customers.get(customer)?.messages.delete(id);
    tell("removed", { customer, id });
  },
  typing({ customer, seconds }) {
    const known = state.customers.get(customer);
    if (!known) return;
    known.typing = seconds > 0;
    clearTimeout(known.typingEnd);
    known.typingEnd = setTimeout(() => {
      known.typing = false;
      tell("typing", known);
    }, seconds * 1000);
    tell("typing", known);
  },
  toast: ({ customer, text }) => tell("toast", { customer, text }),
  reload: () => load(),
};

export function listen() {
  const source = new EventSource("/control/events");
  source.addEventListener("hello", async () => {
    state.live = true;
    await load();
  });
  source.addEventListener("error", () => {
    if (!state.live) return;
    state.live = false;
    tell("live");
  });
  for (const [event, handle] of Object.entries(HANDLERS)) {
    source.addEventListener(event, (message) => handle(JSON.parse(message.data)));
  }
}
