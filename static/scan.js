// A count by scanning: each code that is read is found among the lines of the form and counted there. A hand scanner
// types into the field; a phone's camera reads where the browser knows how. Nothing here needs a line.

import { read } from "./gs1.js";

const FORMATS = ["code_128", "data_matrix", "qr_code", "ean_13", "ean_8", "upc_a", "itf"];
const PAUSE = 1500;
const scanner = document.querySelector("[data-scanner]");
const words = JSON.parse(scanner.dataset.words);
const field = scanner.querySelector("input");
const said = scanner.querySelector("[role=status]");
const eye = scanner.querySelector("button[data-camera]");
const look = scanner.querySelector("video");
const lines = [...document.querySelectorAll("tr[data-gtin]")];
const counted = new Map();

function say(word, values = {}, tone = "") {
  said.className = tone && `t-${tone}`;
  said.textContent = Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[word]);
}

function answer(line, value) {
  const chosen = line.querySelector(`input[type=radio][value=${value}]`);
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
}

function typed(line, name, value) {
  const input = line.nextElementSibling.querySelector(`[name$=".${name}"]`);
  input.value = value;
  return input;
}

function amount(line, code) {
  return line.dataset.unit === "KGM" ? code.kilograms : code.count;
}

function round(number) {
  return Math.round(number * 1e6) / 1e6;
}

// Of a line that is scanned piece by piece, what was scanned is there, and the rest not until it was scanned too.
function add(line, code) {
  // What is weighed is not counted: a label without a weight says which lot it is, and no more.
  if (amount(line, code) === null) return say("weigh", { item: line.dataset.item, lot: line.dataset.lot }, "warn");
  const whole = Number(line.dataset.whole);
  const now = round((counted.get(line) ?? 0) + amount(line, code));
  counted.set(line, now);
  if (now >= whole) answer(line, "all");
  else {
    answer(line, "less");
    typed(line, "quantity", now);
    const reason = line.nextElementSibling.querySelector("select");
    if (!reason.value) reason.value = "missing";
  }
  const values = { item: line.dataset.item, now, whole, unit: line.dataset.unitWord };
  if (now > whole) say("over", values, "warn");
  else if (code.bestBefore && line.dataset.bestBefore && code.bestBefore !== line.dataset.bestBefore) {
    say("date", { ...values, day: code.bestBefore }, "warn");
  } else say("counted", values, "ok");
}

function pallet(code) {
  if (code.sscc !== scanner.dataset.sscc) {
    say("strange_sscc", { sscc: code.sscc }, "stop");
    return;
  }
  for (const line of lines) {
    counted.set(line, Number(line.dataset.whole));
    answer(line, "all");
  }
  say("pallet", {}, "ok");
}

function wrongLot(line, code) {
  answer(line, "but");
  const concerned = typed(line, "concerned", "");
  const much = round((Number(line.dataset.strange) || 0) + amount(line, code));
  line.dataset.strange = concerned.value = Math.min(much, Number(line.dataset.whole));
  line.nextElementSibling.querySelector("select").value = "wrong-lot";
  say("wrong_lot", { item: line.dataset.item, lot: code.lot, announced: line.dataset.lot }, "warn");
}

export function scanned(text) {
  const code = read(text);
  if (!code) return say("unread", {}, "stop");
  if (code.sscc && !code.lot && (!code.gtin || code.sscc === scanner.dataset.sscc)) return pallet(code);
  const same = lines.filter((line) => line.dataset.gtin === code.gtin);
  if (!same.length) return say("strange", { gtin: code.gtin }, "stop");
  const line = code.lot ? same.find((one) => one.dataset.lot === code.lot) : same.length === 1 && same[0];
  if (line) return add(line, code);
  return code.lot ? wrongLot(same[0], code) : say("which", { item: same[0].dataset.item }, "warn");
}

// A scanner ends what it reads with Enter, which must not send the form.
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (field.value.trim()) scanned(field.value);
  field.value = "";
});

async function watch(detector, stream) {
  let last = "";
  let until = 0;
  while (stream.active) {
    for (const { rawValue } of await detector.detect(look).catch(() => [])) {
      // One label stays before the camera for a while and is counted once.
      if (rawValue === last && Date.now() < until) continue;
      [last, until] = [rawValue, Date.now() + PAUSE];
      scanned(rawValue);
      navigator.vibrate?.(60);
    }
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

async function open() {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    look.srcObject = stream;
    look.hidden = false;
    await look.play();
    eye.setAttribute("aria-pressed", "true");
    const known = await BarcodeDetector.getSupportedFormats();
    watch(new BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) }), stream);
  } catch {
    say("no_camera", {}, "stop");
  }
}

function close() {
  for (const track of look.srcObject?.getTracks() ?? []) track.stop();
  look.srcObject = null;
  look.hidden = true;
  eye.setAttribute("aria-pressed", "false");
}

scanner.hidden = false;
if ("BarcodeDetector" in window && navigator.mediaDevices) {
  eye.hidden = false;
  eye.addEventListener("click", () => (look.hidden ? open() : close()));
}
