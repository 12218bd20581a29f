import json
from pathlib import Path

import pytest
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.formats import streams
from hub.ledger.formats.streams import Domain, Lot, Recall, Receipt, Registration, Submission

VECTORS = json.loads((Path(__file__).parents[3] / "samples/ledger/vectors.json").read_text())
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


LOG_ID = raw(VECTORS["logId"])
KEY = PrivateKey(raw(VECTORS["privateKey"]))
TRACE_LOG = Domain(VECTORS["chainId"], raw(VECTORS["traceLog"]))
LOT_REGISTRY = Domain(VECTORS["chainId"], raw(VECTORS["lotRegistry"]))


def submission(case: dict) -> Submission:
    return Submission(
        VECTORS["member"],
        case["firstSeq"],
        case["count"],
        raw(case["previousHead"]),
        raw(case["newHead"]),
        streams.summary_hash(case["summary"]),
    )


def other(case: dict) -> tuple[Domain, streams.Message]:
    told = case["message"]
    if case["primaryType"] == "Receipt":
        return TRACE_LOG, Receipt(told["member"], told["lastSeq"], raw(told["head"]), told["receivedAt"])
    if case["primaryType"] == "Registration":
        lots = tuple(Lot(raw(lot["key"]), lot["madeOn"], raw(lot["commitment"])) for lot in told["lots"])
        return LOT_REGISTRY, Registration(told["producer"], lots)
    keys = tuple(raw(key) for key in told["keys"])
    return LOT_REGISTRY, Recall(keys, told["issuer"], told["nonce"], told["class"], raw(told["notice"]))


def test_the_log_is_named_after_its_chain_and_first_contract():
    assert streams.log_id(VECTORS["chainId"], raw(VECTORS["traceLog"])) == LOG_ID


@pytest.mark.parametrize("lot", VECTORS["lots"], ids=lambda lot: lot["lot"])
def test_a_lot_has_the_key_of_the_vectors(lot):
    assert streams.lot_key(lot["digitalLink"], raw(lot["lotSalt"])) == raw(lot["key"])


@pytest.mark.parametrize("record", VECTORS["records"], ids=lambda r: f"seq {r['seq']}")
def test_a_record_becomes_the_leaf_of_the_vectors(record):
    committed = streams.commitment(record["payload"].encode(), raw(record["salt"]))
    assert committed == raw(record["commitment"])
    leaf = streams.leaf(LOG_ID, VECTORS["member"], record["seq"], raw(record["previous"]), committed)
    assert leaf == raw(record["leaf"])


def test_records_chain_into_the_head_of_the_vectors():
    committed = [raw(record["commitment"]) for record in VECTORS["records"]]
    leaves = streams.chain(LOG_ID, VECTORS["member"], 1, streams.ZERO, committed)
    assert leaves == [raw(record["leaf"]) for record in VECTORS["records"]]
    assert leaves[-1] == raw(VECTORS["submissions"][-1]["newHead"])


@pytest.mark.parametrize("case", VECTORS["submissions"], ids=lambda c: f"from {c['firstSeq']}")
def test_a_submission_is_signed_as_in_the_vectors(case):
    digest = streams.digest(TRACE_LOG, submission(case))
    assert digest == raw(case["digest"])
    assert streams.summary_hash(case["summary"]) == raw(case["summaryHash"])
    assert streams.sign(digest, KEY) == raw(case["signature"])
    assert streams.recover(digest, raw(case["signature"])) == raw(VECTORS["address"])


@pytest.mark.parametrize("case", VECTORS["otherMessages"], ids=lambda c: c["primaryType"])
def test_receipts_registrations_and_recalls_are_signed_as_in_the_vectors(case):
    digest = streams.digest(*other(case))
    assert digest == raw(case["digest"])
    assert streams.sign(digest, KEY) == raw(case["signature"])
    assert streams.recover(digest, raw(case["signature"])) == raw(VECTORS["address"])


@pytest.mark.parametrize("case", VECTORS["submissions"], ids=lambda c: f"from {c['firstSeq']}")
def test_the_summary_is_the_sentence_of_the_vectors(case):
    lines = []
    for record in VECTORS["records"][case["firstSeq"] - 1 :][: case["count"]]:
        first = record["event"]["quantityList"][0]
        quantity = {612: "612", 590.5: "590.5", 1e21: "1e+21"}[first["quantity"]]
        lines.append((record["event"]["bizStep"], quantity, first["uom"]))
    nonce = case["summary"].rpartition("#")[2]
    assert streams.summary(lines, nonce) == case["summary"]


def test_a_long_submission_names_five_records_and_counts_the_rest():
    lines = [("packing", str(n), "KGM") for n in range(1, 8)]
    assert streams.summary(lines, "0" * 32) == (
        "7 records: packing 1 KGM, packing 2 KGM, packing 3 KGM, packing 4 KGM, packing 5 KGM, and 2 more #" + "0" * 32
    )


def test_a_record_without_a_quantity_is_named_by_its_step_alone():
    assert streams.summary([("inspecting", "", "")], "a" * 32) == "1 record: inspecting #" + "a" * 32


def test_a_signature_with_high_s_is_refused():
    case = VECTORS["submissions"][0]
    good = raw(case["signature"])
    high = ORDER - int.from_bytes(good[32:64], "big")
    twin = good[:32] + high.to_bytes(32, "big") + bytes([55 - good[64]])
    with pytest.raises(streams.SignatureRefused, match="upper half"):
        streams.recover(raw(case["digest"]), twin)


@pytest.mark.parametrize(
    "bend",
    [
        lambda s: s[:64],
        lambda s: s + b"\x00",
        lambda s: s[:64] + bytes([s[64] - 27]),
        lambda s: s[:64] + b"\x1d",
        lambda s: bytes(32) + s[32:],
        lambda s: s[:32] + bytes(32) + s[64:],
        lambda s: b"\xff" * 32 + s[32:],
    ],
)
def test_a_malformed_signature_is_refused(bend):
    case = VECTORS["submissions"][0]
    with pytest.raises(streams.SignatureRefused):
        streams.recover(raw(case["digest"]), bend(raw(case["signature"])))


@given(st.binary(min_size=32, max_size=32))
def test_whoever_signs_is_recovered(digest):
    signature = streams.sign(digest, KEY)
    assert streams.recover(digest, signature) == streams.address(KEY.public_key) == raw(VECTORS["address"])


def test_salts_of_the_wrong_length_and_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        streams.commitment(b"{}", b"short")
    with pytest.raises(ValueError, match="uint64"):
        streams.leaf(LOG_ID, 1 << 64, 1, streams.ZERO, streams.ZERO)
    with pytest.raises(ValueError, match="32 lower-case"):
        streams.summary([("packing", "1", "KGM")], "A" * 32)
