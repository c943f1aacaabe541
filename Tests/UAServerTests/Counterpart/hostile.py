"""Sends a server what no client should, over TCP, and prints a line of JSON for each case: what came back.

  hostile.py HOST PORT        bytes are made with asyncua's encoder; the server takes None and anonymous
"""
import json
import socket
import struct
import sys
from datetime import datetime, timezone

from asyncua import ua
from asyncua.ua.ua_binary import nodeid_from_binary, nodeid_to_binary, struct_from_binary, struct_to_binary
from asyncua.common.utils import Buffer

HOST, PORT = sys.argv[1], int(sys.argv[2])
NONE = b"http://opcfoundation.org/UA/SecurityPolicy#None"


def text(value):
    return struct.pack("<i", -1) if value is None else struct.pack("<i", len(value)) + value


def frame(kind, body):
    return kind + struct.pack("<I", 8 + len(body)) + body


def hello(url=b"opc.tcp://h:4840", buffers=65535, version=0, messages=0, chunks=0):
    return frame(b"HELF", struct.pack("<IIIII", version, buffers, buffers, messages, chunks) + text(url))


class Peer:
    """A client that may do anything."""

    def __init__(self):
        self.socket = socket.create_connection((HOST, PORT), timeout=20)
        self.sequence, self.request, self.channel, self.token = 0, 0, 0, 0
        self.authentication = ua.NodeId()
        self.input = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def frame(self):
        """The next frame; None when the connection is over, "silence" when nothing comes."""
        while len(self.input) < 8 or len(self.input) < struct.unpack("<I", self.input[4:8])[0]:
            try:
                data = self.socket.recv(1 << 20)
            except socket.timeout:
                return "silence"
            except OSError:
                return None
            if not data:
                return None
            self.input += data
        size = struct.unpack("<I", self.input[4:8])[0]
        one, self.input = self.input[:size], self.input[size:]
        return one

    def sequence_header(self):
        self.sequence += 1
        self.request += 1
        return struct.pack("<II", self.sequence, self.request)

    def open(self, policy=NONE, certificate=None, thumbprint=None, kind=0, mode=1, channel=None, lifetime=600000):
        request = ua.OpenSecureChannelRequest()
        request.Parameters.RequestType = ua.SecurityTokenRequestType(kind)
        request.Parameters.SecurityMode = ua.MessageSecurityMode(mode)
        request.Parameters.RequestedLifetime = lifetime
        body = struct_to_binary(request)
        head = struct.pack("<I", self.channel if channel is None else channel) + text(policy) + text(certificate) + text(thumbprint)
        self.send(frame(b"OPNF", head + self.sequence_header() + body))
        answer = self.frame()
        if isinstance(answer, bytes) and answer[:3] == b"OPN":
            skip = 12 + 4 + len(NONE) + 4 + 4 + 8
            buffer = Buffer(answer[skip:])
            response = struct_from_binary(ua.OpenSecureChannelResponse, buffer)
            self.channel = response.Parameters.SecurityToken.ChannelId
            self.token = response.Parameters.SecurityToken.TokenId
        return answer

    def chunk(self, body, kind=b"F", channel=None, token=None, header=None):
        head = struct.pack("<II", self.channel if channel is None else channel, self.token if token is None else token)
        self.send(frame(b"MSG" + kind, head + (header or self.sequence_header()) + body))

    def ask(self, request, authentication=None):
        request.RequestHeader.AuthenticationToken = self.authentication if authentication is None else authentication
        request.RequestHeader.Timestamp = datetime.now(timezone.utc)
        self.chunk(struct_to_binary(request))
        return self.answer()

    def answer(self):
        body = b""
        while True:
            one = self.frame()
            if not isinstance(one, bytes) or one[:3] != b"MSG":
                return one
            body += one[24:]
            if one[3:4] == b"F":
                return body

    def session(self):
        self.send(hello())
        self.frame()
        self.open()
        request = ua.CreateSessionRequest()
        request.Parameters.ClientNonce = bytes(32)
        request.Parameters.RequestedSessionTimeout = 60000
        request.Parameters.EndpointUrl = "opc.tcp://h:4840"
        request.Parameters.ClientDescription.ApplicationUri = "urn:hostile"
        buffer = Buffer(self.ask(request))
        self.authentication = struct_from_binary(ua.CreateSessionResponse, buffer).Parameters.AuthenticationToken
        self.ask(ua.ActivateSessionRequest())
        return self


