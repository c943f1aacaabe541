"""Orders over plain methods, and over variables with a trigger and an acknowledgement, as gateways and PLCs have them."""

import asyncio
import datetime

from asyncua import ua
from asyncua.common.callback import CallbackType

from __main__ import URI, StandIn

T = ua.VariantType


class Orders(StandIn):
    """The orders themselves: what tests see and do is the same for both forms."""

    def __init__(self, server, settings):
        super().__init__(server, settings)
        self.orders = {}
        self.kept = {}

    def add(self, facts):
        ident = f"MES-{len(self.orders) + 1:05d}"
        self.orders[ident] = {
            "Reference": facts["Reference"], "Facts": facts, "State": "NEW", "Technician": "", "LabourHours": 0.0,
            "PartCodes": [], "PartQuantities": [], "Cause": "", "Notes": "", "ClosedAt": None,
        }
        return ident

    def of(self, reference):
        return [ident for ident, order in self.orders.items() if order["Reference"] == reference]

    async def changed(self):
        pass

    async def control(self, request):
        found = self.of(request.get("id"))
        order = self.orders[found[0]] if found else None
        op = request["op"]
        if op == "copies":
            return len(found)
        if op == "facts":
            return {key: str(value) for key, value in order["Facts"].items()} if order else None
        if op == "repair":
            order |= {
                "State": "CLOSED", "Technician": "WILSON", "LabourHours": 1.5, "PartCodes": ["DIE-4", "OIL"],
                "PartQuantities": [1.0, 0.0], "Cause": "WEAR", "Notes": "Die changed",
                "ClosedAt": datetime.datetime.now(datetime.timezone.utc)}
        elif op == "cancel":
            order["State"] = "CANCELLED"
        elif op == "remove":
            for ident in found:
                del self.orders[ident]
        elif op == "quality":
            variable = self.variables[request["name"]]
            value = self.server.iserver.aspace[variable.nodeid].attributes[ua.AttributeIds.Value].value.Value
            # With a bad status there is no value; the one before comes back with a good one.
            value = self.kept.setdefault(request["name"], value)
            await variable.write_value(ua.DataValue(value, ua.StatusCode(getattr(ua.StatusCodes, request["status"]))))
            return None
        elif op == "answerLate":
            self.settings["late"] = request["seconds"]
        else:
            raise ValueError(op)
        await self.changed()
        return None


class Methods(Orders):
    async def build(self):
        own = await self.server.register_namespace(URI)
        mes = await self.server.nodes.objects.add_object(ua.NodeId("MES", own), ua.QualifiedName("MES", own))
        self.names = ["Reference", "Title", "Asset", "Priority", "Severity", "DetectedAt", "Text", "Planned"]
        inputs = [
            ("Reference", T.String, -1), ("Title", T.String, -1), ("Asset", T.String, -1), ("Priority", T.Byte, -1),
            ("Severity", T.Float, -1), ("DetectedAt", T.DateTime, -1), ("Text", T.LocalizedText, -1), ("Planned", T.String, -1)]
        await self.method(mes, "CreateOrder", self.create, inputs, [("OrderId", T.String, -1), ("OrderNumber", T.UInt32, -1), ("Result", T.Int32, -1)])
        await self.method(mes, "FindOrders", self.find, [("Reference", T.String, -1)], [("OrderIds", T.String, 1)])
        await self.method(mes, "GetOrder", self.get, [("OrderId", T.String, -1)], [
            ("State", T.String, -1), ("Reference", T.String, -1), ("Technician", T.String, -1), ("LabourHours", T.Double, -1),
            ("PartCodes", T.String, 1), ("PartQuantities", T.Double, 1), ("Cause", T.String, -1), ("Notes", T.String, -1),
            ("ClosedAt", T.DateTime, -1)])
        await self.method(mes, "ListOrders", self.list, [], [("OrderIds", T.String, 1), ("States", T.String, 1)])
        await self.method(mes, "CancelOrder", self.cancel, [("OrderId", T.String, -1), ("Reason", T.String, -1)], [("Result", T.Int32, -1)])
        await self.method(mes, "MoveOrder", self.move, [("OrderId", T.String, -1), ("Planned", T.String, -1)], [("Result", T.Int32, -1)])

    async def create(self, *values):
        facts = dict(zip(self.names, values))
        facts["Text"] = facts["Text"].Text

        async def do():
            if facts["Asset"].startswith("GHOST"):
                return [ua.Variant("", T.String), ua.Variant(0, T.UInt32), ua.Variant(7, T.Int32)]
            ident = self.add(facts)
            return [ua.Variant(ident, T.String), ua.Variant(int(ident[4:]), T.UInt32), ua.Variant(0, T.Int32)]
        return await self.effect(do)

    async def find(self, reference):
        return [ua.Variant(self.of(reference), T.String, is_array=True)]

    async def get(self, ident):
        order = self.orders.get(ident, {})
        state = order.get("State", "")
        return [
            ua.Variant(state, T.String), ua.Variant(order.get("Reference", ""), T.String),
            ua.Variant(order.get("Technician", ""), T.String), ua.Variant(order.get("LabourHours", 0.0), T.Double),
            ua.Variant(order.get("PartCodes", []), T.String, is_array=True),
            ua.Variant(order.get("PartQuantities", []), T.Double, is_array=True),
            ua.Variant(order.get("Cause", ""), T.String), ua.Variant(order.get("Notes", ""), T.String),
            ua.Variant(order.get("ClosedAt") or datetime.datetime(1601, 1, 1), T.DateTime)]

    async def list(self):
        return [
            ua.Variant(list(self.orders), T.String, is_array=True),
            ua.Variant([order["State"] for order in self.orders.values()], T.String, is_array=True)]

    async def cancel(self, ident, reason):
        order = self.orders.get(ident)
        if order is None or order["State"] != "NEW":
            return [ua.Variant(3, T.Int32)]
        order["State"] = "CANCELLED"
        return [ua.Variant(0, T.Int32)]

    async def move(self, ident, planned):
        async def do():
            order = self.orders.get(ident)
            if order is None:
                return ua.StatusCode(ua.StatusCodes.BadNotFound)
            order["Facts"]["Planned"] = planned
            return [ua.Variant(0, T.Int32)]
        return await self.effect(do)


