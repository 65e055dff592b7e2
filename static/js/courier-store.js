// Results on the phone (IndexedDB "touren"), oldest first. How many are not sent yet also stands in localStorage, where
// every page of the market can see it before somebody signs out (market.js).
const DAYS = 14;
let database;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const store = (mode) => database.transaction("results", mode).objectStore("results");

export async function open() {
  const request = indexedDB.open("touren", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("results", { keyPath: "key" });
  database = await done(request);
  database.onversionchange = () => database.close(); // signing out deletes it
  const old = Date.now() - DAYS * 86_400_000;
  for (const entry of await all()) if (entry.at < old) await discard(entry.key);
  await count();
}

export async function all() {
  return (await done(store("readonly").getAll())).sort((a, b) => a.at - b.at);
}

export async function keep(entry) {
  await done(store("readwrite").put(entry));
  await count();
}

export async function discard(key) {
  await done(store("readwrite").delete(key));
  await count();
}

async function count() {
  localStorage.setItem("touren-unsent", String((await all()).filter((entry) => entry.state !== "told").length));
}
