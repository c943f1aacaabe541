#!/usr/bin/env python3
"""The pages of a plant with many orders: how long the server takes for each, and what a browser has to fetch for it.

Usage: Benchmarks/Web/page.py [--program PATH] [--orders NUMBER] [--folder FOLDER] [--rounds NUMBER]
    or Benchmarks/Web/page.py --data FOLDER --config FILE     with a store that is there already; give it a copy: it is written to

After `swift build -c release --product andon`: figures of a debug build say nothing. The store is made once for a number of orders
and kept in FOLDER; its rows are those of a real report, written many times through the tables' own triggers. One order in fifty is open.
The time is that from the request to the last byte on one connection that stays open; beside it /healthz, which does nothing, in the
same run. Bytes are those of the document and of its style sheets and scripts, as they are sent, without pictures.
"""
import argparse
import gzip
import http.client
import json
import math
import os
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MILLISECONDS, KILOBYTES = 100, 100
HOUR = 3_600_000_000
ASSETS = [f"A-{number:03}" for number in range(200)]
CLASSES = [f"class-{number}" for number in range(12)]


def configuration():
    zones = [f"    - {{ id: Z{number}, name: Zone {number} }}" for number in range(20)]
    assets = [f"    - {{ id: {name}, name: Machine {name}, criticality: B, location: L-1 }}" for name in ASSETS]
    cameras = [f"    - {{ id: C-{number}, asset: {ASSETS[number]}, zone: Z{number % 20} }}" for number in range(40)]
    return "\n".join(["plant:", "  name: Plant", "  assets:", *assets, "  zones:", *zones, "  cameras:", *cameras, ""])


