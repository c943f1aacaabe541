"""A strict OPC UA server that takes maintenance orders, for the connector's tests: ISA-95 Job Control version 2, plain
methods, or variables with a handshake. Built on asyncua, so that both sides are not ours.

Usage: standin.py '{"form": "jobControl", "port": 4840, "folder": "/tmp/x", ...}'. It makes its own certificate in the
folder, says `{"ready": true}` when it listens, answers one line of JSON on its output for each on its input, and ends
with its input. It can cut all connections after an order was taken and before the answer, or before anything was done.
"""

import gc

# Collecting takes a third of what the standard address space does, and this program lives for seconds.
gc.disable()
import asyncio
import datetime
import json
import logging
import pathlib
import sys

from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.crypto.truststore import TrustStore
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.server.user_managers import UserManager
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

URI = "urn:standin:mes"


class Users(UserManager):
    def __init__(self, settings):
        self.settings = settings

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if self.settings.get("person"):
            return User(role=UserRole.User) if certificate is not None and username is None else None
        if self.settings.get("user"):
            known = username == self.settings["user"] and password == self.settings["password"]
            return User(role=UserRole.User) if known else None
        return User(role=UserRole.User)


def make_certificate(folder):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(True, True, True, True, False, True, False, False, False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(URI), x509.DNSName("localhost")]), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "server.der").write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    (folder / "server.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


class StandIn:
    """What all forms share: faults, connections, arguments."""

    def __init__(self, server, settings):
        self.server = server
        self.settings = settings
        self.faults = []
        self.calls = []

    def cut(self):
        """Every connection ends at once, as though a cable was pulled."""
        for client in list(self.server.bserver.clients):
            if client.transport is not None:
                client.transport.abort()

    async def effect(self, do):
        """An order is taken, with the fault that was asked for. The result of `do`, or a status."""
        kind = self.faults.pop(0) if self.faults else None
        if kind == "dropBefore":
            self.cut()
            return ua.StatusCode(ua.StatusCodes.BadUnexpectedError)
        if kind is not None and kind.startswith("Bad"):
            return ua.StatusCode(getattr(ua.StatusCodes, kind))
        if kind == "hang":
            await asyncio.sleep(3600)
        result = await do()
        if kind == "dropAfter":
            self.cut()
        return result

    async def method(self, parent, name, function, inputs, outputs, ident=None):
        """Adds a method that looks at the number and the types of its arguments, as a strict server does."""
        index = parent.nodeid.NamespaceIndex

        async def checked(_parent, *given):
            self.calls.append(name)
            if len(given) < len(inputs):
                return ua.CallMethodResult(StatusCode=ua.StatusCode(ua.StatusCodes.BadArgumentsMissing))
            if len(given) > len(inputs):
                return ua.CallMethodResult(StatusCode=ua.StatusCode(ua.StatusCodes.BadTooManyArguments))
            results = [self.fits(value, spec) for value, spec in zip(given, inputs)]
            if any(not result.is_good() for result in results):
                return ua.CallMethodResult(
                    StatusCode=ua.StatusCode(ua.StatusCodes.BadInvalidArgument), InputArgumentResults=results)
            return await function(*[value.Value for value in given])

        return await parent.add_method(
            ident or ua.NodeId(f"{parent.nodeid.Identifier}.{name}", index), ua.QualifiedName(name, index), checked,
            [self.argument(*spec) for spec in inputs], [self.argument(*spec) for spec in outputs])

    @staticmethod
    def fits(value, spec):
        kind = spec[1] if isinstance(spec[1], ua.VariantType) else ua.VariantType.ExtensionObject
        is_array = isinstance(value.Value, list)
        good = value.VariantType == kind and is_array == (spec[2] == 1)
        if good and kind == ua.VariantType.ExtensionObject:
            values = value.Value if is_array else [value.Value]
            good = all(getattr(item, "data_type", None) == spec[1] for item in values)
        return ua.StatusCode(ua.StatusCodes.Good if good else ua.StatusCodes.BadTypeMismatch)

    @staticmethod
    def argument(name, kind, rank=-1):
        data_type = ua.NodeId(kind.value, 0) if isinstance(kind, ua.VariantType) else kind
        return ua.Argument(Name=name, DataType=data_type, ValueRank=rank)


async def make_server(settings):
    folder = pathlib.Path(settings["folder"])
    make_certificate(folder)
    server = Server(user_manager=Users(settings))
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{settings['port']}/mes")
    await server.set_application_uri(URI)
    none = settings.get("none", False)
    server.set_security_policy(
        [ua.SecurityPolicyType.NoSecurity] if none
        else [ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt, ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt])
    await server.load_certificate(str(folder / "server.der"))
    await server.load_private_key(str(folder / "server.pem"))
    server.set_identity_tokens([ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken])
    if not none:
        (folder / "trusted").mkdir(exist_ok=True)
        store = TrustStore([folder / "trusted"], [])
        await store.load()
        server.set_certificate_validator(
            CertificateValidator(CertificateValidatorOptions.EXT_VALIDATION | CertificateValidatorOptions.PEER_CLIENT, store))
    return server


async def control(stand_in):
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        request = json.loads(line)
        try:
            if request["op"] == "fault":
                stand_in.faults.append(request["kind"])
                answer = None
            elif request["op"] == "clear":
                stand_in.faults.clear()
                answer = None
            elif request["op"] == "cut":
                stand_in.cut()
                # Answered when the sockets are closed: asyncio does that in its next round.
                while stand_in.server.bserver.clients:
                    await asyncio.sleep(0)
                await asyncio.sleep(0.01)
                answer = None
            elif request["op"] == "calls":
                answer = stand_in.calls
            else:
                answer = await stand_in.control(request)
            print(json.dumps({"answer": answer}), flush=True)
        except Exception as error:
            print(json.dumps({"error": repr(error)}), flush=True)


async def main():
    logging.disable(logging.CRITICAL)
    settings = json.loads(sys.argv[1])
    server = await make_server(settings)
    if settings["form"] == "jobControl":
        from job_control import JobControl as Form
    else:
        from plain_orders import Methods, Handshake
        Form = Methods if settings["form"] == "method" else Handshake
    stand_in = Form(server, settings)
    await stand_in.build()
    async with server:
        print(json.dumps({"ready": True}), flush=True)
        await control(stand_in)


asyncio.run(main())
