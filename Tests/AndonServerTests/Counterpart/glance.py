"""What open62541 (o6) sees of a running server without a name: some values, read and watched, as one line of JSON."""
import json
import os
import queue
import sys

import o6

client = o6.Client(sys.argv[1])
seen = {}
with client:
    index = [str(uri) for uri in client.read(o6.NodeId("i=2255"))].index("urn:andon:plant")

    def node(name):
        return o6.NodeId(f"ns={index};s={name}")

    for name in sys.argv[2:]:
        value = client.read(node(name))
        seen[name] = value.item() if hasattr(value, "item") else value
    values = queue.Queue()
    subscription = client.createSubscription(publishingInterval=50)
    client.monitor(node(sys.argv[2]), lambda item, value, *rest: values.put(value), subscription=subscription)
    seen["watched"] = str(values.get(timeout=30))
    subscription.delete()
print(json.dumps(seen), flush=True)
# The library ends its process in its own time; what was asked for is done.
os._exit(0)