class Handshake(Orders):
    FIELDS = [("Reference", T.String), ("Title", T.String), ("Asset", T.String), ("Priority", T.Int16), ("Severity", T.Float), ("Text", T.String)]

    async def build(self):
        self.own = await self.server.register_namespace(URI)
        self.plc = await self.server.nodes.objects.add_object(self.id("PLC"), ua.QualifiedName("PLC", self.own))
        self.kind = T.Boolean if self.settings.get("boolean") else T.UInt32
        zero = False if self.kind == T.Boolean else 4294967294
        self.variables = {}
        for name, kind, value in [
            *[(name, kind, "" if kind == T.String else 0) for name, kind in self.FIELDS], ("Trigger", self.kind, zero),
        ]:
            await self.variable(name, kind, value)
            await self.variables[name].set_writable()
        for name, kind, value in [
            ("Acknowledge", self.kind, zero), ("OrderId", T.String, ""), ("LastReference", T.String, ""), ("Result", T.Int32, 0)]:
            await self.variable(name, kind, value)
        for name, value in [("Lot.CAM-01", "L-0815"), ("Lot.CAM-02", "")]:
            await self.variable(name, T.String, value)
        for name in ["OrderIds", "OrderReferences", "OrderStates"]:
            self.variables[name] = await self.plc.add_variable(
                self.id(name), ua.QualifiedName(name, self.own), ua.Variant([], T.String, is_array=True), datatype=ua.NodeId(12))
        self.server.subscribe_server_callback(CallbackType.PostWrite, self.written)
        self.closed = set()

    def id(self, name):
        return ua.NodeId(name, self.own)

    async def variable(self, name, kind, value):
        value = float(value) if kind == T.Float else value
        self.variables[name] = await self.plc.add_variable(self.id(name), ua.QualifiedName(name, self.own), ua.Variant(value, kind))

    async def value(self, name):
        return await self.variables[name].read_value()

    async def set(self, name, value, kind):
        await self.variables[name].write_value(ua.Variant(value, kind))

    async def written(self, event, dispatcher):
        """What the program of the PLC does in its next cycle."""
        if not event.is_external:
            return
        for item, result in zip(event.request_params.NodesToWrite, event.response_params):
            if item.NodeId != self.id("Trigger") or not result.is_good():
                continue
            trigger = item.Value.Value.Value
            kind = self.faults.pop(0) if self.faults else None
            if kind == "dropBefore":
                # The write is undone: it never came.
                await self.set("Trigger", await self.value("Acknowledge"), self.kind)
                self.cut()
                return
            if self.settings.get("late"):
                asyncio.get_running_loop().call_later(
                    self.settings["late"], lambda: asyncio.ensure_future(self.take(trigger)))
            else:
                await self.take(trigger)
            if kind == "dropAfter":
                self.cut()

    async def take(self, trigger):
        if self.kind == T.Boolean and not trigger:
            await self.set("Acknowledge", False, T.Boolean)
            return
        if await self.value("Acknowledge") == trigger:
            return
        facts = {name: await self.value(name) for name, _ in self.FIELDS}
        refused = facts["Asset"].startswith("GHOST")
        ident = "" if refused else self.add(facts)
        await self.set("OrderId", ident, T.String)
        await self.set("LastReference", facts["Reference"], T.String)
        await self.set("Result", 7 if refused else 0, T.Int32)
        await self.changed()
        await self.set("Acknowledge", trigger, self.kind)

    async def changed(self):
        lists = {
            "OrderIds": list(self.orders), "OrderReferences": [order["Reference"] for order in self.orders.values()],
            "OrderStates": [order["State"] for order in self.orders.values()]}
        for name, values in lists.items():
            await self.variables[name].write_value(ua.DataValue(ua.Variant(values, T.String, is_array=True)))
        for ident, order in self.orders.items():
            if order["State"] == "CLOSED" and ident not in self.closed:
                self.closed.add(ident)
                for name, kind, value in [
                    ("Technician", T.String, order["Technician"]), ("LabourHours", T.Double, order["LabourHours"]),
                    ("Cause", T.String, order["Cause"]), ("Notes", T.String, order["Notes"]), ("ClosedAt", T.DateTime, order["ClosedAt"])]:
                    await self.plc.add_variable(
                        self.id(f"Orders.{ident}.{name}"), ua.QualifiedName(f"{ident}.{name}", self.own), ua.Variant(value, kind))
                for name, kind in [("PartCodes", T.String), ("PartQuantities", T.Double)]:
                    await self.plc.add_variable(
                        self.id(f"Orders.{ident}.{name}"), ua.QualifiedName(f"{ident}.{name}", self.own),
                        ua.Variant(order[name], kind, is_array=True))