def say(answer):
    """What came: the name of an ERR's or fault's status, the name of a response, closed or silence."""
    if answer is None:
        return "closed"
    if answer == "silence":
        return "silence"
    if answer[:4] == b"ERRF":
        return "ERR " + ua.StatusCode(struct.unpack("<I", answer[8:12])[0]).name
    if answer[:3] in (b"ACK", b"OPN"):
        return answer[:3].decode()
    buffer = Buffer(answer)
    kind = nodeid_from_binary(buffer)
    header = struct_from_binary(ua.ResponseHeader, buffer)
    if kind.Identifier == 397:
        return "fault " + header.ServiceResult.name
    return "answer " + header.ServiceResult.name


def raw(data):
    def run():
        peer = Peer()
        peer.send(data)
        return peer.frame()
    return run


def after_hello(act):
    def run():
        peer = Peer()
        peer.send(hello())
        peer.frame()
        return act(peer)
    return run


def after_open(act):
    def run():
        peer = Peer()
        peer.send(hello())
        peer.frame()
        peer.open()
        return act(peer)
    return run


def in_session(act):
    return lambda: act(Peer().session())


def read_request(variant):
    """A Read with a body of bytes in its additional header."""
    request = nodeid_to_binary(ua.NodeId(631)) + nodeid_to_binary(ua.NodeId()) + struct.pack("<qII", 0, 1, 0) + text(None)
    return request + struct.pack("<I", 0) + variant


def nested(depth):
    """An ExtensionObject of the additional header that holds LiteralOperands in one another."""
    body = b"\x06" + struct.pack("<i", 1)
    for _ in range(depth):
        inner = body
        body = b"\x98" + struct.pack("<i", 1) + inner
    return nodeid_to_binary(ua.NodeId(597)) + b"\x01" + struct.pack("<i", len(body)) + body


def flood(peer):
    for _ in range(2000):
        peer.sequence += 1
        peer.chunk(bytes(60000), b"C", header=struct.pack("<II", peer.sequence, 77))
    return peer.answer()


def same_request(peer):
    header = struct.pack("<II", peer.sequence + 1, 77)
    peer.chunk(bytes(100), b"C", header=header)
    return after(peer, struct.pack("<II", peer.sequence + 2, 78))


def after(peer, header):
    peer.chunk(bytes(100), b"F", header=header)
    return peer.answer()


def many_subscriptions(peer):
    last = None
    for _ in range(200):
        request = ua.CreateSubscriptionRequest()
        request.Parameters.RequestedPublishingInterval = 1000
        request.Parameters.RequestedLifetimeCount = 10000
        request.Parameters.RequestedMaxKeepAliveCount = 3000
        last = peer.ask(request)
    return last


def many_publishes(peer):
    request = ua.CreateSubscriptionRequest()
    request.Parameters.RequestedPublishingInterval = 1000
    request.Parameters.RequestedLifetimeCount = 10000
    request.Parameters.RequestedMaxKeepAliveCount = 3000
    peer.ask(request)
    for _ in range(300):
        request = ua.PublishRequest()
        request.RequestHeader.AuthenticationToken = peer.authentication
        peer.chunk(struct_to_binary(request))
    for _ in range(300):
        answer = peer.answer()
        if not isinstance(answer, bytes) or say(answer).startswith("fault"):
            break
    return answer


def self_referring(peer):
    buffer = Buffer(peer.ask(ua.CreateSubscriptionRequest()))
    subscription = struct_from_binary(ua.CreateSubscriptionResponse, buffer).Parameters.SubscriptionId
    element = ua.ContentFilterElement()
    element.FilterOperator = ua.FilterOperator.Not
    element.FilterOperands = [ua.ElementOperand(0)]
    clause = ua.SimpleAttributeOperand()
    clause.TypeDefinitionId, clause.BrowsePath, clause.AttributeId = ua.NodeId(2041), [ua.QualifiedName("Message")], ua.AttributeIds.Value
    item = ua.MonitoredItemCreateRequest()
    item.ItemToMonitor.NodeId, item.ItemToMonitor.AttributeId = ua.NodeId(2253), ua.AttributeIds.EventNotifier
    item.MonitoringMode = ua.MonitoringMode.Reporting
    item.RequestedParameters.Filter = ua.EventFilter([clause], ua.ContentFilter([element]))
    request = ua.CreateMonitoredItemsRequest()
    request.Parameters.SubscriptionId = subscription
    request.Parameters.ItemsToCreate = [item]
    buffer = Buffer(peer.ask(request))
    response = struct_from_binary(ua.CreateMonitoredItemsResponse, buffer)
    return "item " + ua.StatusCode(response.Results[0].StatusCode.value).name


