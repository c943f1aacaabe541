"""A client of another maker that subscribes: values, events, alarms, a refresh, an acknowledge. Prints what it saw."""
import asyncio
import json
import sys

from asyncua import Client, ua


class Handler:
    def __init__(self):
        self.values, self.events, self.statuses = [], [], []

    def datachange_notification(self, node, value, data):
        self.values.append(value)

    def event_notification(self, event):
        self.events.append(event)

    def status_change_notification(self, status):
        self.statuses.append(str(status))


async def until(condition, seconds=10):
    for _ in range(seconds * 100):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def main(url):
    seen = {}
    client = Client(url)
    client.set_user("ann")
    client.set_password("nna")
    async with client:
        plant = client.get_node("ns=1;s=plant")
        value, events, alarms = Handler(), Handler(), Handler()
        data = await client.create_subscription(50, value)
        await data.subscribe_data_change(client.get_node("ns=1;s=x"), queuesize=100, sampling_interval=0.1)
        news = await client.create_subscription(50, events)
        await news.subscribe_events(client.nodes.server, ua.NodeId(1002, 1))
        watch = await client.create_subscription(50, alarms)
        await watch.subscribe_alarms_and_conditions(client.nodes.server, ua.NodeId(10637))
        await until(lambda: len(value.values) == 1)
        await plant.call_method("1:Tick")
        await until(lambda: len(value.values) == 11 and events.events and alarms.events)
        seen["values"] = value.values
        seen["events"] = [[e.Message.Text, e.Severity, e.SourceName, e.DefectClass] for e in events.events]
        alarm = alarms.events[-1]
        seen["alarm"] = [alarm.ConditionName, alarm.NodeId.to_string(), getattr(alarm, "ActiveState/Id"), getattr(alarm, "AckedState/Id"), alarm.Retain]
        condition = client.get_node(alarm.NodeId)
        comment = ua.Variant(ua.LocalizedText("seen", "en"), ua.VariantType.LocalizedText)
        await condition.call_method(ua.NodeId(9111), ua.Variant(alarm.EventId, ua.VariantType.ByteString), comment)
        await until(lambda: len(alarms.events) > 1)
        last = alarms.events[-1]
        seen["acknowledged"] = [getattr(last, "AckedState/Id"), last.Comment.Text, last.ClientUserId]
        before = len(alarms.events)
        await client.get_node(ua.NodeId(2782)).call_method(
            ua.NodeId(3875), ua.Variant(watch.subscription_id, ua.VariantType.UInt32))
        await until(lambda: len(alarms.events) >= before + 1)
        refreshed = [e.EventId for e in alarms.events[before:]]
        seen["refreshed"] = last.EventId in refreshed
        seen["flag"] = await client.get_node("ns=1;s=alarm.Active").read_value()
        await data.delete()
        await news.delete()
        await watch.delete()
    print(json.dumps(seen, default=str))


asyncio.run(main(sys.argv[1]))
