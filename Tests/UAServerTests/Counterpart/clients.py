"""What a client sees of a server: asyncua or o6, once for each policy, mode and user token; a line of JSON for each.

  clients.py asyncua|o6 URL FOLDER POLICY/MODE/TOKEN...

FOLDER has client.der, client.pem, server.der, user.der, user.pem. TOKEN is anonymous, userName or certificate.
"""
import asyncio
import json
import queue
import sys
import traceback

URI = "urn:test:client"


async def with_asyncua(url, policy, mode, token, folder):
    from asyncua import Client, ua

    client = Client(url, timeout=60)
    client.application_uri = URI
    if policy != "None":
        name = policy.replace("_", "")
        await client.set_security_string(
            f"{name},{mode},{folder}/client.der,{folder}/client.pem,{folder}/server.der")
    if token == "userName":
        client.set_user("operator")
        client.set_password("secret")
    if token == "certificate":
        await client.load_client_certificate(f"{folder}/user.der")
        await client.load_private_key(f"{folder}/user.pem")
    seen = {}
    async with client:
        index = (await client.get_namespace_array()).index("urn:test:plant")
        plant = client.get_node(f"ns={index};s=Plant")
        seen["children"] = sorted([(await node.read_browse_name()).Name for node in await plant.get_children()])
        speed = client.get_node(f"ns={index};s=Speed")
        seen["speed"] = await speed.read_value()
        await client.get_node(f"ns={index};s=Target").write_value(ua.Variant(7.5, ua.VariantType.Double))
        seen["target"] = await client.get_node(f"ns={index};s=Target").read_value()
        seen["sum"] = await plant.call_method(f"{index}:Add", 1.0, 2.5)
        seen["row"] = await read_range(client, index)
        path = await client.nodes.objects.get_child([f"{index}:Plant", f"{index}:Speed"])
        seen["path"] = path.nodeid.Identifier
        seen["history"] = await history(speed)
        values, events = asyncio.Queue(), asyncio.Queue()

        class Handler:
            def datachange_notification(self, node, value, data):
                values.put_nowait(value)

            def event_notification(self, event):
                events.put_nowait(event)

        subscription = await client.create_subscription(50, Handler())
        await subscription.subscribe_data_change([speed])
        await subscription.subscribe_events()
        seen["first"] = await asyncio.wait_for(values.get(), 30)
        await plant.call_method(f"{index}:Fire")
        seen["changed"] = await asyncio.wait_for(values.get(), 30)
        event = await asyncio.wait_for(events.get(), 30)
        seen["event"] = [event.Message.Text, event.Severity]
        await subscription.delete()
        await acknowledge(client, index, seen, ua)
    return seen


async def read_range(client, index):
    from asyncua import ua

    item = ua.ReadValueId(NodeId=ua.NodeId("Row", index), AttributeId=ua.AttributeIds.Value, IndexRange="1:2")
    parameters = ua.ReadParameters(NodesToRead=[item], TimestampsToReturn=ua.TimestampsToReturn.Both)
    return (await client.uaclient.read(parameters))[0].Value.Value


async def history(node):
    from datetime import datetime, timezone

    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    return [value.Value.Value for value in await node.read_raw_history(start, None, 5)]


async def acknowledge(client, index, seen, ua):
    """Alarms come with the fields of their type; the acknowledge goes to the condition's own node."""
    from asyncua.ua import ObjectIds

    queue = asyncio.Queue()

    class Handler:
        def event_notification(self, event):
            queue.put_nowait(event)

    subscription = await client.create_subscription(50, Handler())
    await subscription.subscribe_alarms_and_conditions(evtypes=[client.get_node(ObjectIds.AlarmConditionType)])
    await client.get_node(f"ns={index};s=Plant").call_method(f"{index}:Fire")
    event = await asyncio.wait_for(queue.get(), 30)
    condition = ua.NodeId("Hot", index)
    request = ua.CallMethodRequest()
    request.ObjectId, request.MethodId = condition, ua.NodeId(9111)
    request.InputArguments = [ua.Variant(event.EventId, ua.VariantType.ByteString),
                              ua.Variant(ua.LocalizedText("seen"), ua.VariantType.LocalizedText)]
    result = (await client.uaclient.call([request]))[0]
    seen["acknowledge"] = result.StatusCode.name
    acked = await asyncio.wait_for(queue.get(), 30)
    seen["acked"] = [getattr(acked, "AckedState/Id", None), getattr(acked, "Retain", None)]
    await subscription.delete()


def with_o6(url, policy, mode, token, folder):
    import o6

    arguments = {}
    if policy != "None":
        arguments = dict(
            certificate=f"{folder}/client.der", privateKey=f"{folder}/client.pem", trustList=[f"{folder}/server.der"],
            securityMode={"Sign": 2, "SignAndEncrypt": 3}[mode],
            securityPolicy=f"http://opcfoundation.org/UA/SecurityPolicy#{policy}", applicationUri=URI)
    else:
        arguments = dict(applicationUri=URI, securityMode=1)
    if token == "userName":
        arguments |= dict(username="operator", password="secret")
    client = o6.Client(url, **arguments)
    if token == "certificate":
        client.config.setAuthenticationCert(open(f"{folder}/user.der", "rb").read(), open(f"{folder}/user.pem", "rb").read())
    seen = {}
    with client:
        index = list(client.read("i=2255")).index("urn:test:plant")
        seen["speed"] = client.read(o6.NodeId(f"ns={index};s=Speed"))
        client.write(o6.NodeId(f"ns={index};s=Target"), 7.5)
        seen["target"] = client.read(o6.NodeId(f"ns={index};s=Target"))
        seen["row"] = [int(value) for value in client.read(o6.NodeId(f"ns={index};s=Row"), range="1:2")]
        sums = client.call(o6.NodeId(f"ns={index};s=Plant"), o6.NodeId(f"ns={index};s=Add"), [1.0, 2.5])
        seen["sum"] = sums[1]
        values = queue.Queue()
        subscription = client.createSubscription(publishingInterval=50)
        client.monitor(o6.NodeId(f"ns={index};s=Speed"), lambda item, value, *rest: values.put(value), subscription=subscription)
        seen["first"] = values.get(timeout=30)
        client.call(o6.NodeId(f"ns={index};s=Plant"), o6.NodeId(f"ns={index};s=Fire"))
        seen["changed"] = values.get(timeout=30)
        subscription.delete()
    return seen


def main():
    peer, url, folder = sys.argv[1:4]
    for way in sys.argv[4:]:
        policy, mode, token = way.split("/")
        try:
            if peer == "asyncua":
                seen = asyncio.run(with_asyncua(url, policy, mode, token, folder))
            else:
                seen = with_o6(url, policy, mode, token, folder)
        except Exception as error:  # The test shows what it was.
            traceback.print_exc()
            seen = {"error": f"{type(error).__name__}: {error}"}
        print("SEEN " + json.dumps({"way": way, **seen}), flush=True)


main()
