"""``furrow sign``: a member's own client. It numbers, salts and signs with a key that the hub never sees.

It stores before it signs, and never signs two contents for one number: what was signed is kept beside the key
and sent again as it was.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from coincurve import PrivateKey

from hub.gs1 import epcis, jcs, reading
from hub.ledger.formats import lots, streams


class SignerStopped(Exception):
    """Signing cannot go on; the message says why and what to do."""


@dataclass
class Signer:
    """One member's client: its key, its journal of what was signed, and the hub it hands records to."""

    hub: str
    api_key: str
    key: PrivateKey
    member: int
    journal: Path

    def round(self) -> int:
        """Hand in what was signed and not yet acknowledged, then sign what waits; return how many records.

        Recalls go first.
        """
        with httpx2.Client(
            base_url=self.hub, headers={"Authorization": f"Bearer {self.api_key}"}, timeout=30
        ) as client:
            at = self._stream(client)
            for recall in at["recalls"]:
                self._hand_in_recall(client, recall["nonce"], self._signed_recall(at, recall))
            last = self._last()
            if last is not None and last["firstSeq"] > at["seq"]:
                self._hand_in(client, last)
                return len(last["records"])
            if not at["waiting"]:
                return 0
            if last is not None and last["newHead"] != at["head"]:
                raise SignerStopped(
                    f"the hub says that the stream stands at {at['head']}, but {last['newHead']} was signed last"
                )
            body = self._signed(at)
            _append(self.journal, body)
            self._hand_in(client, body)
            return len(body["records"])

    def _stream(self, client: httpx2.Client) -> dict[str, Any]:
        answer = client.get(f"/api/ledger/streams/{self.member}")
        _require(answer, 200)
        body: dict[str, Any] = answer.json()
        return body

    def _signed(self, at: dict[str, Any]) -> dict[str, Any]:
        payloads = [jcs.canonical(payload) for payload in at["waiting"]]
        for payload in payloads:
            faults = epcis.validate(epcis.opened(payload))
            if faults:
                raise SignerStopped(f"the hub asks to sign what is not EPCIS: {faults[0].path}: {faults[0].message}")
        salts = [secrets.token_bytes(32) for _ in payloads]
        committed = [streams.commitment(payload, salt) for payload, salt in zip(payloads, salts, strict=True)]
        first, previous = at["seq"] + 1, bytes.fromhex(at["head"][2:])
        leaves = streams.chain(bytes.fromhex(at["logId"][2:]), self.member, first, previous, committed)
        events = [epcis.opened(payload).event for payload in payloads]
        sentence = streams.summary([reading.summary_line(event) for event in events], secrets.token_hex(16))
        submission = streams.Submission(
            self.member, first, len(leaves), previous, leaves[-1], streams.summary_hash(sentence)
        )
        log = streams.Domain(at["chainId"], bytes.fromhex(at["traceLog"][2:]))
        body = {
            "firstSeq": first,
            "previousHead": at["head"],
            "newHead": _x(leaves[-1]),
            "summary": sentence,
            "records": [
                {"payload": json.loads(payload), "salt": _x(salt)}
                for payload, salt in zip(payloads, salts, strict=True)
            ],
            "signature": _x(streams.sign(streams.digest(log, submission), self.key)),
        }
        begun = tuple(lots.claimed(e, c) for e, c in zip(events, committed, strict=True) if lots.begins_lot(e))
        if begun:
            register = streams.Domain(at["chainId"], bytes.fromhex(at["lotRegistry"][2:]))
            claim = streams.digest(register, streams.Registration(self.member, begun))
            body["lotSignature"] = _x(streams.sign(claim, self.key))
        return body

    def _signed_recall(self, at: dict[str, Any], recall: dict[str, Any]) -> dict[str, str]:
        """A recall's salt and signature; what was signed under this nonce before is said again as it was."""
        kept = self.journal.with_suffix(".recalls")
        for before in _kept(kept):
            if before["nonce"] == recall["nonce"]:
                if before["recall"] != recall:
                    raise SignerStopped(f"the hub asks to sign another recall {recall['nonce']} than before")
                return {name: before[name] for name in ("salt", "signature")}
        salt = secrets.token_bytes(32)
        message = streams.Recall(
            (bytes.fromhex(recall["key"][2:]),),
            self.member,
            recall["nonce"],
            recall["notice"]["class"],
            streams.commitment(jcs.canonical(recall["notice"]), salt),
        )
        register = streams.Domain(at["chainId"], bytes.fromhex(at["lotRegistry"][2:]))
        body = {"salt": _x(salt), "signature": _x(streams.sign(streams.digest(register, message), self.key))}
        _append(kept, {"nonce": recall["nonce"], "recall": recall, **body})
        return body

    def _hand_in_recall(self, client: httpx2.Client, nonce: int, body: dict[str, str]) -> None:
        _require(client.post(f"/api/ledger/streams/{self.member}/recalls/{nonce}", json=body), 204)

    def _hand_in(self, client: httpx2.Client, body: dict[str, Any]) -> None:
        answer = client.post(f"/api/ledger/streams/{self.member}/submissions", json=body)
        _require(answer, 201)
        _append(self.journal.with_suffix(".receipts"), answer.json())

    def _last(self) -> dict[str, Any] | None:
        kept = _kept(self.journal)
        return kept[-1] if kept else None


def _append(path: Path, entry: dict[str, Any]) -> None:
    """Add a line that survives the machine: nothing is handed in that is not kept."""
    with path.open("a+b") as file:
        begun = file.seek(0, os.SEEK_END)
        file.seek(max(0, begun - 1))
        cut_off = file.read(1) not in (b"", b"\n")
        file.write(b"\n" * cut_off + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _kept(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal; one that was cut off was never handed in."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _require(answer: httpx2.Response, status: int) -> None:
    if answer.status_code != status:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        raise SignerStopped(f"the hub answered {answer.status_code}: {problem.get('detail', answer.text[:200])}")


def _x(value: bytes) -> str:
    return "0x" + value.hex()
