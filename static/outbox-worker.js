// Opens kept pages where there is no line (outbox.js says which are kept). Everything else goes to the hub as ever.

const PATIENCE = 5_000;
const KEPT = { ignoreVary: true };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function forget() {
  for (const name of await caches.keys()) if (name.startsWith("pages-")) await caches.delete(name);
}

async function opened(request) {
  const address = new URL(request.url).pathname;
  const line = fetch(request);
  const before = await caches.match(address, KEPT);
  if (!before) return line.catch(async () => (await caches.match("/no-line", KEPT)) ?? Response.error());
  // A line that is too weak to be of use is none.
  const waited = new Promise((resolve) => setTimeout(() => resolve(before), PATIENCE));
  return Promise.race([line.catch(() => before), waited]);
}

async function part(request) {
  return (await caches.match(request, KEPT)) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  // Whoever signs out leaves no page behind; what waits to be sent stays, and is that person's.
  if (request.method === "POST" && address.pathname === "/sign-out") event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(opened(request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(part(request));
});
