#!/usr/bin/env python3
"""Random structures as asyncua writes them: one JSON object a line, with the type's name and its bytes.

Usage: vectors.py SEED COUNT > vectors.json        (needs `pip install asyncua==2.1.0`)
"""
import dataclasses
import datetime
import json
import pathlib
import random
import re
import sys
import uuid

from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary

TABLE = pathlib.Path(__file__).resolve().parents[3] / "scripts/opcua/structures.txt"
seed, count = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)


def text():
    return rng.choice([None, "", "a", "Presse 7", "水Boy", "urn:x:" + str(rng.randrange(1000)), "é" * rng.randrange(9)])


def data():
    return rng.choice([None, b"", rng.randbytes(rng.randrange(1, 20))])


def node_id():
    """Each in the shortest form, as only that is written again as it was."""
    namespace = rng.choice([0, 1, 7, 255, 256, 65535])
    kind = rng.randrange(6)
    if kind == 0:
        return ua.NodeId(rng.randrange(1, 256), 0, ua.NodeIdType.TwoByte)
    if kind == 1:
        return ua.NodeId(rng.randrange(256, 65536), namespace % 256, ua.NodeIdType.FourByte)
    if kind == 2:
        return ua.NodeId(rng.randrange(65536, 2**32), namespace, ua.NodeIdType.Numeric)
    if kind == 3:
        return ua.NodeId(text() or "x", namespace, ua.NodeIdType.String)
    if kind == 4:
        return ua.NodeId(uuid.UUID(int=rng.getrandbits(128)), namespace, ua.NodeIdType.Guid)
    return ua.NodeId(rng.randbytes(5), namespace, ua.NodeIdType.ByteString)


def expanded():
    node = node_id()
    if rng.random() < 0.3 and node.NodeIdType in (ua.NodeIdType.TwoByte, ua.NodeIdType.String):
        return ua.ExpandedNodeId(node.Identifier, 0, node.NodeIdType, NamespaceUri="urn:u", ServerIndex=rng.choice([0, 3]))
    return ua.ExpandedNodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)


def time():
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(
        microseconds=rng.randrange(-10**15, 10**16))


def diagnostics():
    pick = lambda value: rng.choice([None, value])
    return ua.DiagnosticInfo(
        SymbolicId=pick(rng.randrange(99)), NamespaceURI=pick(rng.randrange(99)), Locale=pick(rng.randrange(99)),
        LocalizedText=pick(rng.randrange(99)), AdditionalInfo=pick("info"),
        InnerStatusCode=pick(ua.StatusCode(0x80010000)))


def integer(bits, signed):
    low = -(1 << bits - 1) if signed else 0
    return lambda: rng.randrange(low, low + (1 << bits))


MAKE = {
    "Boolean": lambda: rng.random() < 0.5, "SByte": integer(8, True), "Byte": integer(8, False),
    "Int16": integer(16, True), "UInt16": integer(16, False), "Int32": integer(32, True),
    "UInt32": integer(32, False), "Int64": integer(64, True), "UInt64": integer(64, False),
    "Float": lambda: rng.randrange(-999, 999) / 8, "Double": lambda: rng.randrange(-10**9, 10**9) / 7,
    "String": text, "DateTime": time, "Guid": lambda: uuid.UUID(int=rng.getrandbits(128)), "ByteString": data,
    "NodeId": node_id, "ExpandedNodeId": expanded,
    "StatusCode": lambda: ua.StatusCode(rng.choice([0, 0x80310000, 0x40F20000, 0x0480])),
    "QualifiedName": lambda: ua.QualifiedName(text(), rng.randrange(9)),
    "LocalizedText": lambda: ua.LocalizedText(text(), rng.choice([None, "de"])),
    "DiagnosticInfo": diagnostics,
}
OTHER_NAMES = {
    "UtcTime": "DateTime", "IntegerId": "UInt32", "Counter": "UInt32", "Index": "UInt32", "Duration": "Double",
    "NumericRange": "String", "LocaleId": "String", "ContinuationPoint": "ByteString",
    "ApplicationInstanceCertificate": "ByteString", "SessionAuthenticationToken": "NodeId", "PermissionType": "UInt32",
}


def variant(depth=2):
    names = list(MAKE)[:-1]
    if rng.random() < 0.05:
        return ua.Variant(None, ua.VariantType.Null)
    if depth > 0 and rng.random() < 0.2:
        return ua.Variant([variant(depth - 1) for _ in range(rng.randrange(1, 4))], ua.VariantType.Variant, is_array=True)
    if depth > 0 and rng.random() < 0.2:
        return ua.Variant(extension(depth - 1), ua.VariantType.ExtensionObject)
    name = rng.choice(names)
    kind = getattr(ua.VariantType, name)
    if rng.random() < 0.5:
        return ua.Variant(MAKE[name](), kind)
    if rng.random() < 0.3:
        rows = [[MAKE[name]() for _ in range(3)] for _ in range(2)]
        return ua.Variant(rows, kind, [2, 3], True)
    return ua.Variant([MAKE[name]() for _ in range(rng.randrange(4))], kind, is_array=True)


def extension(depth):
    return instance(rng.choice(["Argument", "LiteralOperand", "EUInformation", "Range", "ElementOperand"]), depth)


def data_value(depth=1):
    value = ua.DataValue(
        Value=variant(depth), StatusCode=rng.choice([None, MAKE["StatusCode"]()]),
        SourceTimestamp=rng.choice([None, time()]), ServerTimestamp=rng.choice([None, time()]))
    return value


def make(kind, depth):
    kind = OTHER_NAMES.get(kind, kind)
    if kind in MAKE:
        return MAKE[kind]()
    if kind == "Variant":
        return variant(depth)
    if kind == "DataValue":
        return data_value(depth)
    if kind == "ExtensionObject":
        return ua.ExtensionObject() if rng.random() < 0.5 else extension(depth)
    found = getattr(ua, kind)
    return instance(kind, depth) if dataclasses.is_dataclass(found) else rng.choice(list(found))


def instance(name, depth=1):
    made = getattr(ua, name)()
    for field in dataclasses.fields(made):
        if field.name in ("TypeId", "Encoding"):
            continue
        kind = (field.type if isinstance(field.type, str) else field.type.__name__).strip("'")
        match = re.fullmatch(r"(list\[)?(?:ua\.)?(\w+)\]?", kind)
        if match is None:
            raise SystemExit(f"{name}.{field.name}: {kind}")
        values = [make(match[2], depth) for _ in range(rng.randrange(4))] if match[1] else make(match[2], depth)
        setattr(made, field.name, values)
    return made


def main():
    names = [line.split()[0].lstrip("!").split("=")[0] for line in TABLE.read_text().splitlines()
             if line and line[0] != "#" and not line.startswith("enum ")]
    for name in names + ["Variant", "DataValue"] * 5:
        for _ in range(count):
            made = make(name, 2)
            if name == "Variant":
                from asyncua.ua.ua_binary import variant_to_binary
                bytes_ = variant_to_binary(made)
            else:
                bytes_ = struct_to_binary(made)
            print(json.dumps({"type": name, "bytes": bytes_.hex()}))


main()
