// The dispatcher's map. It shows what the list beside it says; without a script the list and the timeline are all.
/* global L */
import { box4, spread, touch } from "./dispatch-spread.js";

const box = document.querySelector("#map");

/** A text in a box as a marker: Leaflet's own pictures are not needed. */
function sign(text, classes, width, height = 26) {
  const icon = L.divIcon({ className: classes, iconSize: [width, height] });
  const draw = icon.createIcon;
  icon.createIcon = function (old) {
    const made = draw.call(this, old);
    made.textContent = text; // never as HTML: names come from people
    return made;
  };
  return icon;
}

function name(at, text, kind) {
  return L.marker(at, { icon: sign(text, `map-name map-name--${kind}`, 150, 18), interactive: false, keyboard: false });
}

/** Draws a run and adds its signs to `signs`, the depot's first. */
function drawRun(map, run, bounds, signs) {
  const layer = L.layerGroup();
  const points = [run.depot, ...run.halts.map((halt) => halt.at), run.depot];
  L.polyline(points, { className: `map-way run-${run.style}`, interactive: false }).addTo(layer);
  for (const halt of run.halts) {
    const kind = halt.shop ? "shop" : "door";
    const width = 16 + 8.5 * halt.name.length;
    const marker = L.marker(halt.at, {
      icon: sign(halt.name, `map-halt map-halt--${kind} run-${run.style}`, width),
      alt: `${halt.name}: ${halt.title}`, title: `${halt.name}: ${halt.title}`, keyboard: false,
    });
    const words = document.createElement("span");
    words.textContent = `${halt.name}: ${halt.title}`;
    marker.bindPopup(words).addTo(layer);
    signs.push({ marker, at: halt.at, width, height: 26, style: run.style });
    bounds.extend(halt.at);
  }
  bounds.extend(run.depot);
  if (!signs.some((one) => one.depot && String(one.at) === String(run.depot))) {
    const marker = L.marker(run.depot, { icon: sign("Start", "map-depot", 44, 22), interactive: false, keyboard: false });
    signs.unshift({ marker: marker.addTo(layer), at: run.depot, width: 44, height: 22, style: run.style, depot: true });
  }
  return layer.addTo(map);
}

const LETTER = 7.2; // pixels, generously: names that would touch each other or a halt are left out

/** Names where there is room: villages first, streets when one is close, and one-word names before long ones. */
function drawGround(map, ground, taken) {
  const words = (text) => text.split(" ").length;
  const byWords = (a, b) => words(a[2]) - words(b[2]);
  const places = [...ground.places].sort(byWords);
  const streets = [...ground.streets].sort(byWords);
  const layer = L.layerGroup().addTo(map);
  const show = () => {
    layer.clearLayers();
    const seen = map.getBounds().pad(0.1);
    const full = taken();
    const wanted = [...places.map((one) => [...one, "place"]), ...(map.getZoom() >= 14 ? streets.map((one) => [...one, "street"]) : [])];
    for (const [lat, lon, text, kind] of wanted) {
      if (!seen.contains([lat, lon])) continue;
      const mine = box4(map.latLngToContainerPoint([lat, lon]), text.length * LETTER, 30);
      if (full.some((other) => touch(mine, other))) continue;
      full.push(mine);
      name([lat, lon], text, kind).addTo(layer);
    }
  };
  map.on("moveend", show);
  show();
  map.attributionControl.setPrefix(false).addAttribution(escape(ground.attribution));
}

function escape(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

async function draw() {
  const answer = await fetch(box.dataset.source);
  if (!answer.ok) return; // the list is there
  const data = await answer.json();
  box.hidden = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    center: data.centre, zoom: 13, zoomSnap: 0.25, minZoom: 9, maxZoom: 18, zoomControl: false, scrollWheelZoom: false, // no tiles: any scale will do
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still,
  });
  L.control.zoom({ zoomInTitle: "Näher heran", zoomOutTitle: "Weiter weg" }).addTo(map);
  L.control.scale({ imperial: false, position: "topright" }).addTo(map); // below, the sources would cover it on a phone
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Karte der Touren: Pfeiltasten verschieben, Plus und Minus ändern den Maßstab");
  const bounds = L.latLngBounds([]);
  const signs = [];
  for (const run of data.runs) drawRun(map, run, bounds, signs);
  if (bounds.isValid()) map.fitBounds(bounds, { paddingTopLeft: [36, 20], paddingBottomRight: [24, 40], maxZoom: 16 }); // clear of zoom and sources
  drawGround(map, data.ground, spread(map, signs));
}

if (box && window.L) draw();

// A door dragged onto another run: the page that says what it costs, with that run chosen. Nothing moves before. In a
// long list the other run is out of reach: while something is dragged, it lies at the edge of the screen.
const runs = [...document.querySelectorAll(".map-run[data-vehicle]")];
let dragged;

function target(element, run) {
  const foreign = () => dragged && !run.contains(dragged);
  element.addEventListener("dragover", (event) => {
    if (foreign()) event.preventDefault();
    element.classList.toggle("map-run--target", Boolean(foreign()));
  });
  element.addEventListener("dragleave", () => element.classList.remove("map-run--target"));
  element.addEventListener("drop", (event) => {
    if (!foreign()) return;
    event.preventDefault();
    location.assign(`${dragged.dataset.move}?auf=${run.dataset.vehicle}`);
  });
}

function inSight(run) {
  const head = run.querySelector("p").getBoundingClientRect();
  const list = run.parentElement.getBoundingClientRect();
  return head.top >= Math.max(list.top, 0) && head.bottom <= Math.min(list.bottom, innerHeight);
}

function edge() {
  const bar = document.createElement("div");
  bar.className = "drop-bar";
  bar.hidden = true;
  bar.setAttribute("aria-hidden", "true"); // for the mouse only; "Umladen" is for everybody
  const boxes = runs.map((run) => {
    const box = document.createElement("div");
    box.textContent = `Auf ${run.dataset.name}`;
    target(box, run);
    return box;
  });
  bar.append(...boxes);
  document.body.append(bar);
  return (on) => {
    for (const [i, run] of runs.entries()) boxes[i].hidden = run.contains(dragged || null) || inSight(run);
    bar.hidden = !on || boxes.every((box) => box.hidden);
  };
}

if (runs.length > 1) {
  const hint = document.querySelector("[data-drag-hint]");
  if (hint) hint.hidden = false;
  const show = edge();
  for (const door of document.querySelectorAll("[data-move]")) {
    door.draggable = true;
    door.addEventListener("dragstart", () => {
      dragged = door;
      setTimeout(() => show(Boolean(dragged))); // a page that changes at once ends the drag
    });
    door.addEventListener("dragend", () => {
      dragged = undefined;
      show(false);
    });
  }
  for (const run of runs) target(run, run);
}
