// Small things of the courier's page: a field to sign in, copying an address, and what is kept for a road without network.

const KEPT_FOR = 10 * 60_000; // milliseconds a kept halt is fresh enough

function signature(box) {
  const canvas = box.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const input = box.querySelector("input");
  let strokes = [];
  let stroke = null;
  const clear = () => {
    strokes = [];
    input.value = "";
    pen.clearRect(0, 0, canvas.width, canvas.height);
  };
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    const x = (event.clientX - frame.left) * canvas.width / frame.width;
    const y = (event.clientY - frame.top) * canvas.height / frame.height;
    return [Math.round(x), Math.round(y)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
    stroke = [at(event)];
    strokes.push(stroke);
    pen.beginPath();
    pen.moveTo(...stroke[0]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    const point = at(event);
    stroke.push(point);
    pen.lineTo(...point);
    pen.stroke();
  });
  const lift = () => {
    stroke = null;
    input.value = strokes.map((one) => one.map((point) => point.join(",")).join(" ")).join(";").slice(0, 90_000);
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  box.querySelector("[data-clear]").addEventListener("click", clear);
  box.hidden = false;
}

function copying(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.lastChild.textContent = "Kopiert";
  });
}

async function fetchOld(path) {
  const old = await caches.match(path, { ignoreVary: true });
  if (!old || !(Date.now() - Date.parse(old.headers.get("Date")) < KEPT_FOR)) await fetch(path);
}

// The sheet as a page has a style sheet of its own.
async function fetchStyles(path) {
  const page = await caches.match(path, { ignoreVary: true });
  for (const [, href] of (page ? await page.text() : "").matchAll(/<link rel="stylesheet" href="(\/static\/[^"]+)"/g)) {
    if (!(await caches.match(href))) await fetch(href);
  }
}

// Own runs of today and no others stay on the phone.
async function keepOnly(runs) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("touren-")) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const [, first, run] = new URL(request.url).pathname.split("/");
      if (first === "touren" && run && !runs.includes(run)) await cache.delete(request);
    }
  }
}

async function remember(root) {
  await navigator.serviceWorker.register("/sw.js", { scope: "/touren/" });
  const { active } = await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    const taken = new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
    active.postMessage("claim"); // a page opened while the worker was starting is not its own yet
    await taken;
  }
  if (root.dataset.runs !== undefined) await keepOnly(root.dataset.runs.split(",").filter(Boolean));
  const files = performance.getEntriesByType("resource").map((entry) => entry.name)
    .filter((name) => new URL(name).origin === location.origin && new URL(name).pathname.startsWith("/static/"));
  for (const name of new Set(files)) if (!(await caches.match(name))) await fetch(name);
  const halts = [...document.querySelectorAll("[data-halt]")].map((halt) => halt.dataset.href);
  const run = root.dataset.code ? [`/touren/${root.dataset.code}`, `/touren/${root.dataset.code}/blatt`] : [];
  for (const path of new Set(["/touren/", ...run, location.pathname, ...halts])) await fetchOld(path);
  if (root.dataset.code) await fetchStyles(`/touren/${root.dataset.code}/blatt`);
  root.dataset.kept = "1"; // tests wait for it
}

export function prepare(root) {
  for (const box of document.querySelectorAll("[data-signature]")) signature(box);
  for (const button of document.querySelectorAll("[data-copy]")) copying(button);
  if (root && "serviceWorker" in navigator && window.caches) remember(root).catch((error) => console.debug(error));
}
