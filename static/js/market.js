// Small comforts; every page works without them. One file, no dependencies, nothing inline.

// Messages that have been read can be put away.
for (const button of document.querySelectorAll("[data-close]")) {
  button.hidden = false;
  button.addEventListener("click", () => button.closest(".flash").remove());
}

// A long form that came back with errors starts at its summary, the filters at what they did not understand.
document.querySelector(".error-summary, .filters [aria-invalid]")?.focus();

// Where the filters have a column of their own they stand open.
if (matchMedia("(min-width: 60rem)").matches) {
  for (const panel of document.querySelectorAll(".split--left .filters")) panel.open = true;
}

// A form is sent once: a second click while the answer is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  setTimeout(() => delete form.dataset.sent, 8000);
});

// A typed quantity counts as soon as the field is left; no second press.
document.addEventListener("change", (event) => {
  if (event.target.matches(".stepper input[name=quantity]")) event.target.form.requestSubmit();
});

// Suggestions while typing: a listbox under the search field (WAI-ARIA combobox with list autocomplete).
const field = document.querySelector("form[role=search] input[name=q]");
if (field) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Vorschläge");
  list.hidden = true;
  field.closest("form").append(list);
  field.removeAttribute("list");
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-expanded": "false",
  })) field.setAttribute(name, value);

  let asked = 0;
  let chosen = -1;
  let timer;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    const items = [...list.children];
    if (!items.length) return;
    chosen = (index + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    field.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  };
  const take = (item) => {
    if (item.dataset.url) return location.assign(item.dataset.url);
    field.value = item.firstChild.data;
    field.form.requestSubmit();
  };
  const show = (found) => {
    list.replaceChildren(...found.map((one, i) => {
      const item = document.createElement("li");
      item.id = `suggestion-${i}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.url = one.url;
      item.append(one.text);
      if (one.kind) {
        const kind = document.createElement("small");
        kind.textContent = one.kind;
        item.append(kind);
      }
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(item);
      });
      return item;
    }));
    chosen = -1;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(found.length > 0));
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    const text = field.value.trim();
    if (text.length < 2) return close();
    const mine = ++asked;
    timer = setTimeout(async () => {
      try {
        const answer = await fetch(`/suche/vorschlaege?q=${encodeURIComponent(text)}`);
        if (mine === asked && answer.ok) show((await answer.json()).suggestions);
      } catch {
        close();
      }
    }, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (list.hidden) return;
    else if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen - 1); }
    else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    }
  });
  field.addEventListener("blur", close);
}

// Checkout: what was chosen among the delivery windows while new ones were on their way stays chosen.
let chosen = [];
document.addEventListener("htmx:before:swap", () => {
  chosen = [...document.querySelectorAll("#windows input:checked")].map((input) => [input.name, input.value]);
});
document.addEventListener("htmx:after:swap", () => {
  for (const [name, value] of chosen) {
    const same = document.querySelector(`#windows input[name="${name}"][value="${CSS.escape(value)}"]:not(:disabled)`);
    if (same) same.checked = true;
  }
});

// Where nobody is signed in any more, results of a run that wait on this phone are told.
if (/^\/(anmelden|vertretung)\b/.test(location.pathname) && Number(localStorage.getItem("touren-unsent"))) {
  import("./courier-left.js");
}

// Signing out: nothing of a courier's runs stays on this phone. Results that were never sent are asked about first.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/abmelden" || !window.caches) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const unsent = Number(localStorage.getItem("touren-unsent") || 0);
  if (unsent && !form.dataset.asked) {
    form.dataset.asked = "1";
    const said = document.createElement("p");
    said.className = "flash flash--warning";
    said.setAttribute("role", "alert");
    said.textContent = `Auf diesem Telefon warten noch ${unsent} Ergebnisse einer Tour. Bitte erst auf „Meine Touren“ ` +
      "senden. Wer noch einmal „Abmelden“ drückt, verwirft sie.";
    document.getElementById("messages").append(said);
    said.scrollIntoView({ block: "center" });
    return;
  }
  for (const name of await caches.keys()) if (name.startsWith("touren-")) await caches.delete(name);
  localStorage.removeItem("touren-unsent");
  window.indexedDB?.deleteDatabase("touren");
  form.submit();
}, true);
