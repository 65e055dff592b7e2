// Results that never reached the market, on pages where nobody is signed in (any more): the sign-in page and a day link.
// A link that was withdrawn cannot send them; then they are read to the office from here. Loaded by market.js.
import { all, discard, open } from "./courier-store.js";

const element = (name, text, className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
};
const time = (at) => new Date(at).toLocaleTimeString("de-DE", { hour: "numeric", minute: "2-digit" });
const note = (entry) => new URLSearchParams(entry.body).get("note");
const words = (entry) => [entry.run.split("/")[2], entry.label, note(entry), `${time(entry.at)} Uhr`].filter(Boolean).join(", ");

function hint(dead) {
  if (dead) return "Dieser Link kann nichts mehr senden. Lesen Sie bitte dem Büro vor:";
  return "Gesendet wird, sobald Sie wieder auf der Tour sind: mit Ihrer Anmeldung, als Vertretung mit dem Tageslink.";
}

async function show() {
  await open();
  const left = (await all()).filter((entry) => entry.state !== "told"); // that one has arrived
  document.getElementById("left-results")?.remove();
  if (!left.length) return;
  const dead = location.pathname.startsWith("/vertretung/") && !document.querySelector("[data-test=open-run]");
  const messages = document.getElementById("messages");
  const shell = element("div", "", messages.classList.contains("wrap") ? "wrap" : ""); // staff pages have their margin
  shell.id = "left-results";
  const box = element("section", "", "panel stack stack--tight");
  box.dataset.test = "left-results";
  const count = left.length === 1 ? "liegt noch 1 Ergebnis" : `liegen noch ${left.length} Ergebnisse`;
  box.append(element("h2", `Auf diesem Telefon ${count} einer Tour`), element("p", hint(dead)));
  const list = element("ul", "", "stack stack--tight");
  list.append(...left.map((entry) => element("li", words(entry))));
  box.append(list);
  if (dead) {
    const button = element("button", "Vorgelesen: hier löschen", "button button--quiet");
    button.type = "button";
    button.addEventListener("click", async () => {
      for (const entry of left) await discard(entry.key);
      await show();
    });
    box.append(button);
  }
  shell.append(box);
  messages.after(shell);
}

show().catch((error) => console.debug(error));
