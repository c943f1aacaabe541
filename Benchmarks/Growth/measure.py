#!/usr/bin/env python3
"""A server on stores of different sizes, in turn: start, memory, reports with pictures at a steady rate, pages, and what it does by itself.

    measure.py ANDON CONFIGURATION STORE... [--rate N] [--seconds N] [--rounds N] [--starts N] [--idle N] [--statements LIBRARY]

STORE is a data folder, or `empty`. With `--statements` (the library of statements.c) it names the statements whose steps grow
from the first store to the last, and times nothing.
"""
import argparse
import glob
import http.client
import json
import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
BOUNDARY = "growth-boundary"
JPEG = open(os.path.join(ROOT, "Sources/AndonServer/Samples/porosity.jpg"), "rb").read()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def forget(folder):
    """Takes the store's files out of the memory of the system, so that a start is one after a boot."""
    for path in glob.glob(f"{folder}/andon.sqlite*"):
        with open(path, "rb") as file:
            os.fdatasync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Server:
    def __init__(self, program, configuration, folder, statements=None):
        self.port, self.folder, self.trace = free_port(), folder, f"{folder}.statements"
        environment = {**os.environ, "ANDON_LOG": "error"}
        if statements:
            environment |= {"LD_PRELOAD": os.path.abspath(statements), "STATEMENTS": self.trace}
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [program, "serve", "--config", configuration, "--data", folder, "--port", str(self.port), "--access", "open"],
            stdout=subprocess.DEVNULL, env=environment)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit("the server did not start")
            time.sleep(0.005)
        self.start = time.perf_counter() - started

    def status(self, key):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key))

    def processor(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        started = time.perf_counter()
        connection.request("GET", path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, body, (time.perf_counter() - started) * 1000

    def marked(self):
        """The statements since the last time: by their text, times, steps and scanned rows of each."""
        open(self.trace + ".mark", "w").close()
        while os.path.exists(self.trace + ".mark"):
            time.sleep(0.02)
        rows = {}
        with open(self.trace, encoding="utf-8", errors="replace") as file:
            for line in file:
                times, steps, scanned, micros, sql = line.rstrip("\n").split("\t", 4)
                rows[re.sub(r"\s+", " ", sql)] = (int(times), int(steps), int(scanned), int(micros))
        return rows

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def report(ident, number, stream):
    """One report in four calls for an order (of a stream that has none open), one in four is good, the others are recorded; all have
    a picture of their own."""
    kind = number % 4
    stream += number // 4
    asset = stream % 200
    defects = [] if kind == 0 else [{
        "class": f"class-{stream // 200 % 12}", "confidence": 0.9 if kind == 1 else 0.4, "severity": 0.6,
        "box": {"x": 100, "y": 80, "width": 60, "height": 44}}]
    event = json.dumps({
        "id": ident, "detectedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "camera": f"CAM-{asset // 5}",
        "asset": f"M-{asset}", "lot": "LOT-NOW", "defects": defects})
    note = ident.encode()
    picture = JPEG[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + JPEG[2:]
    return (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"inspection\"\r\nContent-Type: application/json\r\n\r\n"
            f"{event}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"d.jpg\"\r\n"
            "Content-Type: image/jpeg\r\n\r\n").encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def load(server, rate, seconds):
    """At a steady rate; latencies count from when each should leave."""
    todo, times = queue.Queue(), []
    run = f"{time.time_ns():x}"

    def sender():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while (item := todo.get()) is not None:
            number, due = item
            body = report(f"{run}-{number}", number, newest)
            time.sleep(max(0, due - time.perf_counter()))
            connection.request("POST", "/api/v1/inspections", body,
                               {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 202:
                raise SystemExit(f"a report was refused: {content[:300]!r}")
            times.append((time.perf_counter() - due) * 1000)

    before = server.processor()
    newest = order_seq(server.folder)
    start = time.perf_counter() + 0.2
    for number in range(rate * seconds):
        todo.put((number, start + number / rate))
    senders = [threading.Thread(target=sender) for _ in range(8)]
    for _ in senders:
        todo.put(None)
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    time.sleep(1)
    used = server.processor() - before
    with reading(server.folder) as db:
        orders = [row[0] / 1000 for row in db.execute(
            "SELECT acknowledged_at - raised_at FROM work_order WHERE seq > ? AND acknowledged_at IS NOT NULL", (newest,))]
    return times, orders, used / (rate * seconds) * 1000


def reading(folder):
    return sqlite3.connect(f"file:{folder}/andon.sqlite?mode=ro", uri=True)


def order_seq(folder):
    with reading(folder) as db:
        return db.execute("SELECT COALESCE(MAX(seq), 0) FROM work_order").fetchone()[0]


def pages(folder, skipped):
    with reading(folder) as db:
        first = db.execute("SELECT reference FROM work_order ORDER BY seq LIMIT 1").fetchone()[0]
        last = db.execute("SELECT reference FROM work_order ORDER BY seq DESC LIMIT 1").fetchone()[0]
        size = db.execute("SELECT MAX(idx) FROM ledger").fetchone()[0]
        chart = db.execute("SELECT chart, stratum FROM chart_stream ORDER BY points DESC LIMIT 1").fetchone()
    listed = [("/healthz", "/healthz"), ("/metrics", "/metrics"), ("/now", "/now"), ("/orders", "/orders"), ("/orders, all", "/orders?show=all"),
              ("/orders, an asset", "/orders?show=all&asset=M-7"), ("/orders, a lot", "/orders?show=all&lot=LOT-3"), ("/desk", "/desk"),
              ("the oldest order", f"/orders/{first}"), ("the newest order", f"/orders/{last}"), ("its record", f"/orders/{last}/record"),
              ("/charts", "/charts"), ("/map", "/map"), ("/connectors", "/connectors"), ("/audit", "/audit"),
              ("/audit, a kind", "/audit?kind=order.raised"), ("/audit, an order", f"/audit?subject={first}"),
              ("an entry of the ledger", f"/audit/entries/{size // 2}"), ("/find, a reference", f"/find?q={first}"),
              ("/find, a word", "/find?q=Machine"), ("/rules", "/rules"), ("/pictures", "/api/v1/pictures"),
              ("/reconciliation", "/api/v1/reconciliation")]
    if chart:
        listed.append(("a chart", f"/charts/{urllib.parse.quote(chart[0])}?stream={urllib.parse.quote(chart[1])}"))
    return [page for page in listed if page[0] not in skipped]


def name(folder, events):
    return "empty" if events < 100_000 else f"{events / 1e6:.0f} M"


def events(folder):
    with reading(folder) as db:
        return db.execute("SELECT COALESCE(MAX(seq), 0) FROM inspection").fetchone()[0]


def measure(wanted, folder):
    figures = {}
    colds, warms = [], []
    for _ in range(wanted.starts):
        forget(folder)
        server = Server(wanted.program, wanted.configuration, folder)
        colds.append(server.start)
        server.end()
        server = Server(wanted.program, wanted.configuration, folder)
        warms.append(server.start)
        server.end()
    figures["start, cold, s"], figures["start, s"] = statistics.median(colds), statistics.median(warms)
    server = Server(wanted.program, wanted.configuration, folder)
    try:
        time.sleep(2)
        figures["RSS after the start, MiB"] = server.status("VmRSS")
        before = server.processor()
        time.sleep(wanted.idle)
        figures["processor at rest, ms a second"] = (server.processor() - before) / wanted.idle * 1000
        times, orders, used = load(server, wanted.rate, wanted.seconds)
        figures["report -> 202, p50, ms"], figures["report -> 202, p99, ms"] = percentile(times, 0.5), percentile(times, 0.99)
        figures["accepted -> receipt, p50, ms"], figures["accepted -> receipt, p99, ms"] = percentile(orders, 0.5), percentile(orders, 0.99)
        figures["processor for a report, ms"] = used
        figures["RSS after the load, MiB"] = server.status("VmRSS")
        for label, path in pages(folder, wanted.skip):
            status, _, cold = server.get(path)
            if status != 200:
                print(f"  {label}: status {status}", flush=True)
            rounds = 3 if cold > 2000 else wanted.rounds
            figures[f"{label}, cold, ms"] = cold
            figures[f"{label}, ms"] = statistics.median(server.get(path)[2] for _ in range(rounds))
        figures["RSS after the pages, MiB"], figures["RSS at most, MiB"] = server.status("VmRSS"), server.status("VmHWM")
    finally:
        server.end()
    return figures


def compare(wanted, folders):
    """Steps of each statement of each part, beside those of the first store."""
    parts = {}
    for folder in folders:
        server = Server(wanted.program, wanted.configuration, folder, wanted.statements)
        print(f"{folder}: ready after in {server.start:.2f} s", file=sys.stderr, flush=True)
        try:
            time.sleep(5)
            parts.setdefault("the start", []).append(server.marked())
            time.sleep(wanted.idle)
            parts.setdefault("rest", []).append(server.marked())
            load(server, wanted.rate, wanted.seconds)
            parts.setdefault("reports", []).append(server.marked())
            for label, path in pages(folder, wanted.skip):
                print(f"{label}: {server.get(path)[2]:.0f} ms", file=sys.stderr, flush=True)
                parts.setdefault(label, []).append(server.marked())
        finally:
            server.end()
    for part, rows in parts.items():
        first, last = rows[0], rows[-1]
        for sql, (times, steps, scanned, micros) in sorted(last.items(), key=lambda item: -item[1][1]):
            each = steps / times
            was = first[sql][1] / first[sql][0] if sql in first else 0
            if each > 1000 and each > was * 1.5:
                print(f"{part}: {was:,.0f} -> {each:,.0f} steps, {scanned / times:,.0f} scanned, {micros / times / 1000:.2f} ms, {times} times: {sql[:400]}\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("configuration")
    parser.add_argument("stores", nargs="+")
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--idle", type=int, default=20)
    parser.add_argument("--skip", nargs="*", default=[], help="pages that are not asked for, by their names in the table")
    parser.add_argument("--statements")
    wanted = parser.parse_args()
    empty = tempfile.mkdtemp(prefix="andon-growth-", dir=os.environ.get("DATA"))
    folders = [os.path.join(empty, "data") if store == "empty" else store.rstrip("/") for store in wanted.stores]
    try:
        for folder in folders:
            if not os.path.exists(f"{folder}/andon.sqlite"):
                server = Server(wanted.program, wanted.configuration, folder)
                load(server, 20, 5)
                server.end()
        if wanted.statements:
            return compare(wanted, folders)
        names = [name(folder, events(folder)) for folder in folders]
        columns = [measure(wanted, folder) for folder in folders]
        print("| | " + " | ".join(names) + " |\n| --- |" + " --- |" * len(names))
        for key in columns[0]:
            print(f"| {key} | " + " | ".join(f"{column.get(key, float('nan')):.2f}" for column in columns) + " |")
        print(f"\nload {os.getloadavg()[0]:.1f}; {wanted.rate} reports a second for {wanted.seconds} s")
    finally:
        shutil.rmtree(empty, ignore_errors=True)


main()
