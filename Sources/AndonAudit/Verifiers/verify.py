#!/usr/bin/env python3
"""Checks a compliance package without any of the program that made it, and without a network.

    verify.py PACKAGE.zip KEY

KEY is the ledger's public key as it was noted when the server was set up (the archive's own keys.txt is not a proof).
Needs Python 3.9 and the package `cryptography`. Names what was altered and exits 1, or prints what holds.
"""
import base64
import hashlib
import json
import struct
import sys
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HIGHEST = 0xFFFFFFFF


def sha256(data):
    return hashlib.sha256(data).digest()


class Wrong(Exception):
    """What is not as it was made, and where."""


def unbase64(text, where):
    try:
        data = base64.b64decode(text, validate=True)
    except Exception:
        raise Wrong(f"{where}: \"{text[:40]}\" is not base64")
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"{where}: base64 that is not written in its one way")
    return data


def common(size, checksum, name, large, extra):
    short = min(size, HIGHEST)
    return struct.pack("<HHHHHIIIHH", 45 if large else 20, 1 << 11, 0, 0, 33, checksum, short, short, len(name), extra)


def header(name, data):
    large = len(data) >= HIGHEST
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(data)) if large else b""
    return b"PK\3\4" + common(len(data), zlib.crc32(data), name, large, len(extra)) + name + extra


def listed(name, data, offset):
    large, far = len(data) >= HIGHEST, offset >= HIGHEST
    numbers = ([len(data)] * 2 if large else []) + ([offset] if far else [])
    extra = struct.pack(f"<HH{len(numbers)}Q", 1, 8 * len(numbers), *numbers) if numbers else b""
    return (b"PK\1\2" + struct.pack("<H", 3 << 8 | 45) + common(len(data), zlib.crc32(data), name, large or far, len(extra))
            + struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, min(offset, HIGHEST)) + name + extra)


def ending(count, start, size):
    large = count >= 0xFFFF or start >= HIGHEST or size >= HIGHEST
    data = b""
    if large:
        data += b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 3 << 8 | 45, 45, 0, 0, count, count, size, start)
        data += b"PK\6\7" + struct.pack("<IQI", 0, start + size, 1)
    few = min(count, 0xFFFF)
    return data + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, few, few, min(size, HIGHEST), min(start, HIGHEST), 0)


def files(path):
    """Every file of the archive in its order; each byte between them is one that this form has no choice about."""
    listing, count, last = hashlib.sha256(), 0, "the first file"
    length = 0
    with open(path, "rb") as archive:
        archive.seek(0, 2)
        end = archive.tell()
        archive.seek(0)
        while True:
            offset = archive.tell()
            head = archive.read(30)
            if head[:4] != b"PK\3\4":
                break
            size, = struct.unpack("<I", head[22:26])
            name_length, extra_length = struct.unpack("<HH", head[26:30])
            name = archive.read(name_length)
            shown = name.decode("utf-8", "replace")
            extra = archive.read(extra_length)
            if size == HIGHEST and len(extra) == 20:
                size, = struct.unpack("<Q", extra[4:12])
            if size > end - archive.tell():
                raise Wrong(f"{shown}: the archive ends within it, or its length was altered (after {last})")
            data = archive.read(size)
            if header(name, data) != head + name + extra:
                raise Wrong(f"{shown}: its bytes or its header were altered (after {last})")
            line = listed(name, data, offset)
            listing.update(line)
            length += len(line)
            count += 1
            last = shown
            yield shown, data
        archive.seek(offset)
        rest = archive.read()
        good = ending(count, offset, length)
        if len(rest) != length + len(good) or hashlib.sha256(rest[:length]).digest() != listing.digest() \
                or rest[length:] != good:
            raise Wrong(f"the archive's list of contents was altered, or a file is missing or added after {last}")


