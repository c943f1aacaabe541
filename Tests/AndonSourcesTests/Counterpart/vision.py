"""A vision system for the tests: asyncua with the nodes of OPC 40100-1 and OPC 40001-101 that a client asks for, under their
real namespaces and numbers. Commands come as lines of JSON on standard input; each is answered by a line. It ends with its input.
"""

import gc

# Collecting takes a third of what the standard address space does, and this program lives for seconds.
gc.disable()
import asyncio
import hashlib
import json
import os
import struct
import sys
import zlib
from datetime import datetime, timedelta, timezone

from asyncua import Server, ua, uamethod
from asyncua.common.manage_nodes import create_data_type, create_encoding
from asyncua.common.structures104 import new_struct_field
from asyncua.server.history import HistoryDict

VISION = "http://opcfoundation.org/UA/MachineVision"
MACHINERY = "http://opcfoundation.org/UA/Machinery/Result/"
OWN = "urn:test:vision"
T = ua.VariantType


def picture(number):
    """A PNG of 64 x 48 pixels that no other number has."""
    row = b"\0" + bytes([number % 256, number // 256 % 256, 90]) * 64

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 48)) + chunk(b"IEND", b"")


def content(number):
    """Every third part is good; the others have one defect, and each fifth of these two."""
    defects = []
    if number % 3:
        defects.append({"class": "kratzer", "score": 60 + number % 40, "box": [10, 8, 20, 12]})
        if number % 5 == 0:
            defects.append({"class": "dent", "score": 88, "box": [1, 2, 3, 4]})
    return json.dumps({"defects": defects, "line": "A"})


async def arguments(*named):
    made = []
    for name, kind, rank in named:
        argument = ua.Argument()
        argument.Name = name
        argument.DataType = kind if isinstance(kind, ua.NodeId) else ua.NodeId(kind.value, 0)
        argument.ValueRank = rank
        argument.ArrayDimensions = []
        made.append(argument)
    return made


