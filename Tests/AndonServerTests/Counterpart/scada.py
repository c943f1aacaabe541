"""A SCADA client (asyncua): does what each line of the standard input asks for, and answers each with a line of JSON."""
import asyncio
import json
import sys
from datetime import datetime, timedelta, timezone

from asyncua import Client, ua
from asyncua.common.events import Event  # noqa: F401  (types of events are made from it)

URI = "urn:andon:plant"


def plain(value):
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc).isoformat()
    if isinstance(value, ua.LocalizedText):
        return value.Text
    if isinstance(value, ua.Range):
        return [value.Low, value.High]
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, (ua.NodeId, bytes, ua.ExtensionObject)):
        return str(value)
    return value


class Handler:
    def __init__(self):
        self.changes = asyncio.Queue()
        self.events = asyncio.Queue()

    def datachange_notification(self, node, value, data):
        self.changes.put_nowait((node.nodeid.Identifier, plain(value)))

    def event_notification(self, event):
        self.events.put_nowait(event)

    def status_change_notification(self, status):
        pass


class Scada:
    def __init__(self, settings):
        self.settings = settings
        self.handler = Handler()
        self.others = []

    async def connect(self):
        s = self.settings
        self.client = Client(s["url"], timeout=10)
        self.client.application_uri = "urn:test:client"
        if s.get("policy"):
            await self.client.set_security_string(
                f"{s['policy']},{s['mode']},{s['certificate']},{s['key']},{s['server']}")
        if s.get("user"):
            self.client.set_user(s["user"])
            self.client.set_password(s["password"])
        await self.client.connect()
        self.index = await self.client.get_namespace_index(URI)
        self.subscription = await self.client.create_subscription(100, self.handler)
        return {"namespace": self.index}

    def node(self, name):
        return self.client.get_node(ua.NodeId(name, self.index))

    async def read(self, names):
        values = await asyncio.gather(*[self.node(name).read_data_value(raise_on_bad_status=False) for name in names])
        return [{"value": plain(v.Value.Value) if v.Value else None, "status": v.StatusCode.name,
                 "time": v.SourceTimestamp.isoformat() if v.SourceTimestamp else None} for v in values]

    async def browse(self, name):
        node = self.client.nodes.objects if name == "" else self.node(name)
        return sorted([(await child.read_browse_name()).Name for child in await node.get_children()])

    async def walk(self):
        """Everything below Andon: how many nodes of each class, by their string ids."""
        counts, waiting, seen = {}, [self.node("Andon")], set()
        while waiting:
            node = waiting.pop()
            if node.nodeid in seen:
                continue
            seen.add(node.nodeid)
            name = (await node.read_node_class()).name
            counts[name] = counts.get(name, 0) + 1
            waiting += await node.get_children()
        return counts

    async def watch(self, names):
        await self.subscription.subscribe_data_change([self.node(name) for name in names])

    async def watch_events(self):
        types = [self.node("DetectionEventType"), self.node("WorkOrderEventType")]
        await self.subscription.subscribe_events(ua.ObjectIds.Server, types)

    async def watch_alarms(self):
        await self.subscription.subscribe_alarms_and_conditions(
            ua.ObjectIds.Server, ua.ObjectIds.AlarmConditionType)
        condition = self.client.get_node(ua.ObjectIds.ConditionType)
        await condition.call_method(
            ua.NodeId(ua.ObjectIds.ConditionType_ConditionRefresh), ua.Variant(self.subscription.subscription_id,
                                                                              ua.VariantType.UInt32))

    async def change(self, name, value):
        """Waits until the watched variable has the value."""
        while True:
            found = await asyncio.wait_for(self.handler.changes.get(), 60)
            if found == (name, value):
                return True

    async def event(self, fields):
        """An event that has these fields, among those that came and were not asked for yet, and what else it has."""
        for event, have in self.others:
            if all(have.get(key) == value for key, value in fields.items()):
                self.others.remove((event, have))
                self.last = event
                return have
        while True:
            event = await asyncio.wait_for(self.handler.events.get(), 60)
            have = {key: plain(getattr(value, "Value", value))
                    for key, value in event.get_event_props_as_fields_dict().items()}
            if all(have.get(key) == value for key, value in fields.items()):
                self.last = event
                return have
            self.others.append((event, have))

    async def acknowledge(self, alarm, comment):
        """By the condition's id, as the standard allows where the instance is not in the address space."""
        acknowledge = ua.NodeId(ua.ObjectIds.AcknowledgeableConditionType_Acknowledge)
        request = ua.CallMethodRequest()
        request.ObjectId = ua.NodeId(alarm, self.index)
        request.MethodId = acknowledge
        request.InputArguments = [ua.Variant(self.last.EventId, ua.VariantType.ByteString),
                                  ua.Variant(ua.LocalizedText(comment))]
        result = (await self.client.uaclient.call([request]))[0]
        return result.StatusCode.name

    async def history(self, name, seconds):
        now = datetime.now(timezone.utc)
        values = await self.node(name).read_raw_history(now - timedelta(seconds=seconds), now + timedelta(hours=1))
        return [[plain(v.Value.Value), v.SourceTimestamp.isoformat()] for v in values]

    async def call(self, node, method, *inputs):
        """The status, and the outputs: with a status that is only uncertain there are some too."""
        request = ua.CallMethodRequest()
        request.ObjectId, request.MethodId = self.node(node).nodeid, self.node(method).nodeid
        request.InputArguments = list(inputs)
        result = (await self.client.uaclient.call([request]))[0]
        return [result.StatusCode.name, [plain(one.Value) for one in result.OutputArguments or []]]

    async def submit(self, report):
        return await self.call("Andon", "Andon.SubmitDetection", ua.Variant(json.dumps(report), ua.VariantType.String))

    async def respond(self, order):
        await self.client.load_data_type_definitions()
        response = ua.ISA95JobResponseDataType(JobResponseID="R-1", JobOrderID=order, JobState=[])
        return await self.call(
            "Andon.JobResponseReceiver", "Andon.JobResponseReceiver.ReceiveJobResponse",
            ua.Variant(response, ua.VariantType.ExtensionObject))


async def main():
    scada = Scada(json.loads(sys.argv[1]))
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        action, *arguments = json.loads(line)
        try:
            answer = {"answer": await getattr(scada, action)(*arguments)}
        except Exception as error:  # what went wrong is the test's to judge
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, default=str), flush=True)


asyncio.run(main())
