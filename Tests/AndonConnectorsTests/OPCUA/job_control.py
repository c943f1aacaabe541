"""A job order receiver and response provider of ISA-95 Job Control, OPC 10031-4 version 2.00, with its state machine."""

import copy
import datetime
import pathlib
import re

from asyncua import ua
from asyncua.common.manage_nodes import create_data_type, create_encoding

from __main__ import StandIn

URI = "http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/"
TABLE = pathlib.Path(__file__).resolve().parents[3] / "Sources/UAModels/Tables/JobControl.swift"
NO_ERROR, UNKNOWN_ID, INVALID_STATE, UNABLE = 1, 1 << 1, 1 << 3, 1 << 4
STATES = {1: "NotAllowedToStart", 2: "AllowedToStart", 3: "Running", 4: "Interrupted", 5: "Ended", 6: "Aborted"}
HOURS = ua.EUInformation(
    NamespaceUri="http://www.opcfoundation.org/UA/units/un/cefact", UnitId=4740434, DisplayName=ua.LocalizedText("h"))


class JobControl(StandIn):
    def __init__(self, server, settings):
        super().__init__(server, settings)
        self.jobs = {}
        # Some receivers take the bit map for an enumeration.
        self.good = 0 if settings.get("enumeration") else NO_ERROR

    # The address space

    async def build(self):
        self.index = await self.server.register_namespace(URI)
        own = await self.server.register_namespace("urn:standin:mes")
        await self.structures()
        folder = await self.server.nodes.objects.add_folder(ua.NodeId("MES", own), ua.QualifiedName("MES", own))
        receiver = await folder.add_object(ua.NodeId("Orders", self.index), ua.QualifiedName("JobOrderControl", self.index))
        provider = await folder.add_object(ua.NodeId("Responses", self.index), ua.QualifiedName("JobOrderResults", self.index))
        order, response, state = self.type(3008), self.type(3013), self.type(3006)
        comment = ("Comment", ua.VariantType.LocalizedText, 1)
        returned = [("ReturnStatus", ua.VariantType.UInt64, -1)]
        for name, function in [("Store", self.store), ("StoreAndStart", self.store_and_start), ("Update", self.update)]:
            await self.method(receiver, name, function, [("JobOrder", order, -1), comment], returned)
        for name, function in [("Start", self.start), ("Cancel", self.cancel), ("Abort", self.abort), ("Clear", self.clear)]:
            await self.method(receiver, name, function, [("JobOrderID", ua.VariantType.String, -1), comment], returned)
        self.list = await receiver.add_variable(
            ua.NodeId("Orders.List", self.index), ua.QualifiedName("JobOrderList", self.index),
            ua.Variant([], ua.VariantType.ExtensionObject, is_array=True), datatype=self.type(3015))
        await self.list.write_value_rank(ua.ValueRank.OneDimension)
        await receiver.add_property(
            ua.NodeId("Orders.Max", self.index), ua.QualifiedName("MaxDownloadableJobOrders", self.index),
            ua.Variant(self.settings.get("max", 1000), ua.VariantType.UInt16))
        await self.method(
            provider, "RequestJobResponseByJobOrderID", self.response_by_id, [("JobOrderID", ua.VariantType.String, -1)],
            [("JobResponse", response, -1), ("ReturnStatus", ua.VariantType.UInt64, -1)])
        await self.method(
            provider, "RequestJobResponseByJobOrderState", self.responses_by_state, [("JobOrderState", state, 1)],
            [("JobResponses", response, 1), ("ReturnStatus", ua.VariantType.UInt64, -1)])

    def type(self, number):
        return ua.NodeId(number, self.index)

    async def structures(self):
        """The data types with the numbers of the specification, and their definitions."""
        types = []
        table = re.search(r'table: """\n(.*?)"""', TABLE.read_text(), flags=re.S)[1]
        for line in re.sub(r"\n *\+ ", "; ", table).splitlines():
            found = re.match(r" *(plain|optional) (\w+) (\d+) (\d+): (.*)", line)
            if not found:
                continue
            kind, name, number, encoding, fields = found.groups()
            dtype = await create_data_type(
                self.server.nodes.base_structure_type, self.type(int(number)), ua.QualifiedName(name, self.index))
            await create_encoding(dtype, self.type(int(encoding)), ua.QualifiedName("Default Binary", 0))
            definition = ua.StructureDefinition(
                DefaultEncodingId=self.type(int(encoding)), BaseDataType=ua.NodeId(22),
                StructureType=ua.StructureType.Structure if kind == "plain" else ua.StructureType.StructureWithOptionalFields)
            definition.Fields = [self.field(text) for text in fields.split("; ")]
            await dtype.write_data_type_definition(definition)
            types.append(dtype.nodeid)
        await self.server.load_data_type_definitions()
        if not self.settings.get("describes", True):
            for nodeid in types:
                self.server.iserver.aspace[nodeid].attributes.pop(ua.AttributeIds.DataTypeDefinition)

    def field(self, text):
        name, kind = text.split(" ")
        number = int(re.search(r"\d+", kind)[0])
        return ua.StructureField(
            Name=name, DataType=ua.NodeId(number, self.index if kind.startswith(":") else 0),
            ValueRank=1 if "[]" in kind else -1, IsOptional=kind.endswith("?"))

    # Methods

    @staticmethod
    def status(bits):
        return [ua.Variant(bits, ua.VariantType.UInt64)]

    async def store(self, order, comment):
        return await self.effect(lambda: self.take(order, 1))

    async def store_and_start(self, order, comment):
        return await self.effect(lambda: self.take(order, 2))

    async def take(self, order, state):
        if not order.JobOrderID or order.JobOrderID in self.jobs:
            return self.status(UNABLE)
        if len(self.jobs) >= self.settings.get("max", 1000):
            return self.status(UNABLE)
        assets = [asset.ID for asset in order.PhysicalAssetRequirements or []]
        if any(asset.startswith("GHOST") for asset in assets):
            return self.status(1 << 32)
        self.jobs[order.JobOrderID] = {"order": order, "state": state, "substate": None, "response": {}}
        await self.publish()
        return self.status(self.good)

    async def update(self, order, comment):
        async def do():
            job = self.jobs.get(order.JobOrderID)
            if job is None:
                return self.status(UNKNOWN_ID)
            if job["state"] not in (1, 2):
                return self.status(INVALID_STATE)
            job["order"] = order
            await self.publish()
            return self.status(self.good)
        return await self.effect(do)

    async def start(self, ident, comment):
        return await self.move(ident, (1,), 2)

    async def abort(self, ident, comment):
        return await self.move(ident, (1, 2, 3, 4), 6)

    async def move(self, ident, allowed, state):
        job = self.jobs.get(ident)
        if job is None:
            return self.status(UNKNOWN_ID)
        if job["state"] not in allowed:
            return self.status(INVALID_STATE)
        job["state"] = state
        await self.publish()
        return self.status(self.good)

    async def cancel(self, ident, comment):
        job = self.jobs.get(ident)
        if job is None:
            return self.status(UNKNOWN_ID)
        if job["state"] not in (1, 2):
            return self.status(INVALID_STATE)
        del self.jobs[ident]
        await self.publish()
        return self.status(self.good)

    async def clear(self, ident, comment):
        job = self.jobs.get(ident)
        if job is None:
            return self.status(UNKNOWN_ID)
        if job["state"] not in (5, 6):
            return self.status(INVALID_STATE)
        del self.jobs[ident]
        await self.publish()
        return self.status(self.good)

    def states(self, job):
        def one(number, text, path):
            return ua.ISA95StateDataType(
                BrowsePath=ua.RelativePath(Elements=path), StateText=ua.LocalizedText(text, "en"), StateNumber=number)
        states = [one(job["state"], STATES[job["state"]], [])]
        if job["substate"]:
            element = ua.RelativePathElement(
                ReferenceTypeId=ua.NodeId(47), IncludeSubtypes=True, TargetName=ua.QualifiedName("Ended", self.index))
            states.append(one(2, job["substate"], [element]))
        return states

    def has_response(self, job):
        return job["state"] >= 3 or not self.settings.get("lateResponses", True)

    def response(self, ident, job):
        return ua.ISA95JobResponseDataType(
            JobResponseID=f"R-{ident}", Description=None, JobOrderID=ident, JobState=self.states(job), **job["response"])

    async def response_by_id(self, ident):
        job = self.jobs.get(ident)
        if job is None or not self.has_response(job):
            empty = ua.ISA95JobResponseDataType(JobState=[])
            return [ua.Variant(empty, ua.VariantType.ExtensionObject), *self.status(UNKNOWN_ID)]
        return [ua.Variant(self.response(ident, job), ua.VariantType.ExtensionObject), *self.status(self.good)]

    async def responses_by_state(self, states):
        wanted = states[0].StateNumber if states else None
        found = [self.response(ident, job) for ident, job in self.jobs.items()
                 if job["state"] == wanted and self.has_response(job)]
        return [ua.Variant(found, ua.VariantType.ExtensionObject, is_array=True), *self.status(self.good)]

    async def publish(self):
        entries = [ua.ISA95JobOrderAndStateDataType(JobOrder=job["order"], State=self.states(job)) for job in self.jobs.values()]
        await self.list.write_value(ua.DataValue(ua.Variant(entries, ua.VariantType.ExtensionObject, is_array=True)))

    # What the tests see and do

    async def control(self, request):
        ident = request.get("id")
        job = self.jobs.get(ident)
        return await getattr(self, "do_" + request["op"])(ident, job)

    async def do_copies(self, ident, job):
        return 1 if job else 0

    async def do_facts(self, ident, job):
        return plain(job["order"]) if job else None

    async def do_repair(self, ident, job):
        job["state"], job["substate"] = 5, "Closed"
        hours = ua.ISA95PersonnelDataType(ID="WILSON", PersonnelUse="Technician", Quantity="1.5", EngineeringUnits=HOURS)
        parts = [
            ua.ISA95MaterialDataType(MaterialDefinitionID="DIE-4", MaterialUse="Consumed", Quantity="1"),
            ua.ISA95MaterialDataType(MaterialDefinitionID="OIL", MaterialUse="Consumed", Quantity="0"),
            ua.ISA95MaterialDataType(MaterialDefinitionID="SCRAP", MaterialUse="Produced", Quantity="2")]
        data = [
            ua.ISA95ParameterDataType(ID="CauseCode", Value=ua.Variant("WEAR", ua.VariantType.String)),
            ua.ISA95ParameterDataType(ID="Resolution", Value=ua.Variant("Die changed", ua.VariantType.String))]
        now = datetime.datetime.now(datetime.timezone.utc)
        job["response"] = {
            "StartTime": now - datetime.timedelta(hours=2), "EndTime": now, "PersonnelActuals": [hours],
            "MaterialActuals": parts, "JobResponseData": data}
        await self.publish()

    async def do_run(self, ident, job):
        job["state"] = 3
        await self.publish()

    async def do_cancel(self, ident, job):
        job["state"] = 6
        await self.publish()

    async def do_remove(self, ident, job):
        self.jobs.pop(ident, None)
        await self.publish()


def plain(value):
    """A structure as JSON, for the eyes of a test."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, ua.Variant):
        return {"type": value.VariantType.name, "value": plain(value.Value)}
    if isinstance(value, ua.LocalizedText):
        return value.Text
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__
                if getattr(value, name) is not None and name != "Encoding"}
    return value
