"""A server for the client's tests: asyncua with every policy and token. Says its port when it is ready, ends with its input."""

import gc

# Collecting takes a third of what the standard address space does, and this program lives for seconds.
gc.disable()
import asyncio
import json
import sys
from datetime import datetime, timedelta, timezone

from asyncua import Server, ua, uamethod
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.server.history import HistoryDict
from asyncua.server.user_managers import UserManager
from asyncua.crypto.permission_rules import User, UserRole

NAMESPACE = "urn:test:plant"
PICTURE = bytes(range(256)) * 2000


class Users(UserManager):
    def __init__(self, settings):
        self.settings = settings

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if username is None and certificate is None:
            return User(role=UserRole.User)
        if username == "operator":
            return User(role=UserRole.User) if password == "secret word" else None
        if certificate is not None and username is None:
            return User(role=UserRole.User)
        return None


def files(server, index, folder):
    state = {"position": 0, "open": 0, "reads": 0}

    @uamethod
    def open_file(parent, mode):
        state["position"] = 0
        state["open"] += 1
        return ua.Variant(7, ua.VariantType.UInt32)

    @uamethod
    def read_file(parent, handle, length):
        state["reads"] += 1
        start = state["position"]
        state["position"] = start + length
        return ua.Variant(PICTURE[start : start + length], ua.VariantType.ByteString)

    @uamethod
    def close_file(parent, handle):
        state["open"] -= 1

    @uamethod
    def opened(parent):
        return ua.Variant(state["open"], ua.VariantType.Int32)

    return open_file, read_file, close_file, opened


async def arguments(names_and_types):
    made = []
    for name, kind, rank in names_and_types:
        argument = ua.Argument()
        argument.Name = name
        argument.DataType = kind if isinstance(kind, ua.NodeId) else ua.NodeId(kind.value, 0)
        argument.ValueRank = rank
        argument.ArrayDimensions = []
        made.append(argument)
    return made


async def types(server, index):
    point, _ = await new_struct(
        server, index, "Point",
        [new_struct_field("X", ua.VariantType.Double), new_struct_field("Y", ua.VariantType.Double)],
    )
    shade = await new_enum(server, index, "Shade", ["Red", "Green", "Blue"])
    defect, _ = await new_struct(
        server, index, "Defect",
        [
            new_struct_field("Name", ua.VariantType.String),
            new_struct_field("Place", point),
            new_struct_field("Outline", point, array=True),
            new_struct_field("Note", ua.VariantType.String, optional=True),
            new_struct_field("Count", ua.VariantType.UInt16, optional=True),
        ],
    )
    await server.load_data_type_definitions()
    return point, shade, defect


