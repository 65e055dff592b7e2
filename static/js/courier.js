// The courier's phone: results are kept until the market has them, each with a key that counts once. Without this
// script the forms go out by themselves. Drawing, copying and what the service worker keeps stand in courier-phone.js.
import { all, discard, keep, open } from "./courier-store.js";
import { prepare } from "./courier-phone.js";

const root = document.querySelector("[data-courier]");
const mine = (entry) => entry.courier === root.dataset.courier;
const runPath = location.pathname.split("/").slice(0, 3).join("/");
const standIn = root && "standIn" in root.dataset;
const foreign = (entry) => !mine(entry) && entry.run === runPath; // somebody else's on this phone, for the same run
const panel = document.getElementById("queue");
const ANSWER_WITHIN = 15000; // milliseconds
let trouble = ""; // "", "offline" or "signed-out"

const element = (name, text = "", className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
};

// ------------------------------------------------------------------------------------------------- sending

async function post(entry) {
  const token = document.querySelector("input[name=csrf_token]").value;
  const body = new URLSearchParams(entry.body);
  body.set("csrf_token", token);
  body.set("ago", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000)))); // a phone's clock may be wrong
  return fetch(entry.url, {
    method: "POST", body, redirect: "manual", headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(ANSWER_WITHIN),
  });
}

async function sendAll() {
  let sent = 0;
  for (;;) {
    const entry = (await all()).find((one) => mine(one) && one.state === "waiting");
    if (!entry) break;
    let answer;
    try {
      answer = await post(entry);
    } catch {
      trouble = "offline";
      return sent;
    }
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      trouble = "signed-out";
      return sent;
    }
    if (answer.status >= 500 || answer.status === 429) {
      trouble = "offline";
      return sent;
    }
    if (answer.ok) {
      const { told } = await answer.json().catch(() => ({}));
      if (told) await keep({ ...entry, body: "", state: "told", message: told }); // it counts, but the courier must read this
      else await discard(entry.key);
      sent += 1;
    } else {
      const said = await answer.json().catch(() => ({}));
      const message = said.message || "Das Ergebnis wurde nicht angenommen.";
      await keep({ ...entry, state: "refused", message, todo: said.todo || "Bitte im Büro anrufen." });
    }
  }
  trouble = "";
  return sent;
}

// Two tabs, or "online" while a press is being sent: one sender at a time; the keys make up for the rest.
let sending = null;
const send = () => {
  sending ??= Promise.resolve(navigator.locks ? navigator.locks.request("touren-send", sendAll) : sendAll())
    .finally(() => { sending = null; });
  return sending;
};

async function sendAndShow() {
  const sent = await send();
  if (sent) location.reload();
  else await show();
}

// ------------------------------------------------------------------------------------------------- pressing

const whole = (entry) => new URL(entry.url).pathname.endsWith("/abholpunkt"); // one word for everybody at a pick-up point
const drop = (address) => new URL(address, location).pathname.replace(/\/(zugestellt|nicht-zugestellt)$/, "");

function wrong(form) {
  const data = new FormData(form);
  const age = form.querySelector("[name=age_checked]");
  if (age && !age.checked) return "Bitte prüfen Sie das Alter. Ohne Ausweis keine Übergabe.";
  if (form.querySelector("[name=reason]")) {
    if (!data.get("reason")) return "Bitte wählen Sie einen Grund.";
    if (data.get("reason") === "other" && !data.get("note").trim()) return "Bitte schreiben Sie kurz, was los war.";
  }
  return "";
}

function wrongPickup(form, action) {
  const said = [...new FormData(form)].filter(([name]) => name.startsWith("parcel_")).map(([, value]) => value);
  const missing = action === "each" && said.some((value) => value === "short" || value === "missing");
  return missing && !form.querySelector("[name=note]").value.trim() ? "Bitte schreiben Sie kurz, was los war." : "";
}

function complain(form, text) {
  form.querySelector("[data-complaint]")?.remove();
  if (!text) return;
  const said = element("p", text, "error");
  said.dataset.complaint = "";
  said.dataset.test = "error";
  said.setAttribute("role", "alert");
  form.prepend(said);
  said.scrollIntoView({ block: "center" });
}

function words(form, button) {
  const copy = button.cloneNode(true);
  for (const hidden of copy.querySelectorAll(".visually-hidden")) hidden.remove();
  const reason = form.querySelector("[name=reason]:checked");
  const why = reason ? reason.closest("label").textContent.trim() : copy.textContent.trim();
  return `${form.dataset.label}: ${why}`;
}

