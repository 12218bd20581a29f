"""A database of cities in MaxMind's format, written for tests: a tree of addresses' bits, and records behind it.

Source: MaxMind DB File Format Specification 2.0 (IPv6 tree, records of 24 bits, IPv4 under ::/96).
"""

import struct
from ipaddress import ip_network

_TYPES = {"text": 2, "double": 3, "uint16": 5, "uint32": 6, "map": 7, "uint64": 9, "array": 11}
_MARK = b"\xab\xcd\xefMaxMind.com"
_NOTHING = 16
"""Bytes of zeros between the tree and the records."""


class Short(int):
    """A number of 16 bits, as the format wants some of its own."""


class Long(int):
    """A number of 64 bits."""


def written(networks):
    """The bytes of a database that knows ``{"1.2.3.0/24": record}``."""
    nodes, data, places = [[None, None]], b"", {}
    for network, record in networks.items():
        places[network] = len(data)
        data += _value(record)
        at = 0
        bits = _bits(network)
        for bit in bits[:-1]:
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][bits[-1]] = ("record", places[network])
    tree = b"".join(_side(side, len(nodes)) for node in nodes for side in node)
    told = {"node_count": len(nodes), "record_size": Short(24), "ip_version": Short(6), "database_type": "Test-City",
            "languages": ["en", "zh-CN"], "binary_format_major_version": Short(2),
            "binary_format_minor_version": Short(0), "build_epoch": Long(1_700_000_000),
            "description": {"en": "made for tests"}}  # fmt: skip
    return tree + bytes(_NOTHING) + data + _MARK + _value(told)


def city(number, en, zh, latitude, longitude, radius=20):
    """A record as GeoLite2-City has it."""
    return {
        "city": {"geoname_id": number, "names": {"en": en, "zh-CN": zh}},
        "country": {"iso_code": "CN", "names": {"en": "China"}},
        "location": {"latitude": latitude, "longitude": longitude, "accuracy_radius": radius},
    }


def _bits(network):
    net = ip_network(network)
    length = net.prefixlen + (96 if net.version == 4 else 0)
    return [int(bit) for bit in f"{int(net.network_address):0128b}"[:length]]


def _side(side, count):
    behind = count if side is None else side
    number = behind if isinstance(behind, int) else count + _NOTHING + behind[1]
    return number.to_bytes(3, "big")


def _value(value):
    if isinstance(value, str):
        raw = value.encode()
        return _control("text", len(raw)) + raw
    if isinstance(value, float):
        return _control("double", 8) + struct.pack(">d", value)
    if isinstance(value, int):
        kind, size = {Short: ("uint16", 2), Long: ("uint64", 8)}.get(type(value), ("uint32", 4))
        return _control(kind, size) + value.to_bytes(size, "big")
    if isinstance(value, list):
        return _control("array", len(value)) + b"".join(map(_value, value))
    return _control("map", len(value)) + b"".join(_value(name) + _value(part) for name, part in value.items())


def _control(kind, size):
    number, more = _TYPES[kind], b""
    if size >= 29:
        size, more = 29, bytes([size - 29])
    head = bytes([number << 5 | size]) if number < 8 else bytes([size, number - 7])
    return head + more
