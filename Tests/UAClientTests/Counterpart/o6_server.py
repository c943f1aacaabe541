"""A server for the client's tests: o6, which is open62541. Says its port when it is ready, ends with its input."""

import json
import logging
import sys

import o6
from o6.ns import machine_vision
from o6.ns.machine_vision.datatypes import PartIdDataType, ResultIdDataType
from o6.ns.ns0 import datatypes as ns0

logging.disable(logging.CRITICAL)


class Access(o6.AccessControl):
    def activateSession(self, endpoint, remoteCertificate, session, userIdentityToken):
        kind = type(userIdentityToken).__name__
        if "UserName" in kind:
            password = bytes(userIdentityToken.password)
            if str(userIdentityToken.userName) != "operator" or password != b"secret word":
                raise o6.StatusCodeError(0x801F0000)
        return kind


def main():
    settings = json.loads(sys.argv[1])
    access = Access(username=True)
    access.user_token_policies.append(
        ns0.UserTokenPolicy(policyId="certificate", tokenType=ns0.UserTokenType.CERTIFICATE))
    server = o6.Server(
        port=settings["port"], certificate=settings["certificate"], privateKey=settings["key"],
        trustList=settings["trusted"], applicationUri=settings.get("uri", "urn:test:server"),
        allowNonePolicyPassword=True, accessControl=access)
    server.ns.append(machine_vision)
    line = server.addObject("Line", server.objectsNode, nodeId="ns=1;s=Line")
    server.addVariable("Number", line, o6.Int32(7), nodeId="ns=1;s=Number", writable=True)
    server.addVariable("Text", line, "plain", nodeId="ns=1;s=Text", writable=True)
    server.addVariable("Counter", line, o6.Int32(0), nodeId="ns=1;s=Counter", writable=True)
    server.addVariable("Result", line, ResultIdDataType(id="r-1"), nodeId="ns=1;s=Result")
    server.addVariable("Part", line, PartIdDataType(id="p-1", description="left door"), nodeId="ns=1;s=Part")

    async def scale(node, factor, name):
        await server.createEvent(source=server.serverNode, message=str(name), severity=500)
        return o6.StatusCode(0), o6.Double(2 * float(factor))

    server.addMethod(
        "Scale", line, scale, nodeId=o6.NodeId("ns=1;s=Scale"),
        inputArgs=[ns0.Argument(name="Factor", dataType=o6.NodeId("i=11"), valueRank=-1),
                   ns0.Argument(name="Name", dataType=o6.NodeId("i=12"), valueRank=-1)],
        outputArgs=[ns0.Argument(name="Doubled", dataType=o6.NodeId("i=11"), valueRank=-1)])
    server.start()
    print("ready", settings["port"], flush=True)
    sys.stdin.read()
    server.stop()


main()
