// Keeps the whole page, so that it opens without a connection. Nothing else is ever fetched.
"use strict";
const name = "grizzle-{{version}}";
const files = ["./", "chat.css", "chat.js", "manifest.webmanifest", "icon.svg", "models.wasm", "models-plain.wasm", "model.bin"];

self.addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(name);
  await cache.addAll(files.map(file => new Request(file, { cache: "no-cache" })));
  await self.skipWaiting();
})()));

self.addEventListener("activate", event => event.waitUntil((async () => {
  for (const other of await caches.keys()) if (other.startsWith("grizzle-") && other !== name) await caches.delete(other);
  await self.clients.claim();
})()));

self.addEventListener("fetch", event => event.respondWith((async () => {
  const cache = await caches.open(name);
  return await cache.match(event.request, { ignoreSearch: true }) ?? fetch(event.request);
})()));