def add_nodes(peer):
    return peer.ask(ua.AddNodesRequest())


def republish(peer):
    request = ua.RepublishRequest()
    request.Parameters.SubscriptionId = 4711
    return peer.ask(request)


def long_path(peer):
    path = ua.BrowsePath()
    path.StartingNode = ua.NodeId(84)
    element = ua.RelativePathElement()
    element.TargetName = ua.QualifiedName("Objects")
    path.RelativePath.Elements = [element] * 2000
    request = ua.TranslateBrowsePathsToNodeIdsRequest()
    request.Parameters.BrowsePaths = [path]
    return peer.ask(request)


def too_many_reads(peer):
    request = ua.ReadRequest()
    request.Parameters.NodesToRead = [ua.ReadValueId(ua.NodeId(2258), ua.AttributeIds.Value)] * 1500
    return peer.ask(request)


def unread(peer):
    """Asks for much and reads nothing; the connection has to stand still and not the server."""
    peer.socket.settimeout(3)
    request = ua.BrowseRequest()
    description = ua.BrowseDescription()
    description.NodeId, description.ReferenceTypeId, description.IncludeSubtypes = ua.NodeId(58), ua.NodeId(31), True
    description.BrowseDirection, description.ResultMask = ua.BrowseDirection.Both, 63
    request.Parameters.NodesToBrowse = [description] * 500
    request.RequestHeader.AuthenticationToken = peer.authentication
    data = struct_to_binary(request)
    for _ in range(200):
        peer.chunk(data)
    return "stood"


def array_of(count):
    return read_request(b"\x00\x00\x00" + struct.pack("<d", 0) + struct.pack("<I", 2) + struct.pack("<I", count))