async function press(form, button) {
  const complaint = wrong(form) || wrongPickup(form, button.value);
  complain(form, complaint);
  if (complaint || form.dataset.busy) return;
  form.dataset.busy = "1";
  const body = new URLSearchParams(new FormData(form, button));
  const key = crypto.randomUUID();
  body.set("key", key);
  if ("whole" in form.dataset) body.set("orders", await without(form));
  body.delete("csrf_token");
  for (const old of await all()) if (old.state === "refused" && drop(old.url) === drop(form.getAttribute("action"))) await discard(old.key);
  await keep({
    key, url: new URL(form.getAttribute("action"), location).href, body: body.toString(), halt: form.dataset.result, run: runPath, page: location.pathname,
    courier: root.dataset.courier, label: words(form, button), state: "waiting", at: Date.now(),
  });
  await send();
  const left = (await all()).find((entry) => entry.key === key);
  delete form.dataset.busy;
  if (!left || left.state === "told") location.assign(runPath);
  else if (left.state === "waiting") await goOn();
  else await show();
}

// "Everything" at a pick-up point is not about those who have a word of their own, though it still waits on this phone.
async function without(form) {
  const own = (await all()).filter((entry) => mine(entry) && entry.state === "waiting").map((entry) => drop(entry.url));
  const halt = drop(form.getAttribute("action")).replace(/\/abholpunkt$/, "");
  return new FormData(form).get("orders").split(",").filter((order) => !own.includes(`${halt}/${order}`)).join(",");
}

// Without a network the next halt comes from what is kept on the phone.
async function goOn() {
  const waiting = (await all()).filter((entry) => mine(entry) && entry.state === "waiting" && entry.run === runPath);
  const todo = [...(await latest()).querySelectorAll("[data-halt]")].find((halt) => {
    const here = waiting.filter((entry) => entry.halt === halt.dataset.halt);
    return Number(halt.dataset.open) > new Set(here.map((entry) => drop(entry.url))).size && !here.some(whole);
  });
  location.assign(todo ? todo.dataset.href : runPath);
}

// A halt may be kept from before the last results went out; the run's own page is fetched after each of them.
async function latest() {
  const written = async (path) => {
    const page = window.caches && await caches.match(path, { ignoreVary: true });
    return page ? { page, at: Date.parse(page.headers.get("Date")) || 0 } : { at: 0 };
  };
  const [run, here] = await Promise.all([written(runPath), written(location.pathname)]);
  if (!run.page || run.at <= here.at) return document;
  return new DOMParser().parseFromString(await run.page.text(), "text/html");
}

async function freshen() {
  const now = await latest();
  if (now === document) return;
  for (const halt of document.querySelectorAll("[data-halt]")) {
    const known = now.querySelector(`[data-halt="${halt.dataset.halt}"]`);
    if (known) halt.replaceWith(known);
  }
  for (const part of [".stack:has(> .progress)", "[data-test=start-run]"]) {
    const old = document.querySelector(part);
    const known = now.querySelector(part);
    if (old && known) old.replaceWith(known);
    else if (old) old.closest("form").remove();
  }
}

// ------------------------------------------------------------------------------------------------- showing

function stateOf(entry) {
  if (!mine(entry)) return "hat jemand anders auf diesem Telefon eingetragen, gesendet ist es nicht. Stimmt es, senden Sie es als Ihres.";
  if (entry.state === "told") return `gesendet. ${entry.message}`;
  if (entry.state === "refused") return `nicht angenommen. ${entry.message} ${entry.todo}`;
  if (trouble !== "signed-out") return "wartet auf Netz";
  return standIn ? "ist noch nicht gesendet" : "wartet auf die Anmeldung";
}

/** Who has an account signs in again; a day link is opened again, or it has been withdrawn. */
function wayBack() {
  if (standIn) {
    return element("p", "Dieses Telefon ist abgemeldet. Öffnen Sie Ihren Tageslink noch einmal, dann wird alles gesendet. " +
      "Gilt er nicht mehr, lesen Sie dem Büro bitte vor, was hier steht.", "note");
  }
  const link = element("a", "Anmelden und dann senden", "button");
  link.href = `/anmelden?next=${encodeURIComponent(location.pathname)}`;
  return link;
}

/** A withdrawn day link leaves no addresses behind. */
async function forgetPages() {
  for (const name of await caches.keys()) if (name.startsWith("touren-")) await caches.delete(name);
}

/** Under the senders' lock: what is on its way cannot be taken back, and then it is sent already. */
async function takeBack(entry) {
  const away = () => discard(entry.key);
  await (navigator.locks ? navigator.locks.request("touren-send", away) : away());
  location.reload();
}

/** Every run has an L1: of another run than the page's it says which. */
const named = (entry) => (entry.run === runPath ? entry.label : `Tour ${entry.run.split("/")[2]}, ${entry.label}`);

