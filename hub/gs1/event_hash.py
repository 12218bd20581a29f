"""The CBV 2.0 event hash: an eventID that follows from what the event says, whatever form it is written in.

Serves to find the same event again and to name events that came without an eventID. It is never the
commitment: it is unsalted, and cannot tell apart all that a signature must. Source: CBV 2.0, section 8.9.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from hub.gs1 import cbv, digital_link, epcis, jcs

_SENSOR_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip
_SENSOR_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
    "bizRules",
)  # fmt: skip
_QUANTITY = ("epcClass", "quantity", "uom")
_CBV_KIND = {"bizStep": "BizStep", "disposition": "Disp", "set": "Disp", "unset": "Disp", "component": "Comp"}
_TIMES = {"eventTime", "time", "startTime", "endTime"}
_NAMED = {
    "epcList", "parentID", "inputEPCList", "childEPCs", "quantityList", "childQuantityList", "inputQuantityList",
    "outputEPCList", "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList", "destinationList",
    "sensorElementList", "ilmd", "eventTime", "eventTimeZoneOffset", "type", "eventID", "recordTime",
    "errorDeclaration", "@context", "certificationInfo",
}  # fmt: skip


def event_id(submitted: epcis.Submitted) -> str:
    """The event's hash as an RFC 6920 name: ``ni:///sha-256;…?ver=CBV2.0``."""
    return f"ni:///sha-256;{sha256(pre_hash(submitted).encode()).hexdigest()}?ver=CBV2.0"


def pre_hash(submitted: epcis.Submitted) -> str:
    """The string that is hashed: names and normalised values in the standard's order, without separators."""
    event = submitted.event
    names = _names([*submitted.context, *_list(event.get("@context"))])
    parts = [
        f"eventType={event['type']}",
        f"eventTime={_time(event['eventTime'])}",
        f"eventTimeZoneOffset={event['eventTimeZoneOffset']}",
    ]
    parts += _epcs(event, "epcList", "epc")
    if "parentID" in event:
        parts.append(f"parentID={_uri(event['parentID'])}")
    parts += _epcs(event, "inputEPCList", "epc") + _epcs(event, "childEPCs", "epc")
    for name in ("quantityList", "childQuantityList", "inputQuantityList"):
        parts += _quantities(event, name)
    parts += _epcs(event, "outputEPCList", "epc") + _quantities(event, "outputQuantityList")
    for name in ("action", "transformationID", "bizStep", "disposition"):
        if name in event:
            parts.append(f"{name}={_value(name, event[name])}")
    if "persistentDisposition" in event:
        dispositions = event["persistentDisposition"]
        parts.append("persistentDisposition")
        for name in ("set", "unset"):
            parts += [f"{name}={value}" for value in sorted(_value(name, v) for v in dispositions.get(name, []))]
    for name in ("readPoint", "bizLocation"):
        if name in event:
            parts += [name, f"id={_uri(event[name]['id'])}", *_extensions(event[name], {"id"}, names)]
    parts += _typed(event, "bizTransactionList", "bizTransaction", "BTT")
    parts += _typed(event, "destinationList", "destination", "SDT") + _typed(event, "sourceList", "source", "SDT")
    parts += _sensors(event, names)
    if "ilmd" in event:
        parts += ["ilmd", *_extensions(event["ilmd"], set(), names)]
    return "".join(parts + _extensions(event, _NAMED, names))


def _epcs(event: Mapping[str, Any], name: str, item: str) -> list[str]:
    epcs = sorted(f"{item}={_uri(epc)}" for epc in event.get(name, []))
    return [name, *epcs] if epcs else []


def _quantities(event: Mapping[str, Any], name: str) -> list[str]:
    elements = sorted("quantityElement" + "".join(_fields(element, _QUANTITY)) for element in event.get(name, []))
    return [name, *elements] if elements else []


def _typed(event: Mapping[str, Any], name: str, item: str, kind: str) -> list[str]:
    entries = [
        (f"type={cbv.term(kind, entry['type'])}" if "type" in entry else "") + f"{item}={_uri(entry[item])}"
        for entry in event.get(name, [])
    ]
    return [name, *sorted(entries)] if entries else []


def _sensors(event: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    elements = []
    for element in event.get("sensorElementList", []):
        text = "sensorElement"
        if "sensorMetadata" in element:
            metadata = element["sensorMetadata"]
            text += "sensorMetadata" + "".join(_fields(metadata, _SENSOR_METADATA))
            text += "".join(_extensions(metadata, set(_SENSOR_METADATA), names))
        text += "".join(
            sorted(
                "sensorReport"
                + "".join([*_fields(report, _SENSOR_REPORT), *_extensions(report, set(_SENSOR_REPORT), names)])
                for report in element["sensorReport"]
            )
        )
        elements.append(text + "".join(_extensions(element, {"sensorMetadata", "sensorReport"}, names)))
    return ["sensorElementList", *sorted(elements)] if elements else []


def _fields(element: Mapping[str, Any], order: tuple[str, ...]) -> list[str]:
    return [f"{name}={_value(name, element[name])}" for name in order if name in element]


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return jcs.number(float(value))
    if name in _TIMES:
        return _time(value)
    if name in _CBV_KIND:
        return cbv.term(_CBV_KIND[name], value)
    if name == "type" and ":" not in value:
        return f"{cbv.PREFIXES['gs1']}{value}"
    if name == "exception" and ":" not in value:
        return f"{cbv.PREFIXES['gs1']}SensorAlertType-{value}"
    return _uri(value.strip())


def _uri(value: str) -> str:
    for prefix, meant in cbv.PREFIXES.items():
        if value.startswith(f"{prefix}:") and not value.startswith(f"{prefix}://"):
            return meant + value.removeprefix(f"{prefix}:")
    return digital_link.canonical(value)


def _time(text: str) -> str:
    """UTC to the millisecond, half a millisecond rounded up."""
    moment = epcis.moment(text) + timedelta(microseconds=500)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _extensions(element: Mapping[str, Any], known: set[str], names: Mapping[str, str]) -> list[str]:
    """Elements that are not EPCIS's, by their expanded names, in lexical order."""
    return sorted(
        part for name, value in element.items() if name not in known for part in _extension(name, value, names)
    )


def _extension(name: str, value: Any, names: Mapping[str, str]) -> list[str]:
    if isinstance(value, list):
        return [part for item in value for part in _extension(name, item, names)]
    full = _expanded(name, names)
    if isinstance(value, dict):
        return [full + "".join(_extensions(value, {"@context"}, names))]
    return [f"{full}={_plain(value)}"]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return jcs.number(float(value))
    text = "" if value is None else str(value).strip()
    if re.fullmatch(r"-?\d+\.\d+", text):
        return f"{Decimal(text).normalize():f}"
    return _uri(text)


def _expanded(name: str, names: Mapping[str, str]) -> str:
    prefix, colon, rest = name.partition(":")
    return f"{{{names[prefix]}}}{rest}" if colon and prefix in names else name


def _names(context: list[Any]) -> dict[str, str]:
    names = dict(cbv.PREFIXES)
    for entry in context:
        if isinstance(entry, dict):
            names |= {name: meant for name, meant in entry.items() if isinstance(meant, str)}
    return names


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
