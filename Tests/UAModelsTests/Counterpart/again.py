"""Reads `NAMESPACE STRUCTURE HEX` lines, and answers with the bytes that o6 writes for what it read.

o6 refers to encodings by its own indices, so values hold no ExtensionObjects of other namespaces.
"""
import importlib
import sys

import o6

MODULES = {"jobControl": "isa95_jobcontrol_v2", "machineVision": "machine_vision", "machineryResult": "machinery_result"}
print("ready", flush=True)
for line in sys.stdin:
    model, name, text = line.split()
    module = importlib.import_module(f"o6.ns.{MODULES[model]}").datatypes
    try:
        value = o6.decodeBinary(bytes.fromhex(text), getattr(module, name))
        print(o6.encodeBinary(value).hex(), flush=True)
    except Exception as error:
        print(f"error {error!r}", flush=True)
