// What HTML alone cannot do yet. Every page works without it.

const TOAST_SECONDS = 6;

function showToast(text) {
  const shown = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  shown.querySelector("span").textContent = text;
  document.getElementById("toasts").append(shown);
  let timer;
  const start = () => { timer = setTimeout(() => shown.remove(), TOAST_SECONDS * 1000); };
  const pause = () => clearTimeout(timer);
  shown.addEventListener("pointerenter", pause);
  shown.addEventListener("focusin", pause);
  shown.addEventListener("pointerleave", start);
  shown.addEventListener("focusout", start);
  shown.querySelector("button").addEventListener("click", () => shown.remove());
  start();
}

// A screen reader announces what enters a live region, not what was there when the page came.
for (const shown of document.querySelectorAll("#toasts > .toast")) {
  const text = shown.querySelector("span").textContent;
  shown.remove();
  setTimeout(() => showToast(text), 100);
}
document.addEventListener("toast", (event) => showToast(event.detail.value));

// Browsers that do not know <button command> yet.
if (!("command" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[command]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    else dialog.close();
  });
}

// A form is sent once: its buttons rest until the answer is here.
function rest(form, resting) {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.disabled = resting;
    button.toggleAttribute("data-resting", resting);
    if (resting) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}
document.addEventListener("submit", (event) => {
  // After this turn, so that the pressed button's own name and value still go along.
  setTimeout(() => { if (!event.defaultPrevented || event.target.closest("[hx-post], [hx-get]")) rest(event.target, true); });
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form");
  if (form) rest(form, false);
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-resting]")) rest(button.form, false);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if (search.checkVisibility()) search.focus();
    else location.assign(search.form.action);
  }
  if (event.key === "Escape") {
    const menu = event.target.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// What is found is walked through by arrows, from the field on; Escape leads back to it, and closes what hangs below it.
document.addEventListener("keydown", (event) => {
  const seek = event.target.closest("[data-seek]");
  if (!seek) return;
  const field = seek.querySelector("[data-search]");
  const stops = [field, ...seek.querySelectorAll("[data-hit]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = stops.indexOf(event.target);
  if (step && at >= 0 && stops[at + step]) {
    event.preventDefault();
    stops[at + step].focus();
  } else if (event.key === "Escape" && event.target !== field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") {
    seek.querySelector(".drop")?.replaceChildren();
  }
});
for (const drop of document.querySelectorAll(".drop")) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-seek]")) drop.replaceChildren();
  });
  drop.closest("[data-seek]").addEventListener("focusout", (event) => {
    if (event.relatedTarget && !event.target.closest("[data-seek]").contains(event.relatedTarget)) drop.replaceChildren();
  });
}

// A list is sorted as soon as its order is chosen; the button beside it is for browsers without script.
for (const order of document.querySelectorAll("select[data-sorts]")) {
  order.nextElementSibling.hidden = true;
  order.addEventListener("change", () => order.form.requestSubmit());
}

// Rows of a long sheet are narrowed while one types; what is filled in stays seen.
for (const field of document.querySelectorAll("[data-narrows]")) {
  const rows = document.getElementById(field.dataset.narrows).querySelectorAll("[data-finds]");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const told = row.querySelector("input:not([type=hidden])")?.value;
      row.hidden = !told && !words.every((word) => row.dataset.finds.includes(word));
    }
  });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

// Show what was typed into a password field.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
});

// Tabs: without script, links to the parts of a page that are all shown.
for (const list of document.querySelectorAll("[data-tabs]")) {
  const tabs = [...list.querySelectorAll("a")];
  const panels = tabs.map((tab) => document.querySelector(tab.hash));
  const choose = (chosen, focus) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
    if (focus) tabs[chosen].focus();
  };
  list.setAttribute("role", "tablist");
  tabs.forEach((tab, i) => {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[i].id);
    panels[i].setAttribute("role", "tabpanel");
    tab.addEventListener("click", (event) => { event.preventDefault(); choose(i); });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((i + step + tabs.length) % tabs.length, true);
    });
  });
  choose(Math.max(tabs.findIndex((tab) => tab.hash === location.hash), 0));
}

// A row of entries that is wider than a phone begins where the present one is seen.
for (const entry of document.querySelectorAll(":is(.side, .tabs) [aria-current]")) {
  const row = entry.closest("ul, .tabs");
  row.scrollLeft = entry.offsetLeft - row.offsetLeft - (row.clientWidth - entry.offsetWidth) / 2;
}

// What went wrong is read out and reached by keyboard at once.
document.querySelector("[data-focus]")?.focus();
document.addEventListener("htmx:afterSwap", (event) => event.target.querySelector("[data-focus]")?.focus());

// A GLN is looked through while it is typed, digit by digit; the hub does so again once it is sent.
function checkDigit(body) {
  const sum = [...body].reverse().reduce((total, digit, i) => total + digit * (i % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}
for (const field of document.querySelectorAll("input[data-gln]")) {
  const words = JSON.parse(field.dataset.gln);
  const says = document.createElement("output");
  says.htmlFor = field.id;
  field.after(says);
  field.addEventListener("input", () => {
    const typed = field.value.replace(/[\s-]/g, "");
    const say = (word, count, tone = "") => {
      says.textContent = words[word].replace("{count}", count);
      says.className = tone && `t-${tone}`;
    };
    if (!typed) says.textContent = "";
    else if (/\D/.test(typed)) say("strange", 0, "stop");
    else if (typed.length < 13) say("left", 13 - typed.length);
    else if (typed.length > 13) say("over", typed.length - 13, "stop");
    else if (checkDigit(typed.slice(0, 12)) !== typed[12]) say("digit", checkDigit(typed.slice(0, 12)), "stop");
    else say("right", 13, "ok");
  });
}
// Copy what is shown once.
for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copy]") : []) {
  const shown = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(shown.value);
    shown.select();
  });
}
