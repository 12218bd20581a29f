// Forms that work without a line: <form data-outbox="what it says" data-words="…">. What is sent is first kept on this
// phone, under a word of its own that the hub knows it by, and leaves in the order in which it was said. Pages with such
// a form, and those that are linked with data-keep, are kept too and open without a line (outbox-worker.js).

const state = document.getElementById("outbox");
const words = JSON.parse(state.dataset.words);
const who = state.dataset.who;
const PAGES = `pages-${who}`;
const ENTRIES = "entries";
const AGAIN = 10_000;
const FRESH = 10 * 60_000;
const MOST_KEPT = 12;
const LONGEST_SIDE = 1600;
const forms = [...document.querySelectorAll("form[data-outbox]")];
// A page that shows a form again has the address that it was sent to; its own opens without one.
const here = forms[0]?.dataset.page ?? location.pathname;

const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("furrow-outbox", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(ENTRIES, { keyPath: "once" });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function kept(mode, ask) {
  const store = (await opened).transaction(ENTRIES, mode).objectStore(ENTRIES);
  const asked = ask(store);
  return new Promise((resolve, reject) => {
    store.transaction.oncomplete = () => resolve(asked.result);
    store.transaction.onerror = store.transaction.onabort = () => reject(store.transaction.error);
  });
}

async function entries() {
  const all = await kept("readonly", (store) => store.getAll());
  return all.sort((one, other) => one.at - other.at);
}
const put = (entry) => kept("readwrite", (store) => store.put(entry));
const drop = (entry) => kept("readwrite", (store) => store.delete(entry.once));

// A photo of a telephone is larger than it need be, and a weak line carries it slowly.
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < 400_000) return file;
  try {
    const drawn = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(drawn.width, drawn.height));
    const canvas = new OffscreenCanvas(Math.round(drawn.width * scale), Math.round(drawn.height * scale));
    canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
    return new File([await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 })], "photo.jpg");
  } catch {
    return file; // the hub says what is wrong with it
  }
}

async function fields(form, pressed) {
  const parts = [];
  for (const [name, value] of new FormData(form, pressed)) {
    if (!(value instanceof File)) parts.push([name, value]);
    else if (value.size) parts.push([name, await smaller(value), value.name]);
  }
  return parts;
}

function body(entry) {
  const sent = new FormData();
  for (const [name, value, file] of entry.parts) {
    if (file) sent.append(name, value, file);
    else sent.append(name, value);
  }
  return sent;
}

// Where an answer leads; null where there was none, and an entry waits for a better moment.
async function sent(entry) {
  if (!navigator.onLine) return null;
  let answer;
  try {
    // Whoever leaves the page at once is not waited for; what has files is larger than a browser sends behind a page.
    const keepalive = !entry.parts.some(([, , file]) => file);
    const headers = { "HX-Request": "true" };
    answer = await fetch(entry.action, { method: "POST", body: body(entry), headers, keepalive });
  } catch {
    return null;
  }
  const leads = answer.headers.get("HX-Redirect") ?? "";
  if (answer.ok && leads.startsWith("/sign-in")) return { signIn: true };
  if (answer.ok) return { leads };
  if (![400, 403, 404, 409, 413, 422].includes(answer.status)) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = page.querySelector(".note-stop, [data-focus], main p, p");
  return { refused: (told?.textContent ?? "").replace(/\s+/g, " ").trim() };
}

let signIn = false;

async function send() {
  signIn = false;
  await navigator.locks.request("furrow-outbox", async () => {
    for (const entry of await entries()) {
      if (entry.who !== who || entry.refused !== undefined) continue;
      const answer = await sent(entry);
      if (answer === null) break;
      if (answer.signIn) {
        signIn = true;
        break;
      }
      if (answer.refused === undefined) await drop(entry);
      else await put({ ...entry, refused: answer.refused });
      if (answer.refused === undefined && entry.page === here) location.assign(answer.leads || entry.page);
    }
  });
  await show();
}

function element(name, text, more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...more });
}

function count(word, number) {
  return words[number === 1 ? `${word}_one` : `${word}_many`].replace("{count}", number);
}

function refusal(entry) {
  const box = element("div", "", { className: "note note-stop" });
  const inner = element("div", "");
  const acts = element("div", "", { className: "acts" });
  const away = element("button", words.drop, { className: "btn", type: "button" });
  away.addEventListener("click", async () => {
    await drop(entry);
    await show();
  });
  acts.append(element("a", words.look, { className: "btn", href: entry.page }), away);
  inner.append(element("b", words.refused.replace("{said}", entry.said)), ` ${entry.refused} ${words.todo}`, acts);
  box.append(inner);
  return box;
}