function item(entry) {
  const row = element("li", "", { refused: "flash flash--error", told: "flash flash--warning" }[entry.state] || "panel");
  row.dataset.test = `queue-${entry.state}`;
  const text = element("p", "");
  text.append(element("strong", named(entry)));
  text.append(` – ${stateOf(entry)}`);
  row.append(text);
  const actions = element("div", "", "actions");
  if (entry.state === "waiting" && mine(entry)) { // pressed by mistake: nobody has heard of it yet
    const back = element("button", "Zurücknehmen", "text-button");
    back.type = "button";
    back.addEventListener("click", () => takeBack(entry));
    actions.append(back);
    row.append(actions);
    return row;
  }
  const again = element("button", mine(entry) ? "Noch einmal senden" : "Als meines senden", "button button--small");
  again.addEventListener("click", async () => {
    await keep({ ...entry, courier: root.dataset.courier, state: "waiting" });
    await sendAndShow();
  });
  const away = element("button", "Verwerfen", "text-button");
  away.addEventListener("click", async () => { await discard(entry.key); await show(); });
  if (entry.state === "told") away.textContent = "Verstanden";
  const there = element("a", "Halt öffnen", "text-button");
  there.href = entry.page;
  again.type = away.type = "button";
  actions.append(...(entry.state === "told" ? [] : [again]), there, away);
  row.append(actions);
  return row;
}

async function show() {
  const everything = await all();
  const entries = everything.filter(mine);
  const waiting = entries.filter((entry) => entry.state === "waiting");
  const offline = trouble === "offline" || !navigator.onLine;
  const rows = [...entries, ...everything.filter((entry) => foreign(entry) && entry.state !== "told")].map(item);
  panel.hidden = !rows.length && !offline;
  panel.querySelector("[data-offline]").hidden = !offline;
  panel.querySelector("[data-send]").hidden = !waiting.length;
  // Leaving, coming back and the PDF need the market; the first result starts the run anyway, the sheet is kept as a page.
  for (const button of document.querySelectorAll("[data-test=start-run], [data-test=finish-run]")) button.form.hidden = offline;
  for (const link of document.querySelectorAll("[data-test=sheet]")) link.hidden = offline;
  if (trouble === "signed-out" && waiting.length) rows.push(wayBack());
  if (trouble === "signed-out" && standIn) await forgetPages();
  panel.querySelector("[data-items]").replaceChildren(...rows.map((row) => {
    if (row.tagName === "LI") return row;
    const wrapped = document.createElement("li");
    wrapped.append(row);
    return wrapped;
  }));
  if (trouble === "signed-out" && waiting.length && !panel.dataset.told) panel.scrollIntoView();
  panel.dataset.told = trouble;
  const said = new Set(waiting.map((entry) => drop(entry.url)));
  for (const form of document.querySelectorAll("form[data-result]")) cover(form, waiting, said);
  for (const form of document.querySelectorAll("form[data-whole]")) coverSingles(form, waiting);
  for (const halt of document.querySelectorAll("[data-halt]")) {
    const here = waiting.some((entry) => entry.run === runPath && entry.halt === halt.dataset.halt);
    halt.querySelector("[data-waits]").hidden = !here;
  }
}

// What has been pressed is not asked again while it waits.
function cover(form, waiting, said) {
  const returned = form.getAttribute("action").endsWith("/zurueck");
  const done = returned
    ? waiting.some((entry) => drop(entry.url) === drop(form.getAttribute("action")) && entry.halt === form.dataset.result)
    : said.has(drop(form.getAttribute("action")));
  const box = form.closest("details") || form;
  box.hidden = done;
  const next = box.nextElementSibling;
  if (next?.matches("[data-covered]")) next.remove();
  if (done && box === form) {
    const note = element("p", "Gespeichert, wartet auf Netz.", "note note--plain");
    note.dataset.covered = "";
    box.after(note);
  }
}

// At a pick-up point: who has a word of their own is not in the word for all, and after that nobody is asked singly.
function coverSingles(form, waiting) {
  const here = waiting.filter((entry) => entry.run === runPath && entry.halt === form.dataset.result);
  for (const single of document.querySelectorAll("[data-at-point]")) single.hidden = here.some(whole);
  const count = form.querySelector("[data-todo]");
  const left = count.dataset.todo - new Set(here.filter((entry) => !whole(entry)).map((entry) => drop(entry.url))).size;
  count.textContent = left;
  if (left <= 0) form.hidden = true;
}

// ------------------------------------------------------------------------------------------------- start

async function start() {
  await open();
  for (const form of document.querySelectorAll("form[data-result]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      press(form, event.submitter || form.querySelector("[type=submit]"));
    });
  }
  panel.querySelector("[data-send]").addEventListener("click", sendAndShow);
  addEventListener("online", sendAndShow);
  addEventListener("offline", show);
  if (!navigator.onLine && document.querySelector("[data-halt]")) await freshen();
  await show();
  await sendAndShow();
}

prepare(root);
// Keys need a secure page (https or this machine); a browser that keeps nothing sends its forms plainly.
if (root && panel && window.crypto?.randomUUID && window.indexedDB) start().catch(() => {});