async def address_space(server, index):
    objects = server.nodes.objects
    line = await objects.add_object(ua.NodeId("Line", index), ua.QualifiedName("Line", index))
    numbers = await line.add_variable(ua.NodeId("Number", index), ua.QualifiedName("Number", index), 7, ua.VariantType.Int32)
    await numbers.set_writable()
    temperature = await line.add_variable(ua.NodeId("Temperature", index), ua.QualifiedName("Temperature", index), 21.5)
    await temperature.set_writable()
    text = await line.add_variable(ua.NodeId("Text", index), ua.QualifiedName("Text", index), "<b>markup</b>")
    await text.set_writable()
    many = await line.add_folder(ua.NodeId("Many", index), ua.QualifiedName("Many", index))
    for place in range(120):
        await many.add_variable(ua.NodeId(f"Many.{place}", index), ua.QualifiedName(f"Many{place}", index), place)
    point, shade, defect = await types(server, index)
    value = ua.Defect(Name="scratch", Place=ua.Point(X=1.5, Y=-2.0), Outline=[ua.Point(X=0.0, Y=0.5), ua.Point(X=3.0, Y=4.0)], Note="deep", Count=None)
    await line.add_variable(ua.NodeId("Defect", index), ua.QualifiedName("Defect", index), value, datatype=defect.nodeid)
    await line.add_variable(ua.NodeId("Shade", index), ua.QualifiedName("Shade", index), ua.Shade.Blue, datatype=shade.nodeid)

    event_type = await server.create_custom_event_type(
        index, "InspectionEventType", ua.ObjectIds.BaseEventType, [("PartId", ua.VariantType.String), ("Confidence", ua.VariantType.Double)])
    generator = await server.get_event_generator(event_type, line)
    await line.set_event_notifier([ua.EventNotifier.SubscribeToEvents])

    @uamethod
    async def fire(parent, part, severity):
        generator.event.PartId = part
        generator.event.Confidence = 0.75
        generator.event.Severity = severity
        await generator.trigger(message=f"part {part}")
        return ua.Variant(True, ua.VariantType.Boolean)

    @uamethod
    def scale(parent, factor, values, name):
        scaled = [v * factor for v in values]
        return ua.Variant(scaled, ua.VariantType.Double, is_array=True), ua.Variant(f"{name}!", ua.VariantType.String)

    @uamethod
    def nothing(parent):
        return None

    @uamethod
    async def slow(parent, seconds):
        await asyncio.sleep(seconds)
        return ua.Variant(True, ua.VariantType.Boolean)

    method = lambda name: (ua.NodeId(name, index), ua.QualifiedName(name, index))
    T = ua.VariantType
    await line.add_method(*method("Fire"), fire, await arguments([("Part", T.String, -1), ("Severity", T.UInt16, -1)]), await arguments([("Done", T.Boolean, -1)]))
    await line.add_method(
        *method("Scale"), scale, await arguments([("Factor", T.Double, -1), ("Values", T.Double, 1), ("Name", T.String, -1)]),
        await arguments([("Scaled", T.Double, 1), ("Shout", T.String, -1)]))
    await line.add_method(*method("Nothing"), nothing, [], [])
    await line.add_method(*method("Slow"), slow, await arguments([("Seconds", T.Double, -1)]), await arguments([("Done", T.Boolean, -1)]))

    picture = await line.add_object(ua.NodeId("Picture", index), ua.QualifiedName("Picture", index))
    opener, reader, closer, opened = files(server, index, picture)
    name = lambda n: (ua.NodeId(f"Picture.{n}", index), ua.QualifiedName(n, 0))
    await picture.add_method(*name("Open"), opener, await arguments([("Mode", T.Byte, -1)]), await arguments([("FileHandle", T.UInt32, -1)]))
    await picture.add_method(*name("Read"), reader, await arguments([("FileHandle", T.UInt32, -1), ("Length", T.Int32, -1)]), await arguments([("Data", T.ByteString, -1)]))
    await picture.add_method(*name("Close"), closer, await arguments([("FileHandle", T.UInt32, -1)]), [])
    await line.add_method(*method("Opened"), opened, [], await arguments([("Count", T.Int32, -1)]))

    server.iserver.history_manager.set_storage(HistoryDict(max_history_data_response_size=10))
    history = await line.add_variable(ua.NodeId("History", index), ua.QualifiedName("History", index), 0.0)
    await server.historize_node_data_change(history, period=None, count=0)
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    for place in range(25):
        time = start + timedelta(seconds=place)
        await history.write_value(ua.DataValue(ua.Variant(float(place + 1)), SourceTimestamp=time, ServerTimestamp=time))
    await asyncio.sleep(0.2)


async def main():
    settings = json.loads(sys.argv[1])
    server = Server(user_manager=Users(settings))
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{settings['port']}/plant")
    await server.set_application_uri(settings.get("uri", "urn:test:server"))
    server.set_server_name("Test server")
    P = ua.SecurityPolicyType
    server.set_security_policy(
        [P.NoSecurity, P.Basic256Sha256_Sign, P.Basic256Sha256_SignAndEncrypt, P.Aes128Sha256RsaOaep_Sign,
         P.Aes128Sha256RsaOaep_SignAndEncrypt, P.Aes256Sha256RsaPss_Sign, P.Aes256Sha256RsaPss_SignAndEncrypt],
        permission_ruleset=None)
    await server.load_certificate(settings["certificate"])
    await server.load_private_key(settings["key"])
    server.set_identity_tokens([ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken])
    for uri in settings.get("namespaces", []):
        await server.register_namespace(uri)
    index = await server.register_namespace(NAMESPACE)
    await address_space(server, index)
    async with server:
        print("ready", settings["port"], flush=True)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