async function show() {
  const all = await entries();
  const mine = all.filter((entry) => entry.who === who);
  const waits = mine.filter((entry) => entry.refused === undefined);
  const others = all.length - mine.length;
  const shown = [];
  if (!navigator.onLine || waits.length) {
    const line = element("p", "", { className: "note" });
    const inner = element("span", "");
    inner.append(element("b", navigator.onLine ? words.waits : words.offline), " ");
    inner.append(waits.length ? count("kept", waits.length) : words.ready);
    if (signIn) inner.append(" ", element("a", words.sign_in, { href: `/sign-in?next=${here}` }));
    line.append(inner);
    shown.push(line);
  }
  shown.push(...mine.filter((entry) => entry.refused !== undefined).map(refusal));
  if (others) shown.push(element("p", count("others", others), { className: "tip" }));
  state.replaceChildren(...shown);
  for (const form of forms) rest(form, waits.find((entry) => isOf(entry, form)));
}

function isOf(entry, form) {
  return entry.page === here && (entry.form ?? entry.action) === form.getAttribute("action");
}

// What waits is not said a second time by mistake; whoever wants to change it takes it back first.
function rest(form, entry) {
  form.inert = form.hidden = Boolean(entry);
  const before = form.previousElementSibling;
  if (before?.matches("[data-waits]")) before.remove();
  if (!entry) return;
  const box = element("div", "", { className: "sheet pad stack-s" });
  box.dataset.waits = "";
  const again = element("button", words.change, { className: "btn", type: "button" });
  again.addEventListener("click", async () => {
    await drop(entry);
    form.elements.once.value = crypto.randomUUID();
    await show();
  });
  const at = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  box.append(element("p", words.here.replace("{time}", at)), again);
  form.before(box);
}

async function submitted(event) {
  if (event.submitter?.hasAttribute("data-plain")) return; // asks for something that only the hub can tell
  event.preventDefault();
  const form = event.target;
  const parts = await fields(form, event.submitter);
  const entry = {
    once: form.elements.once.value,
    form: form.getAttribute("action"),
    action: event.submitter?.getAttribute("formaction") ?? form.getAttribute("action"),
    page: here,
    said: form.dataset.outbox,
    at: Date.now(),
    who,
    parts,
  };
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  try {
    await put(entry);
  } catch {
    plainly(form, entry); // this browser keeps nothing, or has no room: it is sent as any form is
    return;
  }
  await send();
  const mine = (await entries()).find((one) => one.once === entry.once);
  if (mine?.refused === undefined) return;
  // Refused at once: the page itself says what is wrong, beside its field. Nothing was booked.
  await drop(mine);
  form.elements.once.value = crypto.randomUUID();
  plainly(form, entry);
}

function plainly(form, entry) {
  form.action = entry.action;
  form.submit();
}

async function keepPage(address, pages) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const text = await answer.clone().text();
    await pages.put(address, answer);
    const page = new DOMParser().parseFromString(text, "text/html");
    const needed = [...page.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], [data-needs]")]
      .map((one) => one.getAttribute("src") ?? one.getAttribute("href"));
    const icons = page.querySelector("use")?.getAttribute("href")?.split("#")[0];
    for (const one of new Set([...needed, icons].filter(Boolean))) {
      if (!(await pages.match(one))) await pages.add(one);
    }
  } catch {
    // no line: what was kept before stays
  }
}

async function keepPages() {
  if (!navigator.onLine || !window.caches) return;
  for (const name of await caches.keys()) {
    if (name.startsWith("pages-") && name !== PAGES) await caches.delete(name);
  }
  const pages = await caches.open(PAGES);
  await keepPage(here, pages);
  await keepPage("/no-line", pages);
  for (const link of [...document.querySelectorAll("a[data-keep]")].slice(0, MOST_KEPT)) {
    const address = link.getAttribute("href");
    const before = await pages.match(address, { ignoreVary: true });
    const age = Date.now() - Date.parse(before?.headers.get("Date") ?? 0);
    if (!(age < FRESH)) await keepPage(address, pages);
  }
}

for (const form of forms) {
  form.elements.once.value = crypto.randomUUID();
  form.addEventListener("submit", submitted);
}
window.addEventListener("online", send);
window.addEventListener("offline", show);
setInterval(async () => { if ((await entries()).length) send(); }, AGAIN);
navigator.serviceWorker?.register("/outbox-worker.js", { scope: "/" }).then(keepPages, keepPages);
send();