class Server:
    def __init__(self, program, config, data):
        self.process = subprocess.Popen(
            [program, "serve", "--config", str(config), "--data", str(data), "--port", "0", "--access", "open"],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "ANDON_LOG": "error"})
        line = next((line for line in self.process.stdout if "http://" in line), None)
        if line is None:
            raise SystemExit("the program did not start")
        address = urllib.parse.urlsplit(line[line.index("http://"):].split()[0])
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)

    def ask(self, path, method="GET", body=None, headers=None):
        """Returns milliseconds, status, headers and body."""
        started = time.perf_counter()
        self.connection.request(method, path, body, headers or {"Accept": "text/html", "Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        content = answer.read()
        return (time.perf_counter() - started) * 1e3, answer.status, answer.headers, content

    def end(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()


def first(db, table):
    db.row_factory = sqlite3.Row
    row = dict(db.execute(f"SELECT * FROM {table} ORDER BY rowid LIMIT 1").fetchone())
    db.row_factory = None
    return row


def insert(db, table, row, changes):
    names = list(row)
    db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                   ([change.get(name, row[name]) for name in names] for change in changes))


def fill(program, config, data, orders):
    server = Server(program, config, data)
    report = {"id": "first", "detectedAt": "2026-11-01T06:00:00Z", "camera": "C-1", "asset": ASSETS[0], "lot": "LOT-1",
              "defects": [{"class": CLASSES[0], "confidence": 0.9, "severity": 0.9,
                           "box": {"x": 1, "y": 2, "width": 3, "height": 4}}]}
    status = server.ask("/api/v1/inspections", "POST", json.dumps(report), {"Content-Type": "application/json"})[1]
    server.end()
    if status != 202:
        raise SystemExit(f"the first report was answered {status}")
    draw = random.Random(5)
    now = int(time.time() * 1e6)
    start, span = now - 730 * 24 * HOUR, 730 * 24 * HOUR
    db = sqlite3.connect(data / "andon.sqlite")
    db.execute("PRAGMA synchronous = OFF")
    inspection, detection, order = (first(db, table) for table in ("inspection", "detection", "work_order"))
    for begin in range(2, orders + 1, 20_000):
        reports, seen, raised = [], [], []
        for number in range(begin, min(begin + 20_000, orders + 1)):
            at = start + span * number // orders
            asset, name, reference = draw.choice(ASSETS), draw.choice(CLASSES), f"{number:010d}"
            reports.append({"seq": number, "id": f"r-{number}", "received_at": at, "detected_at": at,
                            "camera": f"C-{draw.randrange(40)}", "asset": asset, "lot": f"LOT-{number // 200}"})
            seen.append({"inspection_seq": number, "asset": asset, "class": name, "detected_at": at,
                         "received_at": at, "parts_at": number, "outcome": "raised", "reference": reference})
            change = {"reference": reference, "seq": number, "asset": asset, "class": name, "raised_at": at, "detected_at": at,
                      "inspection_id": f"r-{number}", "remote_id": f"D-{number}", "remote_number": f"D-{number}",
                      "priority": draw.randrange(1, 6), "acknowledged_at": at + 5_000_000, "last_seen_at": at,
                      "occurrences": draw.randrange(1, 9)}
            if number % 50:
                closure = {"technician": f"T-{draw.randrange(30)}", "labourHours": draw.randrange(1, 12) / 2,
                           "causeCode": f"cause-{draw.randrange(6)}", "remedyCode": f"action-{draw.randrange(8)}"}
                change |= {"state": "closed", "started_at": at + HOUR // 2, "ended_at": at + HOUR, "closed_at": at + HOUR,
                           "closure": json.dumps(closure)}
            raised.append(change)
        insert(db, "inspection", inspection, reports)
        insert(db, "detection", detection, seen)
        insert(db, "work_order", order, raised)
        db.commit()
    db.close()


def one_order(data):
    with sqlite3.connect(data / "andon.sqlite") as db:
        return db.execute("SELECT reference FROM work_order ORDER BY seq LIMIT 1 OFFSET 1000").fetchone()[0]


def pages(server, data):
    named = [("/now", "/now")]
    for sort in ("raised", "sequence", "priority", "state", "seen", "occurrences"):
        named += [(f"/orders, all, by {sort}", f"/orders?show=all&sort={sort}")]
    with sqlite3.connect(data / "andon.sqlite") as db:
        asset, kind = db.execute("SELECT asset, class FROM work_order ORDER BY seq DESC LIMIT 1").fetchone()
    reference = one_order(data)
    named += [("/orders", "/orders"), ("/orders, a search for a class", f"/orders?show=all&q={urllib.parse.quote(kind)}"),
              ("/orders, an asset and its class", f"/orders?show=all&asset={asset}&class={kind}&sort=priority"),
              ("/orders, page 1,000", f"/orders?show=all&after={later(data)}"),
              ("an order's page", f"/orders/{reference}")]
    named += [(path, path) for path in ("/desk", "/map", "/charts", "/rules", "/connectors", "/audit")]
    return named + [("/find, a reference", f"/find?q={reference}"), ("/find, an asset", f"/find?q={asset}")]


def later(data):
    """Where the thousandth page of 50 begins, as the list's own links say it: its time and its place. The last, where there are less."""
    question = "SELECT raised_at, seq FROM work_order ORDER BY raised_at DESC, seq DESC LIMIT 1 OFFSET min(49950, (SELECT count(*) FROM work_order) - 50)"
    with sqlite3.connect(data / "andon.sqlite") as db:
        raised, seq = db.execute(question).fetchone()
    return f"{raised}.{seq}"


def weight(server, html, sizes):
    """Bytes of a document's style sheets and scripts; `sizes` are those that were asked for before."""
    total = 0
    for address in set(re.findall(r'(?:href|src)="(/assets/[^"]+\.(?:css|js)[^"]*)"', html)):
        if address not in sizes:
            sizes[address] = len(server.ask(address)[3])
        total += sizes[address]
    return total


def text(body, headers):
    return (gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body).decode()


def measure(server, path, rounds):
    cold, status, headers, body = server.ask(path)
    server.ask(path)
    times = sorted(server.ask(path)[0] for _ in range(rounds))
    late = times[math.ceil(0.95 * rounds) - 1]
    return cold, statistics.median(times), late, status, headers, body


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/release/andon"))
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/andon-web-page"))
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--config", type=pathlib.Path)
    chosen = parser.parse_args()
    data, config = chosen.data, chosen.config
    if data is None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        data, config = chosen.folder / f"plant-{chosen.orders}", chosen.folder / "andon.yaml"
        config.write_text(configuration())
        if not (data / "filled").exists():
            subprocess.run(["rm", "-rf", "--one-file-system", str(data)], check=True)
            fill(chosen.program, config, data, chosen.orders)
            (data / "filled").touch()
    with sqlite3.connect(data / "andon.sqlite") as db:
        count = db.execute("SELECT count(*) FROM work_order").fetchone()[0]
    server = Server(chosen.program, config, data)
    try:
        print(f"{count:,} orders; {chosen.rounds} requests after one to warm up; the limits are {MILLISECONDS} ms and {KILOBYTES} KB\n")
        print("| page | cold, ms | median, ms | 95 %, ms | KB | |\n| --- | --: | --: | --: | --: | --- |", flush=True)
        sizes = {}
        for name, path in [("floor: /healthz", "/healthz"), *pages(server, data)]:
            cold, median, late, status, headers, body = measure(server, path, chosen.rounds)
            size = (len(body) + weight(server, text(body, headers), sizes)) / 1000
            faults = [f"answered {status}"] if status != 200 else []
            faults += ["slow"] if late > MILLISECONDS else []
            faults += ["large"] if size > KILOBYTES else []
            print(f"| {name} | {cold:.1f} | {median:.1f} | {late:.1f} | {size:.1f} | {', '.join(faults)} |", flush=True)
    finally:
        server.end()


main()
