"""Reports of 1 MB pictures at a steady rate, in the words of edge stacks, and how late each is accepted.

    edge.py PORT RATE SECONDS POOL JPEG [PID DATA]

Each of four senders' forms makes a quarter: Andon's own report, DeepStream's full payload and a webhook's JSON as multipart with
the picture, Roboflow's event writer with the picture in base64. The picture is JPEG, filled up with comments to 1,000,000 bytes;
POOL of them differ, and then they come again. Latencies are from the moment when a request should leave to its answer, over
connections that stay. With PID and DATA it is held against the server's own sums; without, the port is an echo.
"""
import base64
import json
import os
import socket
import sys
import time
import urllib.request

from pace import Pace, figures

port, rate, seconds, pool = map(int, sys.argv[1:5])
jpeg = open(sys.argv[5], "rb").read()
pid, data = (sys.argv[6], sys.argv[7]) if len(sys.argv) > 7 else (None, None)
size = 1_000_000
forms = ("report", "deepstream", "webhook", "roboflow")
# As curl makes them.
BOUNDARY = b"------------------------d74496d66958873e"


def picture():
    """What stands before a picture's number, and what behind its eleven digits."""
    # A comment of 14 bytes: "no-" and the number.
    front = jpeg[:2] + b"\xff\xfe" + (2 + 14).to_bytes(2, "big") + b"no-"
    left = size - len(front) - 11 - len(jpeg[2:])
    count = -(-left // 60_000)
    filling = b""
    for index in range(count):
        length = left // count + (1 if index < left % count else 0)
        filling += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + os.urandom(length - 4)
    return front, filling + jpeg[2:]


FRONT, REST = picture()
# Nine bytes, eleven digits and one more are a multiple of three: what is behind them is encoded once.
SEAM, REST64 = REST[:1], base64.b64encode(REST[1:])
REST = memoryview(REST)[1:]
assert len(FRONT) + 11 + len(SEAM) + len(REST) == size and (len(FRONT) + 11 + len(SEAM)) % 3 == 0


def stamp():
    t = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t)) + ".%06dZ" % (t % 1 * 1e6)


def request(number):
    """A request's pieces: nothing of a megabyte is copied."""
    form = forms[number % 4]
    front = FRONT + b"%011d" % (number % pool) + SEAM
    place = number // 4 % 50 + 1
    if form == "roboflow":
        head = {"inference_timestamp": stamp(), "event_schema": "quality_check",
                "event_data": {"result": "fail", "externalId": f"U-{number}"}, "displayImagePosition": 0,
                "custom_metadata": {"camera": f"CAM-{place}"}}
        image = {"objectDetections": [{"class": "dent", "x": 500, "y": 300, "width": 60, "height": 44,
                                       "confidence": 0.91}]}
        text = json.dumps(head)[:-1] + ', "images": [' + json.dumps(image)[:-1] + ', "inputBase64Image": "'
        pieces = [text.encode(), base64.b64encode(front), REST64, b'"}]}']
        path, kind = "/api/v1/sources/roboflow/v2/events", b"application/json"
    else:
        if form == "report":
            body = {"id": f"edge-{number}", "detectedAt": stamp(), "camera": f"CAM-{place}",
                    "defects": [{"class": "scratch", "confidence": 0.93,
                                 "box": {"x": 10, "y": 20, "width": 60, "height": 44}}]}
            path, name = "/api/v1/inspections", b"inspection"
        elif form == "deepstream":
            body = {"messageid": f"m-{number}", "mdsversion": "1.0", "@timestamp": stamp(),
                    "sensor": {"id": f"CAM-{place}", "type": "Camera"}, "analyticsModule": {"id": "surface", "version": "1"},
                    "object": {"id": str(number), "speed": 0, "scratch": {"depth": "deep", "confidence": 0.9},
                               "bbox": {"topleftx": 10, "toplefty": 20, "bottomrightx": 70, "bottomrighty": 64}},
                    "event": {"id": "e", "type": "moving"}, "videoPath": ""}
            path, name = "/api/v1/sources/deepstream/events", b"event"
        else:
            body = {"nr": number, "t": int(time.time() * 1000), "cam": f"CAM-{place}", "what": "chip", "sure": 88,
                    "box": [10, 20, 60, 44]}
            path, name = "/api/v1/sources/webhook/events", b"event"
        pieces = [b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="' + name
                  + b'"\r\nContent-Type: application/json\r\n\r\n' + json.dumps(body).encode() + b"\r\n--" + BOUNDARY
                  + b'\r\nContent-Disposition: form-data; name="picture"; filename="p.jpg"\r\n'
                  b"Content-Type: image/jpeg\r\n\r\n", front, REST, b"\r\n--" + BOUNDARY + b"--\r\n"]
        kind = b"multipart/form-data; boundary=" + BOUNDARY
    length = sum(len(piece) for piece in pieces)
    head = (b"POST " + path.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Type: " + kind
            + b"\r\nContent-Length: %d\r\n\r\n" % length)
    return form, [head] + pieces


def send(connection, pieces):
    pieces = [memoryview(piece).cast("B") for piece in pieces]
    while pieces:
        sent = connection.sendmsg(pieces)
        while pieces and sent >= len(pieces[0]):
            sent -= len(pieces[0])
            pieces.pop(0)
        if pieces and sent:
            pieces[0] = pieces[0][sent:]


def answer(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(65536)
        assert piece, "the connection was closed"
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15:].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head[9:12]), body


pace = Pace(rate, seconds, threads=48)
late = {form: [] for form in forms}
faults, lag = [], []


def sender():
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def piece(number, due):
        form, pieces = request(number)
        left = time.monotonic()
        send(connection, pieces)
        status, body = answer(connection)
        end = time.monotonic()
        with pace.lock:
            late[form].append((end - due) * 1e3)
            lag.append((left - due) * 1e3)
            if status not in (201, 202):
                faults.append((status, body[:300]))

    return piece


def cpu(of):
    fields = open(f"/proc/{of}/stat").read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


before = cpu(pid) if pid else 0
own = time.process_time()
took = pace.run(sender)
print(f"{'andon' if pid else 'echo'}: {len(pace.late)} of {pace.total} answered in {took:.1f} s, {len(pace.late) / took:.0f} a second, "
      f"{len(pace.late) * size / took / 1e6:.0f} MB a second; {figures(pace.late)}; {len(faults)} faults; left late: {figures(lag)}; "
      f"the generator's CPU {(time.process_time() - own) / took:.2f} cores")
print(f"  seconds in which something took over 100 ms: {len(pace.slow)} of {seconds}: {sorted(pace.slow)[:60]}")
for fault in faults[:3]:
    print("fault", fault)
if pid:
    for form in forms:
        print(f"  {form}: {len(late[form])}, {figures(late[form])}")
    peak = next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM"))
    print(f"server: {int(peak) / 1024:.0f} MiB at most, CPU {(cpu(pid) - before) / took:.2f} cores")
    get = lambda path: json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120))
    sums = get("/api/v1/reconciliation")
    # Webhook and DeepStream reports of a second run would be known.
    sources = {source["name"]: source["received"] for source in get("/api/v1/sources")["sources"]}
    kept = sum(len(files) for _, _, files in os.walk(os.path.join(data, "pictures")))
    print("sums:", json.dumps(sums), "sources:", json.dumps(sources), "pictures kept:", kept)
