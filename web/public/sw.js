// The offline shell: without a network the app still opens, shows that it is offline and keeps what is typed.
// Nothing of an account is ever stored here: only the page and its own files, which are the same for everybody.
// The build puts its own list of files and a name made from them in here, so that each release has a shell of its own.
const VERSION = "dev";
const FILES = [];

const SHELL = `shell-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) =>
        cache.addAll(
          ["/index.html", ...FILES].map((file) => new Request(file, { cache: "reload" })),
        ),
      )
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

/** The newest page while there is a network; the shell's while there is none. */
async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match("/index.html", { cacheName: SHELL })) ?? Response.error();
  }
}

/** Names of built files carry their content's hash: what is here never gets old. */
async function asset(request) {
  return (await caches.match(request, { cacheName: SHELL })) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (/^\/(api|v1|health|metrics|docs|openapi\.json)(\/|$)/.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/assets/") || FILES.includes(url.pathname)) {
    event.respondWith(asset(request));
  }
});
