// Recomputes, in the shopper's own browser, every record shown: payload and salt to commitment, commitment to leaf,
// leaf to the ledger's root (RFC 9162 over SHA-256). WebCrypto where the page is a secure context, else the vendored hash.
const subtle = globalThis.crypto?.subtle;
const { sha256: plain } = subtle ? {} : await import("./vendor/hashes/sha2.js");

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
const text = (string) => new TextEncoder().encode(string);
const word = (number) => bytes(BigInt(number).toString(16).padStart(64, "0"));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function sha256(...parts) {
  const whole = join(...parts);
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", whole)) : plain(whole);
}

/** SHA-256("furrow/commit/v1" ‖ 0x00 ‖ salt ‖ SHA-256(payload)). */
export async function commitment(payload, salt) {
  return sha256(text("furrow/commit/v1\0"), salt, await sha256(text(payload)));
}

/** The leaf of a record: SHA-256(0x00 ‖ abi.encode(1, logId, member, seq, previous, commitment)). */
export async function leaf(logId, record, committed) {
  return sha256(new Uint8Array([0]), word(1), logId, word(record.member), word(record.seq), bytes(record.previous), committed);
}

/** The root that a leaf at `index` of a tree of `size` leads to; null when the path has the wrong length. */
export async function rootFrom(index, size, top, proof) {
  let last = size - 1;
  if (index > last) return null;
  for (const sibling of proof) {
    if (last === 0) return null;
    if (index % 2 === 1 || index === last) {
      top = await sha256(new Uint8Array([1]), sibling, top);
      while (index !== 0 && index % 2 === 0) [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
    } else {
      top = await sha256(new Uint8Array([1]), top, sibling);
    }
    [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  }
  return last === 0 ? top : null;
}

/** RFC 8785: the one form in which a value is committed to. */
function canonical(value, depth = 0) {
  if (typeof value === "string" && /[\uD800-\uDFFF]/u.test(value)) throw new TypeError("half a surrogate pair");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (depth === 64) throw new RangeError("nested deeper than 64 levels");
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort().map((name) => `${canonical(name)}:${canonical(value[name], depth + 1)}`);
  return `{${members.join(",")}}`;
}

/** Whether a record is what was sealed, and stands under the root; one that cannot be read is neither. Of a record
 * whose content is withheld only its seal is there, and stands under the root or does not. */
export async function holds(evidence, record) {
  try {
    if (record.withheld) return await placed(evidence, record, bytes(record.commitment));
    return canonical(JSON.parse(record.payload)) === record.payload && (await stands(evidence, record));
  } catch {
    return false;
  }
}

async function stands(evidence, record) {
  const committed = await commitment(record.payload, bytes(record.salt));
  if (record.salt.length !== 64 || hex(committed) !== record.commitment) return false;
  return placed(evidence, record, committed);
}

async function placed(evidence, record, committed) {
  const top = await rootFrom(record.index, evidence.size, await leaf(bytes(evidence.logId), record, committed), record.proof.map(bytes));
  return top !== null && hex(top) === evidence.root;
}

/** What the proved records state of each subject, in their order: since when it is valid, and its attributes. */
export function statements(records) {
  const said = new Map();
  const inOrder = records.filter((record) => record.payload).sort((a, b) => a.member - b.member || a.seq - b.seq);
  for (const record of inOrder) {
    const { event } = JSON.parse(record.payload);
    const stated = event["furrow:masterData"];
    if (event.bizStep !== "urn:furrow:bizstep:stating" || !stated) continue;
    const [subject] = event.epcList;
    const since = Date.parse(stated["furrow:validFrom"]);
    said.set(subject, [...(said.get(subject) ?? []), { since, attributes: stated["furrow:attributes"] }]);
  }
  return said;
}

/** Whether a word of the page is what was stated: at the moment it names, or now where it names none. */
export function isSaid(said, word) {
  const history = said.get(word.dataset.subject) ?? [];
  const moment = word.dataset.at ? Date.parse(word.dataset.at) : Infinity;
  const held = history.findLast((statement) => statement.since <= moment) ?? history[0];
  return (held?.attributes[`furrow:${word.dataset.attribute}`] ?? "") === word.textContent;
}

/** What is said of the page's own words, once its records are proved. */
function words(records) {
  const marked = [...document.querySelectorAll("[data-subject]")];
  const said = statements(records);
  const wrong = marked.filter((word) => !isSaid(said, word)).length;
  return { wrong, any: marked.length > 0 };
}

const place = globalThis.document?.getElementById("recomputed");
if (place) {
  const answer = await fetch(place.dataset.evidence);
  const evidence = await answer.json();
  const results = await Promise.all(evidence.records.map((record) => holds(evidence, record)));
  const bad = results.filter((good) => !good).length;
  const said = bad ? place.dataset.bad : results.length ? place.dataset.done : place.dataset.none;
  const withheld = evidence.records.filter((record) => record.withheld).length;
  const more = withheld && !bad ? place.dataset.withheld.replace("{w}", String(withheld)) : "";
  const { wrong, any } = words(evidence.records.filter((_, number) => results[number]));
  const named = wrong ? place.dataset.misnamed.replace("{n}", String(wrong)) : any ? place.dataset.named : "";
  const sentences = [said.replace("{n}", String(bad || results.length)), more, named].filter(Boolean);
  place.textContent = sentences.join(document.documentElement.lang.startsWith("zh") ? "" : " ");
  place.dataset.result = bad || wrong ? "bad" : results.length ? "good" : "none";
}
