"""The same work with asyncua and o6 (open62541): serve, read and subscribe, for Benchmarks/OPCUA/run.

  peers.py serve asyncua|o6 PORT VARIABLES MS    prints READY; every MS all variables get a new value, 0 for never
  peers.py read asyncua|o6 URL SECONDS BATCH     one session, Reads of BATCH nodes, 16 under way at once: requests a second
  peers.py watch asyncua|o6 URL SECONDS ITEMS    one subscription: notifications a second that came to its callback
"""
import asyncio
import sys
import time

NAMESPACE = "urn:bench"


def node_ids(namespace, count):
    return [f"ns={namespace};s=V{i}" for i in range(count)]


async def serve_asyncua(port, count, period):
    from asyncua import Server, ua

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(NAMESPACE)
    folder = await server.nodes.objects.add_object(index, "Bench")
    nodes = []
    for i in range(count):
        nodes.append(await folder.add_variable(ua.NodeId(f"V{i}", index), f"V{i}", 0.0))
    async with server:
        print("READY", flush=True)
        turn = 0.0
        while not period:
            await asyncio.sleep(1)
        while True:
            started = time.monotonic()
            turn += 1
            for node in nodes:
                await server.write_attribute_value(node.nodeid, ua.DataValue(ua.Variant(turn, ua.VariantType.Double)))
            await asyncio.sleep(max(0, period / 1000 - (time.monotonic() - started)))


def serve_o6(port, count, period):
    import o6

    server = o6.Server(port=port)
    with server:
        index = 1
        nodes = [server.addVariable(f"V{i}", server.objectsNode, 0.0, nodeId=f"ns={index};s=V{i}") for i in range(count)]
        print("READY", flush=True)
        turn = 0.0
        while not period:
            time.sleep(1)
        while True:
            started = time.monotonic()
            turn += 1
            server.write(nodes, [turn] * len(nodes))
            time.sleep(max(0, period / 1000 - (time.monotonic() - started)))


async def read_asyncua(url, seconds, batch):
    from asyncua import Client, ua

    async with Client(url) as client:
        index = await namespace_asyncua(client)
        nodes = [client.get_node(text) for text in node_ids(index, batch)]
        ids = [node.nodeid for node in nodes]
        print(await at_once(seconds, lambda: client.uaclient.read_attributes(ids, ua.AttributeIds.Value)))


async def at_once(seconds, read):
    """Requests a second with 16 of them under way."""
    started = time.monotonic()

    async def one():
        done = 0
        while time.monotonic() - started < seconds:
            await read()
            done += 1
        return done

    return sum(await asyncio.gather(*(one() for _ in range(16)))) / (time.monotonic() - started)


async def namespace_asyncua(client):
    names = await client.get_namespace_array()
    return names.index(NAMESPACE) if NAMESPACE in names else 1


async def watch_asyncua(url, seconds, items):
    from asyncua import Client

    class Handler:
        count = 0

        def datachange_notification(self, node, value, data):
            Handler.count += 1

    async with Client(url) as client:
        index = await namespace_asyncua(client)
        subscription = await client.create_subscription(10, Handler())
        await subscription.subscribe_data_change([client.get_node(t) for t in node_ids(index, items)], sampling_interval=0, queuesize=10)
        await asyncio.sleep(0.5)
        before, started = Handler.count, time.monotonic()
        await asyncio.sleep(seconds)
        print((Handler.count - before) / (time.monotonic() - started))


async def read_o6(url, seconds, batch):
    import o6

    async with o6.Client(url) as client:
        names = list(await client.read("i=2255"))
        index = names.index(NAMESPACE) if NAMESPACE in names else 1
        ids = [o6.NodeId(text) for text in node_ids(index, batch)]
        print(await at_once(seconds, lambda: client.read(ids if batch > 1 else ids[0])))


def namespace_o6(client):
    names = list(client.read("i=2255"))
    return names.index(NAMESPACE) if NAMESPACE in names else 1


def watch_o6(url, seconds, items):
    import o6

    count = 0

    def changed(*args):
        nonlocal count
        count += 1

    with o6.Client(url) as client:
        index = namespace_o6(client)
        subscription = client.createSubscription(publishingInterval=10)
        client.monitor(
            [o6.NodeId(text) for text in node_ids(index, items)], changed, samplingInterval=0,
            subscription=subscription, queueSize=10)
        time.sleep(0.5)
        before, started = count, time.monotonic()
        time.sleep(seconds)
        print((count - before) / (time.monotonic() - started))


def main():
    what, peer, where = sys.argv[1:4]
    numbers = [float(text) for text in sys.argv[4:]]
    if what == "serve":
        if peer == "asyncua":
            asyncio.run(serve_asyncua(int(where), int(numbers[0]), numbers[1]))
        else:
            serve_o6(int(where), int(numbers[0]), numbers[1])
    else:
        run = globals()[f"{what}_{peer}"](where, numbers[0], int(numbers[1]))
        if asyncio.iscoroutine(run):
            asyncio.run(run)


main()
