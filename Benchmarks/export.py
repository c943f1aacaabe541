#!/usr/bin/env python3
"""Compliance packages of many orders, and orders found again among many, on the real server with its own rows.

    Benchmarks/export.py [--andon PROGRAM] [--orders 1000 10000] [--search 100000] [--indexes 20000]

Each order is raised by a report with a picture of its own, acknowledged and closed by the desk. Printed: the time of an
export, the server's resident memory before, at its highest and how it grew with the records, the size, and beside it in the
same run the time that sha256sum takes for the same bytes. Then searches over HTTP among orders that are copies of
one order's rows: the middle and the slowest of 50 each.
At last what the indexes of searches and recalls cost when reports come in: the server's processor time for each report, with
and without them in turn.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
SENDERS = 8
CONFIGURATION = """plant:
  name: Benchmark
  timeZone: UTC
  defaultConnector: desk
rules:
  unmapped: { minConfidence: 0 }
connectors:
  desk: { type: desk, attachments: [] }
"""


class Server:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        pathlib.Path(folder, "andon.yaml").write_text(CONFIGURATION)

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.program, "serve", "--config", f"{self.folder}/andon.yaml", "--data", f"{self.folder}/data", "--port", str(settings.port), "--access", "open"],
            stdout=subprocess.DEVNULL, env={**os.environ, "ANDON_LOG": "critical"})
        while True:
            try:
                if self.get("/readyz")[0] == 200:
                    return self
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit("the server did not start")
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", settings.port, timeout=120)

    def get(self, path, connection=None):
        connection = connection or self.connection()
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def json(self, path):
        return json.loads(self.get(path)[1])

    def processor(self):
        """Seconds of the processor so far."""
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, key="VmRSS"):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(key):
                return int(line.split()[1]) / 1024


def in_parallel(count, body):
    """body(number, connection) for each number."""
    numbers, lock = iter(range(count)), threading.Lock()

    def work(connection):
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            body(number, connection)
    threads = [threading.Thread(target=work, args=(server.connection(),)) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(number):
    return {"id": f"b-{number}", "detectedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "camera": f"CAM-{number % 40}",
            "asset": f"M-{number // 20}", "lot": f"L-{number // 50}",
            "defects": [{"class": f"c{number % 20}", "confidence": 0.9, "severity": 0.8,
                         "box": {"x": 20, "y": 20, "width": 60, "height": 40}}]}


def send(number, connection, picture):
    body = json.dumps(report(number)).encode()
    kind = "application/json"
    if picture:
        # A comment segment of its own makes each picture another one.
        own = picture[:2] + b"\xff\xfe\x00\x12" + b"%016d" % number + picture[2:]
        kind = "multipart/form-data; boundary=b"
        body = (b"--b\r\nContent-Disposition: form-data; name=\"inspection\"\r\nContent-Type: application/json\r\n\r\n" + body
                + b"\r\n--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p.jpg\"\r\n"
                + b"Content-Type: image/jpeg\r\n\r\n" + own + b"\r\n--b--\r\n")
    connection.request("POST", "/api/v1/inspections", body, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 202, text
    return json.loads(text)["detections"][0]["order"]


def wait(condition):
    while not condition():
        time.sleep(0.2)


def fill(count, picture, closes):
    references = [None] * count

    def raised(number, connection):
        references[number] = send(number, connection, picture)
    start = time.time()
    in_parallel(count, raised)
    taken = time.time() - start
    assert len(set(references)) == count, "each report should raise an order"
    wait(lambda: server.json("/api/v1/reconciliation")["queued"] == 0)
    if closes:
        form = "person=K.+Sommer&hours=1.5&cause=WEAR&notes=Die+changed&verdict=confirmed"

        def close(number, connection):
            connection.request("POST", f"/desk/{references[number]}/close", form,
                               {"Content-Type": "application/x-www-form-urlencoded"})
            connection.getresponse().read()
        in_parallel(count, close)
        wait(lambda: server.json(f"/api/v1/orders/{references[-1]}")["order"]["state"] == "closed")
    return references, taken


def export(out, *options):
    """Seconds, and the server's highest resident memory meanwhile, by quarters of the time."""
    samples, done = [], threading.Event()

    def watch():
        while not done.wait(0.1):
            samples.append(server.memory())
    thread = threading.Thread(target=watch)
    before, start = server.memory(), time.time()
    thread.start()
    subprocess.run([server.program, "export", "--standard", "iso-9001", "--from", "2020-01-01", "--to", "2100-01-01",
                    "--out", out, "--server", f"http://127.0.0.1:{settings.port}", *options], check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - start
    done.set()
    thread.join()
    quarter = max(1, len(samples) // 4)
    quarters = [max(samples[place:place + quarter] or [0]) for place in range(0, 4 * quarter, quarter)]
    return seconds, before, quarters


def measure_export(count, folder, options=()):
    out = f"{folder}/package.zip"
    seconds, before, quarters = export(out, *options)
    size = os.path.getsize(out)
    start = time.time()
    subprocess.run(["sha256sum", out], check=True, stdout=subprocess.DEVNULL)
    hashing = time.time() - start
    key = server.json("/api/v1/ledger/keys")["keys"][-1]["key"]
    start = time.time()
    verified = subprocess.run(["/usr/bin/time", "-f", "%M", server.program, "ledger", "verify-bundle", out, "--key", key],
                              capture_output=True, text=True)
    checking = time.time() - start
    assert verified.returncode == 0, verified.stdout
    print(f"{count} orders{' ' + ' '.join(options) if options else ''}: {seconds:.1f} s ({1000 * seconds / count:.1f} ms an order), "
          f"{size / 1e6:.0f} MB; server {before:.0f} MiB before, by quarters of the time at most "
          + ", ".join(f"{each:.0f}" for each in quarters) + " MiB; sha256sum of the archive "
          f"{hashing:.1f} s; verify-bundle {checking:.1f} s, {int(verified.stderr.split()[-1]) / 1024:.0f} MiB", flush=True)
    os.remove(out)


def copy_rows(database, table, condition, count, changes):
    """Rows after the one that is there, each column as it is but for the changes, SQL of the row's number n."""
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(f"{changes[name]} AS {name}" if name in changes else name for name in columns)
    database.execute(f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
                     f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, numbers WHERE {condition}")


def multiply(folder, count):
    """One order's rows become many, a minute apart: reports, detections, orders."""
    with sqlite3.connect(f"{folder}/data/andon.sqlite") as database:
        (first,) = database.execute("SELECT reference FROM work_order").fetchone()
        (inspection,) = database.execute("SELECT seq FROM inspection").fetchone()
        own = "printf('B%09d', n)"
        earlier = {name: f"{name} - n * 60000000" for name in ("received_at", "detected_at", "raised_at")}
        named = {"asset": "'M-' || (n / 20)", "class": "'c' || (n % 20)", "reference": own, **earlier}
        copy_rows(database, "inspection", f"seq = {inspection}", count,
                  {"seq": f"{inspection} + n", "id": "'b-' || n", "camera": "'CAM-' || (n % 40)", "lot": "'L-' || (n / 50)",
                   "asset": "'M-' || (n / 20)", **earlier})
        copy_rows(database, "detection", f"inspection_seq = {inspection}", count, {"inspection_seq": f"{inspection} + n", **named})
        copy_rows(database, "work_order", f"reference = '{first}'", count,
                  {"seq": "seq + n", "inspection_id": "'b-' || n", "remote_id": "'R-' || n", "remote_number": "'WO-' || n",
                   "document": f"json_set(document, '$.reference', {own})", **named})
    return [None] + [f"B{number:09d}" for number in range(1, count + 1)]


def search(references, count):
    connection, chosen = server.connection(), random.Random(1)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400 * 30))

    def one():
        return chosen.randrange(1, count)
    quote = urllib.parse.quote
    questions = {
        "reference": lambda: f"/api/v1/orders/{references[one()]}",
        "detection's id": lambda: f"/api/v1/detections/{quote(f'b-{one()}#0', safe='')}",
        "number in the CMMS": lambda: f"/api/v1/orders?number=WO-{one()}",
        "id in the CMMS": lambda: f"/api/v1/orders?number=R-{one()}",
        "lot": lambda: f"/api/v1/orders?lot=L-{one() // 50}",
        "asset": lambda: f"/api/v1/orders?asset=M-{one() // 20}",
        "class": lambda: f"/api/v1/orders?class=c{one() % 20}",
        "day": lambda: f"/api/v1/orders?from={day}",
        "before a day": lambda: f"/api/v1/orders?to={day}",
        "asset, class and day": lambda: f"/api/v1/orders?asset=M-{one() // 20}&class=c{one() % 20}&from={day}",
        "all, 1000": lambda: "/api/v1/orders?limit=1000",
    }
    for name, ask in questions.items():
        times = []
        for _ in range(50):
            path, start = ask(), time.time()
            status, _ = server.get(path, connection)
            times.append(1000 * (time.time() - start))
            assert status == 200, path
        print(f"{name}: {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms", flush=True)


INDEXES = ["inspection_asset", "inspection_camera", "work_order_class", "work_order_number", "work_order_there"]


def cost(count, drops):
    """Milliseconds of the processor for a report that raises an order, until the desk has them all; and reports a second."""
    global server
    place = tempfile.mkdtemp(prefix="andon-indexes-")
    try:
        with Server(settings.andon, place) as server:
            pass
        if drops:
            with sqlite3.connect(f"{place}/data/andon.sqlite") as database:
                for name in INDEXES:
                    database.execute(f"DROP INDEX {name}")
        with Server(settings.andon, place) as server:
            before = server.processor()
            _, seconds = fill(count, None, closes=False)
            return 1000 * (server.processor() - before) / count, count / seconds
    finally:
        shutil.rmtree(place)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--andon", default=str(ROOT / ".build/release/andon"))
parser.add_argument("--orders", type=int, nargs="*", default=[1000, 10_000])
parser.add_argument("--search", type=int, default=100_000)
parser.add_argument("--indexes", type=int, default=20_000)
parser.add_argument("--port", type=int, default=18193)
settings = parser.parse_args()
sample = (ROOT / "Sources/AndonServer/Samples/scratch.jpg").read_bytes()
for count in settings.orders:
    place = tempfile.mkdtemp(prefix="andon-export-")
    try:
        with Server(settings.andon, place) as server:
            fill(count, sample, closes=True)
        with Server(settings.andon, place) as server:
            measure_export(count, place, ["--no-annotated"])
            if count <= 1000:
                measure_export(count, place)
                measure_export(count, place)
    finally:
        shutil.rmtree(place)
if settings.search:
    place = tempfile.mkdtemp(prefix="andon-search-")
    try:
        with Server(settings.andon, place) as server:
            fill(1, None, closes=False)
        found = multiply(place, settings.search)
        with Server(settings.andon, place) as server:
            print(f"searches among {settings.search} orders", flush=True)
            search(found, settings.search)
    finally:
        shutil.rmtree(place)
if settings.indexes:
    rounds = [(cost(settings.indexes, False), cost(settings.indexes, True)) for _ in range(3)]
    for words, place in (("with", 0), ("without", 1)):
        milliseconds, rates = zip(*(each[place] for each in rounds))
        print(f"{words} {len(INDEXES)} indexes: {statistics.median(milliseconds):.3f} ms of the processor for a report and its order, "
              f"{statistics.median(rates):.0f} reports a second (middle of {len(rounds)})")
