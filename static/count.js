// Counting where there is no line: each count is kept on the phone under its own name until the hub has answered it.
// The page works without this; with it, nobody waits between two shelves, and nothing is counted twice.

const form = document.querySelector("form[data-queue]");
const waits = document.getElementById("waits");
const words = JSON.parse(form.dataset.words);
const key = form.dataset.queue;
let sending = false;

function queue() {
  try { return JSON.parse(localStorage.getItem(key)) ?? []; } catch { return []; }
}

function keep(counts) {
  if (counts.length) localStorage.setItem(key, JSON.stringify(counts));
  else localStorage.removeItem(key);
  waits.textContent = counts.length ? words[counts.length === 1 ? "one" : "many"].replace("{count}", counts.length) : "";
}

async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    for (let counts = queue(); counts.length; counts = queue()) {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(counts[0]),
        headers: { "HX-Request": "true" },
      });
      // Signed out, or the hub is busy: the count stays here. A refusal is an answer, and the page says which.
      if (answer.redirected || (answer.status >= 400 && ![404, 409, 422].includes(answer.status))) return;
      keep(queue().filter((count) => count.said_as !== counts[0].said_as));
      document.getElementById("counted").innerHTML = await answer.text();
    }
  } catch {
    keep(queue()); // no line: once more later
  } finally {
    sending = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const count = Object.fromEntries(new FormData(form));
  if (!count.item.trim() || !count.quantity.trim()) return;
  count.said_as = crypto.randomUUID();
  keep([...queue(), count]);
  form.item.value = form.quantity.value = "";
  form.item.focus();
  send();
});
// A scanner ends what it reads with Enter: then the quantity is asked, and Enter there counts.
form.item.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || form.quantity.value) return;
  event.preventDefault();
  form.quantity.focus();
});
window.addEventListener("online", send);
setInterval(send, 10_000);
keep(queue());
send();
