// What a scanner reads, taken apart: GS1 element strings as they stand in GS1-128, GS1 DataMatrix and GS1 QR codes, the
// same with brackets, Digital Links, and bare GTINs and SSCCs. Only what a count needs; the hub looks everything through.

const FNC1 = "\x1d";
// How long what follows an application identifier is, where that is fixed (GS1 General Specifications, 7.8.4).
const FIXED = { "00": 18, "01": 14, "02": 14, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6, 20: 2, 31: 6, 32: 6, 33: 6, 34: 6, 35: 6, 36: 6, 41: 13 };
const LONGER = { 31: 4, 32: 4, 33: 4, 34: 4, 35: 4, 36: 4, 39: 4, 41: 3, 24: 3, 25: 3, 40: 3, 42: 3, 43: 4, 70: 4, 71: 3, 72: 4, 80: 4, 81: 4, 82: 4 };

function put(found, ai, value) {
  if (!(ai in found)) found[ai] = value;
}

function bracketed(text) {
  const found = {};
  for (const [, ai, value] of text.matchAll(/\((\d{2,4})\)([^(]*)/g)) put(found, ai, value);
  return found;
}

function plain(text) {
  const found = {};
  let rest = text;
  while (rest) {
    if (rest.startsWith(FNC1)) {
      rest = rest.slice(1);
      continue;
    }
    const two = rest.slice(0, 2);
    const ai = rest.slice(0, LONGER[two] ?? 2);
    if (!/^\d{2,4}$/.test(ai)) return null;
    const length = FIXED[two];
    const ends = rest.indexOf(FNC1, ai.length);
    const end = length ? ai.length + length : ends < 0 ? rest.length : ends;
    const value = rest.slice(ai.length, end);
    if (!value || (length && value.length < length)) return null;
    put(found, ai, value);
    rest = rest.slice(end);
  }
  return found;
}

function link(text) {
  const found = {};
  const address = new URL(text);
  const parts = address.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  const at = parts.findIndex((part) => part === "01" || part === "00");
  if (at < 0) return null;
  for (let i = at; i + 1 < parts.length; i += 2) put(found, parts[i], parts[i + 1]);
  for (const [ai, value] of address.searchParams) if (/^\d{2,4}$/.test(ai)) put(found, ai, value);
  if (found["01"]) found["01"] = found["01"].padStart(14, "0");
  return found;
}

function day(text) {
  if (!text) return "";
  const [year, month, on] = [text.slice(0, 2), text.slice(2, 4), text.slice(4, 6)];
  // Day 00 is the month's last (7.12 says which century; food does not need it).
  const last = new Date(Date.UTC(2000 + Number(year), Number(month), 0)).getUTCDate();
  return `20${year}-${month}-${on === "00" ? String(last).padStart(2, "0") : on}`;
}

function right(digits) {
  const sum = [...digits.slice(0, -1)].reverse().reduce((total, digit, i) => total + digit * (i % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10) === digits.at(-1);
}

// {sscc, gtin, lot, bestBefore, count, kilograms} of what was read, as far as it says so; null where it says nothing.
export function read(scanned) {
  const text = scanned.trim().replace(/^\](C1|d2|Q3|e0|J1)/, "");
  const bare = text.replace(/\s/g, "");
  let found = null;
  if (/^https?:\/\//i.test(text)) found = URL.canParse(text) ? link(text) : null;
  else if (text.startsWith("(")) found = bracketed(text);
  else if (/^(\d{8}|\d{12,14})$/.test(bare)) found = { "01": bare.padStart(14, "0") };
  else if (/^\d{18}$/.test(bare) && right(bare)) found = { "00": bare };
  else found = plain(text);
  const gtin = found?.["01"] ?? found?.["02"] ?? "";
  if (!found || !(found["00"] || gtin) || (gtin && !right(gtin))) return null;
  const weighed = Object.keys(found).find((ai) => /^310[0-6]$/.test(ai));
  return {
    sscc: found["00"] ?? "",
    gtin,
    lot: found["10"] ?? "",
    bestBefore: day(found["15"] ?? found["17"]),
    count: Number(found["37"] ?? found["30"] ?? 1) || 1,
    kilograms: weighed ? Number(found[weighed]) / 10 ** Number(weighed.at(-1)) : null,
  };
}
