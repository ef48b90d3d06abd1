// Lives on without a network: the last trip card that was seen, with its age and what it is drawn with.
//
// RELEASE stands before this text (config/pages/installed.py): `cache`, a name that changes with every
// deployment; `cards`, the address of a trip card by language; `files`, what every page is drawn with;
// `apart`, where nothing is kept or replaced: the admin, the API.
"use strict";

const PATIENCE = 8_000; // milliseconds for a page; then the kept card stands in
const QUIET = 15 * 60_000; // milliseconds between two refreshes of the kept card
const HASHED = /\.[0-9a-f]{8,}\.\w+$/;

const STATIC = new URL(RELEASE.static, location.origin).href; // here, or wherever a CDN has them

const languageOf = (path) => (path.startsWith("/en/") ? "en" : "ko");
const isCard = (url) => Object.values(RELEASE.cards).includes(url.pathname);
const isApart = (url) => RELEASE.apart.some((start) => url.pathname.startsWith(start));
const keyOf = (language) => `/trip-card/${language}`; // a name in the cache, not an address

addEventListener("install", (event) => {
  event.waitUntil(install());
});

async function install() {
  const cache = await caches.open(RELEASE.cache);
  await cache.addAll(RELEASE.files);
  for (const [language, address] of Object.entries(RELEASE.cards)) {
    // What was kept under the release before tells which card is wanted; out of reach, it goes on as it is.
    const before = await caches.match(keyOf(language));
    const wanted = before?.headers.get("x-address") ?? address;
    if (!(await fetchCard(language, wanted)) && before) await cache.put(keyOf(language), before);
  }
  await skipWaiting();
}

addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

async function activate() {
  for (const name of await caches.keys()) if (name !== RELEASE.cache) await caches.delete(name);
  await clients.claim();
  // Pages that were open before there was a worker.
  for (const page of await clients.matchAll({ type: "window" })) {
    const url = new URL(page.url);
    if (isCard(url)) await fetchCard(languageOf(url.pathname), url.pathname + url.search);
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET") return;
  if (url.href.startsWith(STATIC)) return event.respondWith(file(request, url));
  if (url.origin !== location.origin || isApart(url)) return;
  if (request.mode === "navigate") event.respondWith(page(event, url));
});

// A hashed name never changes its content. Others may at any time: the kept one is for when none comes.
async function file(request, url) {
  const kept = () => caches.match(request, { ignoreVary: true });
  if (HASHED.test(url.pathname)) return (await kept()) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    return (await kept()) ?? Promise.reject(error);
  }
}

async function page(event, url) {
  const language = languageOf(url.pathname);
  const answer = fetch(event.request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, "late"));
  let told;
  try {
    told = await Promise.race([answer, late]);
  } catch {
    told = "out";
  }
  if (told instanceof Response && told.status < 500) {
    event.waitUntil(remember(language, url, told.clone()));
    return told;
  }
  answer.catch(() => {}); // too late for anybody
  return (await keptCard(language)) ?? (told instanceof Response ? told : answer);
}

// The card that is seen is kept; a visit elsewhere renews it, not too often. Never the visitor's trouble.
async function remember(language, url, response) {
  try {
    if (isCard(url) && response.status === 200) return await keep(language, url.pathname + url.search, response);
    const kept = await (await caches.open(RELEASE.cache)).match(keyOf(language));
    if (!kept) return await fetchCard(language, RELEASE.cards[language]);
    if (Date.now() - Number(kept.headers.get("x-kept-at")) > QUIET)
      await fetchCard(language, kept.headers.get("x-address"));
  } catch { /* the next visit tries again */ }
}

async function fetchCard(language, address) {
  try {
    const response = await fetch(address);
    if (response.status !== 200) return false;
    await keep(language, address, response);
    return true;
  } catch {
    return false;
  }
}

async function keep(language, address, response) {
  const cache = await caches.open(RELEASE.cache);
  const text = await response.text();
  const files = [...text.matchAll(/(?:href|src)="([^"?#]+)"/g)].map((found) => found[1]);
  for (const name of new Set(files.filter((name) => name.startsWith(RELEASE.static))))
    if (!HASHED.test(name) || !(await cache.match(name, { ignoreVary: true }))) await cache.add(name);
  const headers = new Headers(response.headers); // the policy of the page comes with it
  for (const name of ["content-encoding", "content-length", "etag"]) headers.delete(name);
  headers.set("x-address", address);
  headers.set("x-kept-at", String(Date.now()));
  await cache.put(keyOf(language), new Response(text, { headers }));
}

// In the reader's language, else in the other one: figures read the same.
async function keptCard(language) {
  const cache = await caches.open(RELEASE.cache);
  const kept =
    (await cache.match(keyOf(language))) ?? (await cache.match(keyOf(language === "ko" ? "en" : "ko")));
  if (!kept) return undefined;
  const told = (await kept.text()).replace(" data-offline hidden", " data-offline");
  return new Response(told, { headers: kept.headers });
}