CASES = {
    "nothing but noise": raw(b"GET / HTTP/1.1\r\n\r\n"),
    "a frame of size 0": raw(b"HELF" + struct.pack("<I", 0)),
    "a frame of size 7": raw(b"HELF" + struct.pack("<I", 7)),
    "a frame of 4 GB": raw(b"HELF" + struct.pack("<I", 0xFFFFFFFF)),
    "a hello of 64 KB": raw(b"HELF" + struct.pack("<I", 65535) + bytes(65527)),
    "a URL of 5000 bytes": raw(hello(b"opc.tcp://" + b"a" * 5000)),
    "a URL of negative length": raw(frame(b"HELF", struct.pack("<IIIIIi", 0, 65535, 65535, 0, 0, -7))),
    "a URL longer than the frame": raw(frame(b"HELF", struct.pack("<IIIIIi", 0, 65535, 65535, 0, 0, 4000))),
    "buffers of 0": raw(hello(buffers=0)),
    "a later version": raw(hello(version=7)),
    "a message before the hello": raw(frame(b"MSGF", bytes(16))),
    "an opening before the hello": raw(frame(b"OPNF", struct.pack("<I", 0) + text(NONE) + text(None) + text(None) + bytes(8))),
    "an acknowledge from a client": raw(frame(b"ACKF", bytes(20))),
    "an error from a client": raw(frame(b"ERRF", struct.pack("<I", 0) + text(b"x"))),
    "a second hello": after_hello(lambda peer: (peer.send(hello()), peer.frame())[1]),
    "a message before the channel": after_hello(lambda peer: (peer.chunk(bytes(20)), peer.frame())[1]),
    "an unknown policy": after_hello(lambda peer: peer.open(b"http://opcfoundation.org/UA/SecurityPolicy#Basic128Rsa15")),
    "a policy of 100 KB": after_hello(lambda peer: peer.open(b"x" * 60000)),
    "no certificate": after_hello(lambda peer: peer.open(b"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256")),
    "a certificate of noise": after_hello(lambda peer: peer.open(
        b"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256", bytes(900), bytes(20))),
    "a thumbprint of 3 bytes": after_hello(lambda peer: peer.open(
        b"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256", bytes(900), bytes(3))),
    "a mode that is none": after_hello(lambda peer: peer.open(mode=3)),
    "a renewal of nothing": after_hello(lambda peer: peer.open(kind=1)),
    "an opening for another channel": after_hello(lambda peer: peer.open(channel=99)),
    "an opening in two chunks": after_hello(lambda peer: (peer.send(frame(b"OPNC", bytes(40))), peer.frame())[1]),
    "a second issue": after_open(lambda peer: peer.open()),
    "another channel's number": after_open(lambda peer: (peer.chunk(bytes(20), channel=peer.channel + 1), peer.frame())[1]),
    "an unknown token": after_open(lambda peer: (peer.chunk(bytes(20), token=peer.token + 5), peer.frame())[1]),
    "a sequence number again": after_open(lambda peer: (peer.chunk(bytes(20), header=struct.pack("<II", 1, 9)), peer.frame())[1]),
    "a sequence number left out": after_open(lambda peer: (peer.chunk(bytes(20), header=struct.pack("<II", 9, 9)), peer.frame())[1]),
    "chunks without an end": after_open(flood),
    "chunks of two requests in one another": after_open(same_request),
    "a chunk shorter than its headers": after_open(lambda peer: (peer.send(frame(b"MSGF", struct.pack("<II", peer.channel, peer.token))), peer.frame())[1]),
    "a body of nothing": after_open(lambda peer: (peer.chunk(b""), peer.answer())[1]),
    "a body of noise": after_open(lambda peer: (peer.chunk(b"\xff" * 200), peer.answer())[1]),
    "a response from a client": after_open(lambda peer: (peer.chunk(struct_to_binary(ua.ReadResponse())), peer.answer())[1]),
    "an unknown service": after_open(lambda peer: (peer.chunk(nodeid_to_binary(ua.NodeId(99999)) + read_request(b"")[4:] + b"\0\0\0"), peer.answer())[1]),
    "a read without a session": after_open(lambda peer: peer.ask(ua.ReadRequest())),
    "a read with a token of one's own": in_session(lambda peer: peer.ask(ua.ReadRequest(), ua.NodeId(b"0123456789abcdef", 0, ua.NodeIdType.ByteString))),
    "a read of nothing": in_session(lambda peer: peer.ask(ua.ReadRequest())),
    "an array of 4 billion": in_session(lambda peer: (peer.chunk(array_of(0xFFFFFFF0 & 0x7FFFFFFF)), peer.answer())[1]),
    "variants 90 deep": in_session(lambda peer: (peer.chunk(read_request(nested(40)) + struct.pack("<dIi", 0, 2, 0)), peer.answer())[1]),
    "variants 5000 deep": in_session(lambda peer: (peer.chunk(read_request(nested(5000)) + struct.pack("<dIi", 0, 2, 0)), peer.answer())[1]),
    "1500 reads": in_session(too_many_reads),
    "a path of 2000 steps": in_session(long_path),
    "200 subscriptions": in_session(many_subscriptions),
    "300 publishes": in_session(many_publishes),
    "a publish without a subscription": in_session(lambda peer: peer.ask(ua.PublishRequest())),
    "a filter that refers to itself": in_session(self_referring),
    "nodes to be added": in_session(add_nodes),
    "a republish of nothing": in_session(republish),
    "answers that nobody reads": in_session(unread),
}


def main():
    for name, run in CASES.items():
        try:
            got = run()
        except Exception as error:
            got = f"failed: {type(error).__name__}: {error}"
        shown = got if isinstance(got, str) and got != "silence" else say(got)
        # Whoever knows how to behave is served as before.
        peer = Peer().session()
        request = ua.ReadRequest()
        request.Parameters.NodesToRead = [ua.ReadValueId(ua.NodeId(2258), ua.AttributeIds.Value)]
        well = say(peer.ask(request)) == "answer Good"
        peer.ask(ua.CloseSessionRequest())
        peer.socket.close()
        print("CASE " + json.dumps({"name": name, "got": shown, "well": well}), flush=True)


main()