class Key:
    def __init__(self, text):
        try:
            self.name, key_id, encoded = text.strip().split("+", 2)
            data = base64.b64decode(encoded, validate=True)
            assert data[0] == 1 and sha256(self.name.encode() + b"\n" + data)[:4].hex() == key_id
        except Exception:
            raise Wrong(f"{text[:60]} is not the public key of a ledger (NAME+ID+KEY)")
        self.id, self.public = bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(data[1:])

    def opened(self, note, where):
        """The text of a signed note, after this key's signature was verified."""
        try:
            text, _, lines = note.decode().rpartition("\n\n")
        except UnicodeDecodeError:
            raise Wrong(f"{where}: it is not UTF-8")
        text += "\n"
        if not lines.endswith("\n"):
            raise Wrong(f"{where}: it does not end in a line")
        found = False
        for line in lines[:-1].split("\n"):
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != "\u2014":
                raise Wrong(f"{where}: \"{line[:40]}\" is no signature")
            data = unbase64(parts[2], where)
            if parts[1] != self.name or data[:4] != self.id:
                raise Wrong(f"{where}: a signature by {parts[1]}, whose key was not given")
            try:
                self.public.verify(data[4:], text.encode())
            except InvalidSignature:
                raise Wrong(f"{where}: the signature by {self.name} does not fit the text")
            found = True
        if not found:
            raise Wrong(f"{where}: {self.name} did not sign it")
        return text


def root_of(index, size, leaf, path):
    """RFC 6962 section 2.1.1, from the definition: the path's last hash is the root's other child."""
    if size == 1:
        if path:
            raise ValueError("too many hashes")
        return leaf
    k = 1 << ((size - 1).bit_length() - 1)
    if index < k:
        return sha256(b"\1" + root_of(index, k, leaf, path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + root_of(index - k, size - k, leaf, path[:-1]))


def check(path, key):
    found, proofs, special = [], [], {}
    for name, data in files(path):
        found.append({"name": name, "bytes": len(data), "sha256": sha256(data).hex()})
        if name in ("manifest.json", "manifest.sig", "checkpoint"):
            special[name] = data
        if name.startswith("proofs/"):
            proofs.append((name, json.loads(data)))
    for name in ("manifest.json", "manifest.sig", "checkpoint"):
        if name not in special:
            raise Wrong(f"{name} is missing")
    signed = key.opened(special["manifest.sig"], "manifest.sig")
    if signed != f"andon package manifest\n{sha256(special['manifest.json']).hex()}\n":
        raise Wrong("manifest.json: it is not the one that manifest.sig signs")
    manifest = json.loads(special["manifest.json"])
    said = {line["name"]: line for line in manifest["files"]}
    for line in found[:-2]:
        if said.get(line["name"]) != line:
            raise Wrong(f"{line['name']}: it is not what the manifest says")
    if len(found) - 2 != len(said):
        raise Wrong("files of the manifest are missing: " + ", ".join(set(said) - {line["name"] for line in found}))
    origin, size, root = key.opened(special["checkpoint"], "checkpoint").split("\n")[:3]
    ledger = manifest["ledger"]
    if [origin, size, root] != [ledger["origin"], str(ledger["size"]), ledger["root"]] or origin != key.name:
        raise Wrong("checkpoint: it is not the one of the manifest")
    entries = 0
    for name, proof in proofs:
        for entry in proof["entries"]:
            where = f"{name}: entry {entry['index']}"
            try:
                path = [unbase64(text, where) for text in entry["path"]]
                good = root_of(entry["index"], int(size), sha256(b"\0" + entry["entry"].encode()), path)
            except (IndexError, ValueError):
                good = None
            if good != unbase64(root, "checkpoint"):
                raise Wrong(f"{where} is not in the ledger of the checkpoint")
            entries += 1
    return manifest, len(found), entries


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        manifest, count, entries = check(sys.argv[1], Key(sys.argv[2]))
    except Wrong as wrong:
        sys.exit(f"NOT RIGHT: {wrong}")
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        sys.exit(f"NOT RIGHT: {error!r}")
    print(f"right: {count} files, {manifest['records']} records ({manifest['complete']} complete), "
          f"{entries} entries of the ledger {manifest['ledger']['origin']} with {manifest['ledger']['size']} entries")
