#!/usr/bin/env python3
"""Verifies proof files (c2sp.org/tlog-proof) with Python's standard library and `cryptography`: nothing of this
project's code.

    verify_proof.py LOG-VKEY WITNESS-VKEY|- PROOF...
"""
import base64
import hashlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data):
    return hashlib.sha256(data).digest()


class Key:
    def __init__(self, vkey):
        self.name, key_id, encoded = vkey.split("+", 2)
        data = base64.b64decode(encoded, validate=True)
        self.kind, self.public = data[0], Ed25519PublicKey.from_public_bytes(data[1:])
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        assert self.id.hex() == key_id, "the key's id is not its own"

    def verify(self, text, signature):
        if self.kind == 1:
            return self.public.verify(signature, text)
        assert self.kind == 4, "unknown kind of key"
        time = int.from_bytes(signature[:8], "big")
        self.public.verify(signature[8:], f"cosignature/v1\ntime {time}\n".encode() + text)


def open_note(note, keys):
    """The text, after every key's signature was found and verified."""
    text, _, lines = note.rpartition(b"\n\n")
    text += b"\n"
    for key in keys:
        found = False
        for line in lines.decode().splitlines():
            dash, name, encoded = line.split(" ")
            assert dash == "\u2014"
            data = base64.b64decode(encoded, validate=True)
            if name == key.name and data[:4] == key.id:
                key.verify(text, data[4:])
                found = True
        assert found, f"{key.name} did not sign"
    return text


def root_of(index, size, leaf, path):
    """RFC 6962 section 2.1.1, from the definition: the path's last hash is the root's other child."""
    if size == 1:
        assert not path, "too many hashes"
        return leaf
    k = 1 << ((size - 1).bit_length() - 1)
    if index < k:
        return sha256(b"\x01" + root_of(index, k, leaf, path[:-1]) + path[-1])
    return sha256(b"\x01" + path[-1] + root_of(index - k, size - k, leaf, path[:-1]))


def verify(name, keys):
    head, _, note = open(name, "rb").read().partition(b"\n\n")
    lines = head.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    entry = base64.b64decode(lines[1].removeprefix("extra "), validate=True)
    index = int(lines[2].removeprefix("index "))
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    assert all(len(node) == 32 for node in path)
    origin, size, root = open_note(note, keys).decode().split("\n")[:3]
    assert origin == keys[0].name and index < int(size)
    found = root_of(index, int(size), sha256(b"\x00" + entry), path)
    assert found == base64.b64decode(root, validate=True), "the root differs"


if __name__ == "__main__":
    keys = [Key(vkey) for vkey in sys.argv[1:3] if vkey != "-"]
    for name in sys.argv[3:]:
        try:
            verify(name, keys)
        except Exception as error:  # whatever is wrong, the file does not hold
            sys.exit(f"NOT RIGHT: {name}: {error!r}")
    print(f"right: {len(sys.argv) - 3} proofs")