class Vision:
    def __init__(self, settings):
        self.settings = settings
        self.results = {}
        self.files = {}
        self.state = settings.get("state")
        if self.state and os.path.exists(self.state):
            with open(self.state, encoding="utf-8") as kept:
                self.results = {key: datetime.fromisoformat(at) for key, at in json.load(kept).items()}

    def keep(self):
        if self.state:
            with open(self.state + ".new", "w", encoding="utf-8") as file:
                json.dump({key: at.isoformat() for key, at in self.results.items()}, file)
            os.replace(self.state + ".new", self.state)

    async def structure(self, number, encoding, name, fields, index):
        dtype = await create_data_type(self.server.nodes.base_structure_type, ua.NodeId(number, index), ua.QualifiedName(name, index))
        enc = await create_encoding(dtype, ua.NodeId(encoding, index), ua.QualifiedName("Default Binary", 0))
        definition = ua.StructureDefinition()
        definition.BaseDataType = self.server.nodes.base_structure_type.nodeid
        optional = any(field.IsOptional for field in fields)
        definition.StructureType = ua.StructureType.StructureWithOptionalFields if optional else ua.StructureType.Structure
        definition.Fields = fields
        definition.DefaultEncodingId = enc.nodeid
        await dtype.write_data_type_definition(definition)
        return dtype

    async def types(self):
        text, described = new_struct_field("Id", T.String), new_struct_field("Description", T.LocalizedText, optional=True)
        binary = [
            text, new_struct_field("Version", T.String, optional=True), new_struct_field("Hash", T.ByteString, optional=True),
            new_struct_field("HashAlgorithm", T.String, optional=True), described]
        mv = self.mv
        ids = {
            "ResultId": await self.structure(3021, 5274, "ResultIdDataType", [text], mv),
            "JobId": await self.structure(3016, 5008, "JobIdDataType", [text], mv),
            "MeasId": await self.structure(3015, 5006, "MeasIdDataType", [text, described], mv),
            "PartId": await self.structure(3004, 5013, "PartIdDataType", [text, described], mv),
            "ProductId": await self.structure(3003, 5224, "ProductIdDataType", [text, described], mv),
            "ExternalRecipeId": await self.structure(3002, 5002, "RecipeIdExternalDataType", binary, mv),
            "InternalRecipeId": await self.structure(3013, 5268, "RecipeIdInternalDataType", binary, mv),
            "InternalConfigurationId": await self.structure(3008, 5090, "ConfigurationIdDataType", binary, mv),
        }
        ids["ExternalConfigurationId"] = ids["InternalConfigurationId"]
        times = await self.structure(
            3005, 5016, "ProcessingTimesDataType",
            [new_struct_field("StartTime", T.DateTime), new_struct_field("EndTime", T.DateTime),
             new_struct_field("AcquisitionDuration", T.Double, optional=True),
             new_struct_field("ProcessingDuration", T.Double, optional=True)], mv)
        await self.structure(3022, 5276, "ResultTransferOptions", [new_struct_field("Id", ids["ResultId"])], mv)
        order = ["MeasId", "PartId", "ExternalRecipeId", "InternalRecipeId", "ProductId", "ExternalConfigurationId", "InternalConfigurationId", "JobId"]
        mandatory = {"InternalRecipeId", "InternalConfigurationId", "JobId"}
        self.result_type = await self.structure(
            3006, 5018, "ResultDataType",
            [new_struct_field("ResultId", ids["ResultId"]), new_struct_field("HasTransferableDataOnFile", T.Boolean, optional=True),
             new_struct_field("IsPartial", T.Boolean), new_struct_field("IsSimulated", T.Boolean, optional=True),
             new_struct_field("ResultState", T.Int32)]
            + [new_struct_field(name, ids[name], optional=name not in mandatory) for name in order]
            + [new_struct_field("CreationTime", T.DateTime), new_struct_field("ProcessingTimes", times, optional=True),
               new_struct_field("ResultContent", T.Variant, array=True, optional=True)], mv)
        await self.server.load_data_type_definitions()

    def identifier(self, kind, text):
        return getattr(ua, kind)(Id=text)

    def result(self, key, whole=True):
        number, at = int(key.split("-")[1]), self.results[key]
        return ua.ResultDataType(
            ResultId=ua.ResultIdDataType(Id=key), HasTransferableDataOnFile=True, IsPartial=False, IsSimulated=None, ResultState=1,
            MeasId=None, PartId=ua.PartIdDataType(Id=f"P{number}", Description=None), ExternalRecipeId=None,
            InternalRecipeId=ua.RecipeIdInternalDataType(Id="R7", Version=None, Hash=None, HashAlgorithm=None, Description=None),
            ProductId=None, ExternalConfigurationId=None,
            InternalConfigurationId=ua.ConfigurationIdDataType(Id="C1", Version=None, Hash=None, HashAlgorithm=None, Description=None),
            JobId=ua.JobIdDataType(Id="J1"), CreationTime=at, ProcessingTimes=None,
            ResultContent=[ua.Variant(content(number), T.String)] if whole else None)

    async def machinery(self):
        """The other specification; its names are the same, so a server of this script has one of the two."""
        server, index = self.server, await self.server.register_namespace(MACHINERY)
        optional = lambda name, kind, array=False: new_struct_field(name, kind, array=array, optional=True)
        meta = await self.structure(
            3007, 5005, "ResultMetaDataType",
            [new_struct_field("ResultId", T.String), optional("HasTransferableDataOnFile", T.Boolean), optional("IsPartial", T.Boolean),
             optional("IsSimulated", T.Boolean), optional("ResultState", T.Int32), optional("StepId", T.String), optional("PartId", T.String),
             optional("ExternalRecipeId", T.String), optional("InternalRecipeId", T.String), optional("ProductId", T.String),
             optional("ExternalConfigurationId", T.String), optional("InternalConfigurationId", T.String), optional("JobId", T.String),
             optional("CreationTime", T.DateTime), optional("ResultUri", T.String, True), optional("ResultEvaluation", T.Int32),
             optional("ResultEvaluationCode", T.Int64), optional("ResultEvaluationDetails", T.LocalizedText), optional("FileFormat", T.String, True)], index)
        kind = await self.structure(
            3008, 5008, "ResultDataType", [new_struct_field("ResultMetaData", meta), new_struct_field("ResultContent", T.Variant, array=True)], index)
        await server.load_data_type_definitions()
        base, events = server.get_node(ua.ObjectIds.BaseObjectType), server.get_node(ua.ObjectIds.BaseEventType)
        management_type = await base.add_object_type(ua.NodeId(1004, index), ua.QualifiedName("ResultManagementType", index))
        ready = await events.add_object_type(ua.NodeId(1002, index), ua.QualifiedName("ResultReadyEventType", index))
        await ready.add_property(ua.NodeId("Ready.Result", index), ua.QualifiedName("Result", index), "")
        machine = await server.nodes.objects.add_object(ua.NodeId("Machine", self.own), ua.QualifiedName("Machine", self.own))
        management = await machine.add_object(ua.NodeId("Machine.Results", self.own), ua.QualifiedName("ResultManagement", index), management_type.nodeid)
        self.folder = await management.add_folder(ua.NodeId("Machine.Kept", self.own), ua.QualifiedName("Results", index))
        self.kind = kind
        self.machine_ready = await server.get_event_generator(ready, management)
        self.machine_ready.event.add_property("Result", None, T.ExtensionObject)

    async def judge(self, first, last):
        """Results of the other specification: every third part is good."""
        for number in range(first, last + 1):
            fields = {field: None for field in ua.ResultMetaDataType.__dataclass_fields__ if field not in ("Encoding", "data_type")}
            fields.update(ResultId=f"M-{number}", PartId=f"P{number}", CreationTime=datetime.now(timezone.utc),
                          ResultEvaluation=1 if number % 3 == 0 else 2)
            result = ua.ResultDataType(ResultMetaData=ua.ResultMetaDataType(**fields), ResultContent=[ua.Variant(json.dumps({"class": "dent", "p": 0.9}), T.String)])
            await self.folder.add_variable(ua.NodeId(f"Machine.Kept.{number}", self.own), ua.QualifiedName(f"M{number}", self.own), result, datatype=self.kind.nodeid)
            self.machine_ready.event.Result = result
            await self.machine_ready.trigger(message=f"M-{number}")
        return {"judged": last}

    async def space(self):
        server, mv, objects = self.server, self.mv, self.server.nodes.objects
        base = server.get_node(ua.ObjectIds.BaseObjectType)
        system_type = await base.add_object_type(ua.NodeId(1003, mv), ua.QualifiedName("VisionSystemType", mv))
        management_type = await base.add_object_type(ua.NodeId(1007, mv), ua.QualifiedName("ResultManagementType", mv))
        events = server.get_node(ua.ObjectIds.BaseEventType)
        ready = await events.add_object_type(ua.NodeId(1024, mv), ua.QualifiedName("ResultReadyEventType", mv))
        E = T.ExtensionObject
        fields = [("ResultId", E), ("IsPartial", T.Boolean), ("IsSimulated", T.Boolean), ("ResultState", T.Int32), ("MeasId", E), ("PartId", E),
                  ("ExternalRecipeId", E), ("InternalRecipeId", E), ("ProductId", E), ("ExternalConfigurationId", E),
                  ("InternalConfigurationId", E), ("JobId", E), ("CreationTime", T.DateTime), ("ProcessingTimes", E), ("ResultContent", T.Variant)]
        for name, _ in fields:
            await ready.add_property(ua.NodeId(f"Ready.{name}", mv), ua.QualifiedName(name, mv), "")
        failure = await events.add_object_type(ua.NodeId(1035, mv), ua.QualifiedName("VisionErrorConditionType", mv))
        for name, kind in [("ErrorCode", T.String)]:
            await failure.add_property(ua.NodeId(f"Failure.{name}", mv), ua.QualifiedName(name, mv), "", varianttype=kind)
        for name in ["ConditionName"]:
            await failure.add_property(ua.NodeId(f"Failure.{name}", mv), ua.QualifiedName(name, 0), "", varianttype=T.String)
        self.system = await objects.add_object(ua.NodeId("Camera", self.own), ua.QualifiedName("Camera", self.own), system_type.nodeid)
        self.management = await self.system.add_object(
            ua.NodeId("Camera.Results", self.own), ua.QualifiedName("ResultManagement", mv), management_type.nodeid)
        self.ready = await server.get_event_generator(ready, self.management)
        self.onserver = await server.get_event_generator(ready, server.nodes.server)
        for generator in [self.ready, self.onserver]:
            for name, kind in fields:
                generator.event.add_property(name, None, kind)
        self.failure = await server.get_event_generator(failure, server.nodes.server)
        await self.methods()
        await self.transfer()

    async def methods(self):
        node, mv, E = self.management, self.mv, T.ExtensionObject

        @uamethod
        def by_id(parent, result, timeout):
            if result.Id not in self.results:
                return ua.StatusCode(ua.StatusCodes.BadNotFound)
            return (ua.Variant(1, T.UInt32), ua.Variant(self.result(result.Id), E), ua.Variant(0, T.Int32))

        @uamethod
        def release(parent, handle):
            return ua.Variant(0, T.Int32)

        @uamethod
        def listed(parent, *inputs):
            most, start = inputs[9], inputs[10]
            keys = sorted(self.results, key=lambda key: (self.results[key], int(key.split("-")[1])))
            page = keys[start : start + min(most, 40)]
            return (
                ua.Variant(start + len(page) >= len(keys), T.Boolean), ua.Variant(len(page), T.UInt32), ua.Variant(1, T.UInt32),
                ua.Variant([self.result(key) for key in page], E, is_array=True), ua.Variant(0, T.Int32))

        def method(name):
            return ua.NodeId(f"Camera.{name}", self.own), ua.QualifiedName(name, mv)

        await node.add_method(*method("GetResultById"), by_id, await arguments(("resultId", E, -1), ("timeout", T.Int32, -1)),
                              await arguments(("resultHandle", T.UInt32, -1), ("result", E, -1), ("error", T.Int32, -1)))
        await node.add_method(*method("ReleaseResultHandle"), release, await arguments(("resultHandle", T.UInt32, -1)), await arguments(("error", T.Int32, -1)))
        if self.settings.get("list", True):
            await node.add_method(
                *method("GetResultListFiltered"), listed,
                await arguments(("resultState", T.Int32, -1), *[(f"id{place}", E, -1) for place in range(8)], ("maxResults", T.UInt32, -1), ("startIndex", T.UInt32, -1), ("timeout", T.Int32, -1)),
                await arguments(("isComplete", T.Boolean, -1), ("resultCount", T.UInt32, -1), ("resultHandle", T.UInt32, -1), ("resultList", E, 1), ("error", T.Int32, -1)))

    async def transfer(self):
        node = await self.management.add_object(ua.NodeId("Camera.Transfer", self.own), ua.QualifiedName("ResultTransfer", self.mv))
        file = await node.add_object(ua.NodeId("Camera.File", self.own), ua.QualifiedName("File", self.own))
        self.opened = 0

        @uamethod
        def generate(parent, options):
            key = options.Id.Id
            if key not in self.results or int(key.split("-")[1]) % 11 == 10:
                return ua.StatusCode(ua.StatusCodes.BadNotFound)
            self.opened += 1
            self.files[self.opened] = [picture(int(key.split("-")[1])), 0]
            return (ua.Variant(file.nodeid, T.NodeId), ua.Variant(self.opened, T.UInt32), ua.Variant(ua.NodeId(), T.NodeId))

        @uamethod
        def read(parent, handle, length):
            entry = self.files[handle]
            # A server may give less than it is asked for.
            part = entry[0][entry[1] : entry[1] + min(length, 50)]
            entry[1] += len(part)
            return ua.Variant(part, T.ByteString)

        @uamethod
        def close(parent, handle):
            self.files.pop(handle, None)

        @uamethod
        def reopen(parent, mode):
            return ua.StatusCode(ua.StatusCodes.BadNotSupported)

        await node.add_method(
            ua.NodeId("Camera.Generate", self.own), ua.QualifiedName("GenerateFileForRead", 0), generate, await arguments(("generateOptions", T.ExtensionObject, -1)),
            await arguments(("fileNodeId", T.NodeId, -1), ("fileHandle", T.UInt32, -1), ("completionStateMachine", T.NodeId, -1)))
        for name, call, inputs, outputs in [
            ("Open", reopen, [("mode", T.Byte, -1)], [("fileHandle", T.UInt32, -1)]),
            ("Read", read, [("fileHandle", T.UInt32, -1), ("length", T.Int32, -1)], [("data", T.ByteString, -1)]),
            ("Close", close, [("fileHandle", T.UInt32, -1)], [])]:
            await file.add_method(
                ua.NodeId(f"Camera.File.{name}", self.own), ua.QualifiedName(name, 0), call, await arguments(*inputs), await arguments(*outputs))

    async def plain(self):
        """Events of the maker's own type, and variables."""
        server, own, objects = self.server, self.own, self.server.nodes.objects
        kind = await server.create_custom_event_type(
            own, "DefectEventType", ua.ObjectIds.BaseEventType,
            [("DefectClass", T.String), ("Confidence", T.Double), ("Details", T.String), ("Image", T.ByteString)])
        self.defect = await server.get_event_generator(kind, server.nodes.server)
        self.server.iserver.history_manager.set_storage(HistoryDict())
        self.plc = {}
        line = await objects.add_object(ua.NodeId("Line", own), ua.QualifiedName("Line", own))
        for name, value, kind in [("Counter", 0, T.UInt32), ("Class", "", T.String), ("Confidence", 0.0, T.Float), ("Lot", "L1", T.String), ("Image", b"", T.ByteString)]:
            node = await line.add_variable(ua.NodeId(f"Line.{name}", own), ua.QualifiedName(name, own), value, kind)
            self.plc[name] = node
            if self.settings.get("history"):
                await server.historize_node_data_change(node, period=None, count=0)

    async def make(self, count):
        """Results, one after the other, with their events."""
        first = len(self.results)
        for number in range(first, first + count):
            key = f"R-{number}"
            self.results[key] = datetime.now(timezone.utc)
            self.keep()
            result = self.result(key)
            # Like a system whose larger results have to be asked for.
            whole = number % 7 != 6
            for generator in [self.ready] + ([self.onserver] if self.settings.get("twice") else []):
                event = generator.event
                for name in ["ResultId", "IsPartial", "IsSimulated", "ResultState", "PartId", "InternalRecipeId", "InternalConfigurationId", "JobId", "CreationTime"]:
                    setattr(event, name, getattr(result, name))
                event.ResultContent = result.ResultContent if whole else None
                await generator.trigger(message=key)
        return {"results": len(self.results)}

    async def digests(self, count):
        return {"digests": [hashlib.sha256(picture(number)).hexdigest() for number in range(count)]}

    async def inspect(self, first, last, pause):
        """The counter of a PLC: the fields first, then the counter, all with one source time."""
        for number in range(first, last + 1):
            at = datetime.now(timezone.utc)
            values = {"Class": (["scratch", "OK", "dent"][number % 3], T.String), "Confidence": (0.5 + number % 50 / 100, T.Float), "Lot": (f"L{number // 10}", T.String), "Image": (picture(number), T.ByteString), "Counter": (number, T.UInt32)}
            for name, (value, kind) in values.items():
                await self.plc[name].write_value(ua.DataValue(ua.Variant(value, kind), SourceTimestamp=at, ServerTimestamp=at))
            await asyncio.sleep(pause)
        return {"counter": last}

    async def events(self, first, last):
        for number in range(first, last + 1):
            event = self.defect.event
            event.DefectClass, event.Confidence = ["scratch", "OK"][number % 2], 0.9
            event.Details = f"lot=L{number}; depth=0,3; x=1;y=2;w=3;h=4"
            event.Image = picture(number)
            shared = self.settings.get("folder")
            if shared:
                event.Details += f"; file=day\\{number}.png"
            event.Severity = 600
            await self.defect.trigger(message=f"part {number}")
            if shared:
                # Like a slow share: the file comes after the event, and in two halves.
                await asyncio.sleep(0.05)
                with open(os.path.join(shared, "day", f"{number}.png"), "wb") as file:
                    file.write(picture(number)[:40])
                    file.flush()
                    await asyncio.sleep(0.1)
                    file.write(picture(number)[40:])
        return {"events": last}

    async def fail(self, code):
        event = self.failure.event
        event.ErrorCode, event.ConditionName, event.Severity = code, "Lamp", 800
        await self.failure.trigger(message=f"lamp {code}")
        return {"failed": code}

    async def run(self):
        self.server = Server()
        await self.server.init()
        self.server.set_endpoint(f"opc.tcp://127.0.0.1:{self.settings['port']}/vision")
        await self.server.set_application_uri("urn:test:vision-system")
        if self.settings.get("certificate"):
            await self.server.load_certificate(self.settings["certificate"])
            await self.server.load_private_key(self.settings["key"])
            self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        # After a restart the indices of the namespaces may be others.
        for place in range(self.settings.get("shift", 0)):
            await self.server.register_namespace(f"urn:test:before-{place}")
        self.own = await self.server.register_namespace(OWN)
        if self.settings.get("machinery"):
            await self.machinery()
        else:
            self.mv = await self.server.register_namespace(VISION)
            await self.types()
            await self.space()
        await self.plain()
        if "counter" in self.settings:
            await self.inspect(self.settings["counter"], self.settings["counter"], 0)
        async with self.server:
            print(json.dumps({"ready": self.settings["port"]}), flush=True)
            loop = asyncio.get_running_loop()
            while True:
                line = await loop.run_in_executor(None, sys.stdin.readline)
                if not line:
                    break
                command = json.loads(line)
                try:
                    answer = await getattr(self, command.pop("do"))(**command)
                except Exception as error:  # The test shows it.
                    answer = {"error": repr(error)}
                print(json.dumps(answer), flush=True)


asyncio.run(Vision(json.loads(sys.argv[1])).run())
