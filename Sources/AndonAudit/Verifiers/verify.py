#!/usr/bin/env python3
"""Checks a compliance package without any of the program that made it, and without a network.

    verify.py PACKAGE.zip KEY [WITNESS-KEY...]

KEY is the ledger's public key as it was noted when the server was set up (the archive's own keys.txt is not a proof). A
witness's signature whose key is not given is named as not checked.
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
COMMITMENT = "saltedSha256"


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
    """A public key of c2sp.org/signed-note: 1 signs a text, 4 is a witness that signs a checkpoint and the time."""

    def __init__(self, text):
        try:
            self.name, key_id, encoded = text.strip().split("+", 2)
            data = base64.b64decode(encoded, validate=True)
            assert data[0] in (1, 4) and sha256(self.name.encode() + b"\n" + data)[:4].hex() == key_id
        except Exception:
            raise Wrong(f"{text[:60]} is not a public key of a ledger or a witness (NAME+ID+KEY)")
        self.is_witness = data[0] == 4
        self.id, self.public = bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(data[1:])

    def check(self, text, signature, where):
        message = text.encode()
        if self.is_witness:
            message = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8], "big") + message
            signature = signature[8:]
        try:
            self.public.verify(signature, message)
        except InvalidSignature:
            raise Wrong(f"{where}: the signature by {self.name} does not fit the text")


def opened(note, keys, where):
    """The text of a signed note, the keys that signed it, and who signed with other keys."""
    try:
        text, gap, lines = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Wrong(f"{where}: it is not UTF-8")
    text += "\n"
    if not gap or not lines.endswith("\n"):
        raise Wrong(f"{where}: it is no signed note")
    found, others = [], []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014":
            raise Wrong(f"{where}: \"{line[:40]}\" is no signature")
        data = unbase64(parts[2], where)
        key = next((key for key in keys if (key.name, key.id) == (parts[1], data[:4])), None)
        if key:
            key.check(text, data[4:], where)
            found.append(key)
        else:
            others.append(parts[1])
    return text, found, others


def signed_by_log(note, keys, where):
    text, found, others = opened(note, keys, where)
    if not any(not key.is_witness and key.name == text.split("\n")[0] for key in found):
        raise Wrong(f"{where}: no key that was given signed it for the ledger {text.splitlines()[0][:60]}")
    return text, found, others


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


def continues(old, old_root, size, root, path):
    """RFC 9162 section 2.1.4.2: the tree of `size` entries begins with the one of `old`."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root
    path = [old_root] + path if old & (old - 1) == 0 else path
    if not path:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = sha256(b"\1" + sibling + first), sha256(b"\1" + sibling + second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = sha256(b"\1" + second + sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == root


def at(value, pointer):
    """RFC 6901; None where there is nothing."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(token)] if isinstance(value, list) else value[token]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return value


def shown(value, opened_values, pointer=""):
    """An entry's body with opened values in the places of their commitments, the others marked as withheld."""
    if isinstance(value, list):
        return [shown(inner, opened_values, f"{pointer}/{index}") for index, inner in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(value.get(COMMITMENT), str):
        return plain(opened_values[pointer]) if pointer in opened_values else {**value, "withheld": True}
    return {name: shown(inner, opened_values, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
            for name, inner in value.items()}


def plain(text):
    """Exchanges with a CMMS are documents; names are texts."""
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    return text


STATEMENT = "andon electronic signature"
LINES = ["of", "what", "meaning", "reason", "account", "time", "entries", "record"]


def statement(text, where):
    """The lines of what a person signed."""
    lines = text.split("\n")
    values = {}
    for name, line in zip(LINES, lines[1:]):
        if not line.startswith(name + ": "):
            raise Wrong(f"{where}: it is not a signature in the one form")
        values[name] = line[len(name) + 2:]
    if lines[0] != STATEMENT or len(lines) != len(LINES) + 2 or lines[-1]:
        raise Wrong(f"{where}: it is not a signature in the one form")
    return values


def indexes(text):
    """`12,14-20`."""
    for run in text.split(","):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)


def person_key(entries, account, before):
    """The key of an account that was in force before an entry."""
    found = [index for index, entry in entries.items() if entry["kind"] == "account.key" and index < before
             and entry["subject"] == f"account/{account}" and entry["body"]["account"] == account]
    return Key(entries[max(found)]["body"]["key"]) if found else None


def check_signature(index, entries, leaves, where):
    """A person's signature: by that person's key, and over the entries that it names."""
    entry, body = entries[index], entries[index]["body"]
    key = person_key(entries, body["account"], index)
    if not key:
        raise Wrong(f"{where}: account {body['account']} had no key then")
    text, signers, others = opened(body["note"].encode(), [key], where)
    if signers != [key] or others:
        raise Wrong(f"{where}: it is not by the key of account {body['account']}")
    said = statement(text, where)
    if (said["of"], said["time"], said["account"]) != (entry["subject"], entry["at"], str(body["account"])) or [
            said[name] for name in ("what", "meaning", "reason", "record")] != [
            body["what"], body["meaning"], body.get("reason", ""), body["recordSha256"]]:
        raise Wrong(f"{where}: its entry says something else than what was signed")
    whole = hashlib.sha256()
    for signed in indexes(said["entries"]):
        if signed not in leaves or signed >= index:
            raise Wrong(f"{where}: entry {signed}, which it signs, is missing")
        whole.update(struct.pack(">Q", signed) + leaves[signed])
    if whole.hexdigest() != said["record"]:
        raise Wrong(f"{where}: what it signs is not what is there")
    return key


class Check:
    """The files of a package, one after the other."""

    def __init__(self, keys):
        self.keys, self.found, self.special, self.record = keys, [], {}, None
        self.entries = self.openings = 0
        self.signatures = set()
        self.package_signers = []
        self.checkpoint, self.witnesses, self.unchecked = None, [], []

    def note(self, name, data):
        self.found.append({"name": name, "bytes": len(data), "sha256": sha256(data).hex()})
        if name in ("manifest.json", "manifest.sig"):
            self.special[name] = data
        elif name == "checkpoint":
            text, signers, others = signed_by_log(data, self.keys, name)
            self.checkpoint = text.split("\n")[:3]
            self.signers(signers, others)
        elif name == "system/ledger.json":
            self.earlier(json.loads(data)["earlier"], name)
        elif name.startswith("records/") and name.endswith(".json"):
            self.record = (name, data)
        elif name.startswith("proofs/"):
            self.proofs(name, json.loads(data))

    def signers(self, signers, others):
        self.witnesses += [key.name for key in signers if key.is_witness and key.name not in self.witnesses]
        self.unchecked += [name for name in others if name not in self.unchecked]

    def known(self):
        if not self.checkpoint:
            raise Wrong("checkpoint: it is missing, or comes too late")
        origin, size, root = self.checkpoint
        return origin, int(size), unbase64(root, "checkpoint")

    def earlier(self, checkpoints, where):
        _, size, root = self.known()
        for old in checkpoints:
            text, signers, others = opened(old["note"].encode(), self.keys, where)
            self.signers(signers, others)
            _, old_size, old_root = text.split("\n")[:3]
            path = [unbase64(hash, where) for hash in old["consistency"]]
            if not continues(int(old_size), unbase64(old_root, where), size, root, path):
                raise Wrong(f"{where}: the checkpoint does not continue the one of {old_size} entries")

    def proofs(self, name, proofs):
        _, size, root = self.known()
        entries, leaves = {}, {}
        for entry in proofs["entries"]:
            where = f"{name}: entry {entry['index']}"
            leaves[entry["index"]] = sha256(b"\0" + entry["entry"].encode())
            try:
                path = [unbase64(text, where) for text in entry["path"]]
                good = root_of(entry["index"], size, leaves[entry["index"]], path)
            except (IndexError, ValueError):
                good = None
            if good != root:
                raise Wrong(f"{where} is not in the ledger of the checkpoint")
            entries[entry["index"]] = json.loads(entry["entry"])
            self.entries += 1
        values = {index: {} for index in entries}
        for opening in proofs["openings"]:
            self.opening(opening, entries, values, name)
        for index in sorted(entries):
            if entries[index]["kind"] == "record.signed":
                key = check_signature(index, entries, leaves, f"{name}: the signature in entry {index}")
                self.signatures.add(index)
                if name == "proofs/system.json" and entries[index]["body"]["what"] == "export":
                    self.package_signers.append(key)
        if name != "proofs/system.json":
            self.trail("records/" + name[len("proofs/"):], proofs, entries, values, size)

    def opening(self, opening, entries, values, name):
        index, member = opening["entry"], opening["member"]
        commitment = at(entries.get(index, {}).get("body"), member)
        digest = sha256(unbase64(opening["salt"], name) + opening["value"].encode()).hex()
        if not isinstance(commitment, dict) or commitment.get(COMMITMENT) != digest:
            raise Wrong(f"{name}: the value shown at {member} of entry {index} is not the one that the entry commits to")
        values[index][member] = opening["value"]
        self.openings += 1

    def trail(self, name, proofs, entries, values, size):
        """A record's trail says what the entries say, no more and no less."""
        if not self.record or self.record[0] != name:
            raise Wrong(f"{name}: it does not come before its proofs")
        trail = json.loads(self.record[1])["trail"]
        covered = [entry for entry in trail if entry["index"] < size]
        for entry in covered:
            index = entry["index"]
            if index not in entries or {**entries[index], "body": shown(entries[index]["body"], values[index])} != entry:
                raise Wrong(f"{name}: its trail says other than entry {index} of the ledger")
        if len(covered) != len(entries) or len(trail) != len(covered) + proofs["later"]:
            raise Wrong(f"{name}: its trail has {len(trail)} entries, its proofs {len(entries)} and {proofs['later']} later")

    def manifest(self):
        for name in ("manifest.json", "manifest.sig"):
            if name not in self.special:
                raise Wrong(f"{name} is missing")
        people = self.package_signers
        signed, signers, others = opened(self.special["manifest.sig"], self.keys + people, "manifest.sig")
        # No digest covers this file: a line that is by nobody known could hold anything.
        if others or not any(not key.is_witness and key not in people for key in signers):
            raise Wrong("manifest.sig: a signature by a key that was not given, or none")
        if any(key not in signers for key in people):
            raise Wrong("manifest.sig: the line of a person who signed this package is missing")
        if signed != f"andon package manifest\n{sha256(self.special['manifest.json']).hex()}\n":
            raise Wrong("manifest.json: it is not the one that manifest.sig signs")
        return json.loads(self.special["manifest.json"])

    def end(self):
        manifest = self.manifest()
        said = {line["name"]: line for line in manifest["files"]}
        for line in self.found[:-2]:
            if said.get(line["name"]) != line:
                raise Wrong(f"{line['name']}: it is not what the manifest says")
        if len(self.found) - 2 != len(said):
            missing = set(said) - {line["name"] for line in self.found}
            raise Wrong("files of the manifest are missing: " + ", ".join(sorted(missing)[:3]))
        ledger = manifest["ledger"]
        self.known()
        if self.checkpoint != [ledger["origin"], str(ledger["size"]), ledger["root"]]:
            raise Wrong("checkpoint: it is not the one of the manifest")
        return manifest


def check(path, keys):
    checking = Check(keys)
    for name, data in files(path):
        checking.note(name, data)
    return checking.end(), checking


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        manifest, checked = check(sys.argv[1], [Key(text) for text in sys.argv[2:]])
    except Wrong as wrong:
        sys.exit(f"NOT RIGHT: {wrong}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        sys.exit(f"NOT RIGHT: {error!r}")
    print(f"right: {len(checked.found)} files, {manifest['records']} records ({manifest['complete']} complete), "
          f"{checked.entries} entries of the ledger {manifest['ledger']['origin']} with {manifest['ledger']['size']} entries, "
          f"{checked.openings} values that they commit to, {len(checked.signatures)} signatures of people"
          + "".join(f", witnessed by {name}" for name in checked.witnesses))
    if checked.unchecked:
        print("not checked, for want of the key: the signature of " + ", ".join(checked.unchecked))
