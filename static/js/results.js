// A paper sheet comes back: everything is preset, only what was different is typed. A halt's number and Enter, one
// letter, Enter; Enter alone goes to what still lacks something, then to the button. Plain selects without this script.
const AT_DOOR = { z: "delivered", n: "nobody", a: "address", v: "refused", k: "age", j: "too_young", s: "other" };
const AT_SHOP = { a: "picked_up", u: "short", n: "missing", l: "shop_closed" };
const NEEDS_WORDS = ["other", "short", "missing"];

const panel = document.querySelector("[data-jump]");
const form = panel?.closest("form");
const jump = panel?.querySelector("input");
const said = panel?.querySelector("output");
const rows = [...document.querySelectorAll("tr[data-row]")];
const CLOSED = "Abholpunkt zu";
let searching = false; // Enter without a number walks from gap to gap
let together = []; // rows of one pick-up point: what is said of the first is said of all

const selects = (row) => [...row.querySelectorAll("select")];
const note = (row) => row.querySelector("input.input");
const age = (row) => row.querySelector("input[type=checkbox]");
const changed = (row) => selects(row).some((select) => select.selectedIndex > 0);
const lacksWords = (row) => selects(row).some((select) => NEEDS_WORDS.includes(select.value)) && !note(row).value.trim();
const lacksAge = (row) => age(row) && selects(row)[0].value === "delivered" && !age(row).checked;

function show() {
  const different = rows.filter(changed);
  for (const row of rows) row.classList.toggle("row-changed", changed(row));
  const open = rows.filter((row) => lacksAge(row) || lacksWords(row)).length;
  const names = different.map((row) => row.dataset.row).join(", ");
  said.textContent = `Anders als geplant: ${names || "nichts"}.` + (open ? ` Noch offen (Enter): ${open}.` : "");
}

function ready() {
  together = [];
  jump.value = "";
  jump.focus();
}

function next() {
  const gap = rows.find((row) => lacksAge(row) || lacksWords(row));
  searching = Boolean(gap);
  if (gap) (lacksWords(gap) ? note(gap) : selects(gap)[0]).focus();
  else form.querySelector("[data-test=save-results]").focus();
}

function go() {
  const wanted = jump.value.trim().toLowerCase();
  if (!wanted) return next();
  const single = rows.find((one) => one.dataset.row.toLowerCase() === wanted);
  together = single ? [] : rows.filter((one) => one.dataset.point === wanted);
  const row = single || together[0];
  jump.setAttribute("aria-invalid", String(!row));
  if (!row) {
    said.textContent = `Einen offenen Halt „${jump.value}“ gibt es hier nicht.`;
    return jump.select();
  }
  searching = false;
  selects(row)[0].focus();
  row.scrollIntoView({ block: "center" });
  if (together.length) said.textContent = `Halt ${wanted}, Abholpunkt: Ein Buchstabe gilt für alle ${together.length} Bestellungen.`;
}

function leave(row, from) {
  const more = selects(row)[selects(row).indexOf(from) + 1];
  if (from.tagName === "SELECT" && more) return more.focus();
  if (together.includes(row)) for (const other of together) note(other).value = note(row).value;
  if (lacksWords(row)) return note(row).focus();
  show();
  return searching ? next() : ready();
}

function letter(event, row) {
  const keys = row.dataset.row.startsWith("L") ? AT_SHOP : AT_DOOR;
  const passed = event.key.toLowerCase() === "p" && age(row);
  const value = passed ? "delivered" : keys[event.key.toLowerCase()];
  const there = value && [...event.target.options].some((option) => option.value === value);
  if (there || event.key !== " ") event.preventDefault(); // a space opens the list
  if (!there) {
    if (event.key !== " ") said.textContent = `Halt ${row.dataset.row}: „${event.key}“ gibt es hier nicht.`;
    return;
  }
  event.target.value = value;
  if (together.includes(row)) for (const other of together) selects(other)[0].value = value;
  if (together.includes(row)) note(row).value = value === "nobody" ? CLOSED : "";
  if (passed) age(row).checked = true;
  show();
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.tagName === "BUTTON") return;
  const row = event.target.closest("tr[data-row]");
  if (event.key === "Enter") {
    event.preventDefault();
    if (event.target === jump) go();
    else if (row) leave(row, event.target);
  } else if (event.key === "Escape") ready();
  else if (row && event.target.tagName === "SELECT" && event.key.length === 1) letter(event, row);
}

if (panel) {
  panel.hidden = false;
  form.addEventListener("keydown", press);
  form.addEventListener("change", show);
  show();
  if (!document.querySelector(".error-summary")) jump.focus();
}
