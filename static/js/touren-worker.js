// The courier's pages without a network, served as /sw.js for /touren/ only. Network first; kept are the courier's own
// pages of today and the files they need, nothing else of the market. Gone after signing out, after the run and the day.
const PREFIX = "touren-";
const PAGE = /^\/touren\/(?:[A-Za-z0-9]+(?:\/halt\/\d+|\/blatt)?)?$/;
const PATIENCE = 6000; // milliseconds until a page kept is better than one that does not come

const today = () => new Date().toLocaleDateString("sv-SE", { timeZone: "Europe/Berlin" });
const kept = () => caches.open(PREFIX + today());

async function forget(everything = false) {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && (everything || name !== PREFIX + today())) await caches.delete(name);
  }
}

async function forgetRun(path) {
  const run = path.split("/")[2];
  const cache = await kept();
  for (const request of await cache.keys()) {
    if (run && new URL(request.url).pathname.split("/")[2] === run) await cache.delete(request);
  }
}

async function fromNetwork(request, path) {
  const answer = await fetch(request);
  if (answer.redirected || answer.type === "opaqueredirect" || answer.status === 403) await forget(true); // signed out
  else if (answer.status === 404) await forgetRun(path); // the run is over, planned again or another courier's
  else if (answer.ok) await (await kept()).put(path, answer.clone());
  return answer;
}

async function page(request, path) {
  await forget();
  const old = await (await kept()).match(path, { ignoreVary: true });
  const fresh = fromNetwork(request, path);
  if (!old) return fresh.catch(nothing);
  const late = new Promise((done) => setTimeout(done, PATIENCE, old));
  return Promise.race([fresh.catch(() => old), late]);
}

async function file(request) {
  const cache = await kept();
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const old = await cache.match(request, { ignoreVary: true });
    if (old) return old;
    throw error;
  }
}

function nothing() {
  const text = "Kein Netz, und diese Seite ist nicht auf dem Telefon. Bitte gehen Sie zurück zu Ihrer Tour.";
  const body = `<!doctype html><html lang="de"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>Kein Netz</title><h1>Kein Netz</h1><p>${text}</p><p><a href="/touren/">Meine Touren</a></p>`;
  return new Response(body, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));
self.addEventListener("message", (event) => event.data === "claim" && event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (PAGE.test(url.pathname)) event.respondWith(page(event.request, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
});
