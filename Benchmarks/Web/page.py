#!/usr/bin/env python3
"""Each page of the web application in a plant with many orders: how long the server takes, and what a browser fetches.

Usage: Benchmarks/Web/page.py [--program ANDON] [--orders N] [--folder DIR] [--rounds N] [--json FILE]

after `swift build -c release`. Figures of a debug build are not worth a word. The orders are rows of real reports, written many
times with other names, times and states; the ledger holds the real reports' entries alone. A request goes over a connection that
is kept open, so `/healthz` in the same run is the floor. The first answer of a page is the cold one; the median and the 95th
percentile are those of the rounds behind it.
"""
import argparse
import datetime
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
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONFIGURATION = """plant:
  name: Plant
  timeZone: Europe/Berlin
  floorPlans: { hall: { file: plan.svg, units: plan } }
  zones: [%(zones)s]
  cameras: [%(cameras)s]
  assets:
%(assets)s
rules:
  classes:
%(classes)s
server: { listen: 127.0.0.1:0, language: en }
"""
ASSETS, CLASSES, ZONES = 200, 12, 40
LIMIT_MS, LIMIT_BYTES = 100, 100_000
DAY = 86_400_000_000


def configuration(folder):
    zones = ", ".join(f"{{ id: Z-{n}, name: Zone {n}, plan: hall, box: [{n % 8 * 100}, {n // 8 * 100}, 90, 90] }}" for n in range(ZONES))
    cameras = ", ".join(f"{{ id: C-{n}, asset: A-{n}, zone: Z-{n} }}" for n in range(ZONES))
    assets = "\n".join(f"    - {{ id: A-{n}, name: Machine {n}, criticality: {'ABC'[n % 3]}, line: LINE-{n % 9} }}" for n in range(ASSETS))
    classes = "\n".join(f"    class-{n}: {{ minConfidence: 0.5, minSeverity: 0.3, action: Replace tool }}" for n in range(CLASSES))
    (folder / "plan.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 500"><rect width="800" height="500" fill="#eee"/></svg>')
    (folder / "andon.yaml").write_text(CONFIGURATION % {"zones": zones, "cameras": cameras, "assets": assets, "classes": classes})


class Server:
    """The program, and one connection to it that is kept open."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen(
            [program, "serve", "--config", str(folder / "andon.yaml"), "--data", str(folder / "data"), "--port", "0", "--access", "open"],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "ANDON_LOG": "error"})
        for line in self.process.stdout:
            if found := re.search(r"http://([\d.]+:\d+)", line):
                self.connection = http.client.HTTPConnection(found[1], timeout=600)
                return
        sys.exit("the server did not start")

    def ask(self, path, body=None, accept="text/html"):
        """The status, the fields, the body, and the milliseconds until the body was here."""
        method = "POST" if body is not None else "GET"
        started = time.perf_counter()
        self.connection.request(method, path, body=body, headers={
            "Accept": accept, "Accept-Encoding": "gzip", "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, answer.headers, content, (time.perf_counter() - started) * 1000

    def end(self):
        self.process.terminate()
        self.process.wait()


def report(number, asset, name):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({
        "id": f"real-{number}", "detectedAt": now, "camera": f"C-{asset % ZONES}", "asset": f"A-{asset}", "lot": "LOT-1", "inspected": 20,
        "defects": [{"class": f"class-{name}", "confidence": 0.9, "severity": 0.6, "box": {"x": 10, "y": 20, "width": 60, "height": 44}}]})


def first(db, table):
    cursor = db.execute(f"SELECT * FROM {table} LIMIT 1")
    return dict(zip([column[0] for column in cursor.description], cursor.fetchone()))


def columns(db, table):
    """Those that can be written."""
    return [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})") if row[6] == 0]


def insert(db, table, rows):
    names = [name for name in columns(db, table) if name in rows[0]]
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    db.executemany(statement, ([row[name] for name in names] for row in rows))


def copies(number, base, draw, start, span, total):
    """An order, its report and its detection, as if the plant had seen them at their time."""
    inspection, detection, order = base
    reference, at = f"{number:010d}", start + span * number // total
    asset, name = f"A-{min(int(draw.paretovariate(0.6)), ASSETS - 1)}", f"class-{draw.randrange(CLASSES)}"
    is_open, priority, times = number > total - 500, draw.choices([1, 2, 3, 4], [1, 3, 6, 4])[0], draw.randrange(1, 9)
    ended = None if is_open else at + draw.randrange(1, 72) * 3_600_000_000
    state = draw.choice(["open", "inProgress"]) if is_open else draw.choices(["closed", "done", "cancelled"], [90, 5, 5])[0]
    closure = None if is_open or state == "cancelled" else json.dumps({"technician": f"T-{number % 30}", "labourHours": 1.5, "parts": [], "verdict": "confirmed"})
    document = order["document"].replace(order["reference"], reference)
    seen = {"received_at": at, "detected_at": at, "asset": asset}
    return (
        {**inspection, **seen, "seq": number, "id": f"r-{number}", "camera": f"C-{number % ZONES}", "lot": f"L-{number // 200}", "picture": None},
        {**detection, **seen, "inspection_seq": number, "class": name, "parts_at": number, "outcome": "raised", "reference": reference,
         "priority": priority},
        {**order, "reference": reference, "seq": number, "asset": asset, "class": name, "priority": priority, "newest_priority": priority,
         "state": state, "delivery": "acknowledged", "raised_at": at, "detected_at": at, "inspection_id": f"r-{number}", "acknowledged_at": at,
         "remote_id": f"x{number}", "remote_number": f"X-{number}", "occurrences": times, "last_seen_at": at + times * 60_000_000,
         "ended_at": ended, "closed_at": ended, "closure": closure, "document": document})


def multiply(path, total):
    """Rows are written without triggers and indexes, which come back at the end."""
    draw, now = random.Random(5), time.time_ns() // 1000
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    tables = ["inspection", "detection", "work_order"]
    base = [first(db, table) for table in tables]
    marks = ", ".join(f"'{table}'" for table in tables)
    laid_by = db.execute(
        f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({marks}) AND type IN ('index', 'trigger') AND sql IS NOT NULL").fetchall()
    db.execute("BEGIN IMMEDIATE")
    for kind, name, _ in laid_by:
        db.execute(f"DROP {kind} {name}")
    start = 1 + max(db.execute(f"SELECT MAX(seq) FROM {table}").fetchone()[0] for table in ("inspection", "work_order"))
    rows = [[], [], []]
    for number in range(start, total + 1):
        for part, row in zip(rows, copies(number, base, draw, now - 730 * DAY, 730 * DAY, total)):
            part.append(row)
        if len(rows[0]) == 20_000 or number == total:
            for table, part in zip(tables, rows):
                insert(db, table, part)
            rows = [[], [], []]
    for _, _, statement in laid_by:
        db.execute(statement)
    db.execute("COMMIT")
    db.execute("PRAGMA optimize = 0x10002")
    db.close()


def fill(program, folder, total):
    folder.mkdir(parents=True, exist_ok=True)
    configuration(folder)
    server = Server(program, folder)
    for number in range(24):
        status, _, body, _ = server.ask("/api/v1/inspections", report(number, number, number % CLASSES))
        if status != 202:
            sys.exit(f"a report was refused: {body[:300]!r}")
    time.sleep(2)
    server.end()
    multiply(folder / "data/andon.sqlite", total)
    (folder / "filled").touch()


def pages(folder, total):
    """The pages' names and addresses; the real order is one that the server itself made."""
    db = sqlite3.connect(f"file:{folder}/data/andon.sqlite?mode=ro", uri=True)
    real = db.execute("SELECT reference FROM work_order ORDER BY seq LIMIT 1").fetchone()[0]
    place = db.execute("SELECT raised_at, seq FROM work_order ORDER BY raised_at DESC, seq DESC LIMIT 1 OFFSET ?",
                       (min(50_000, total // 2),)).fetchone()
    db.close()
    lists = [("/orders", "/orders"), ("/orders, all", "/orders?show=all")]
    lists += [(f"/orders, all by {sort}, {order}", f"/orders?show=all&sort={sort}&order={order}")
              for sort in ("priority", "state", "seen", "occurrences") for order in ("asc", "desc")]
    lists += [("/orders, an asset", "/orders?show=all&asset=A-7"), ("/orders, an asset by occurrences", "/orders?show=all&asset=A-7&sort=occurrences"),
              ("/orders, a lot", f"/orders?show=all&lot=L-{total // 400}"), ("/orders, a search", f"/orders?show=all&q=X-{total // 2}"),
              ("/orders, a search for nothing", "/orders?show=all&q=nothing-like-it"), ("/orders, a search by class", "/orders?show=all&q=class-3"),
              ("/orders, page 1000", f"/orders?show=all&after={place[0]}.{place[1]}")]
    return [("/healthz (the floor)", "/healthz"), ("/now", "/now"), ("/now/wall", "/now/wall"), *lists,
            ("an order", f"/orders/{real}"), ("an order's record", f"/orders/{real}/record"), ("/desk", "/desk"), ("/map", "/map"),
            ("/rules", "/rules"), ("/charts", "/charts"), ("/connectors", "/connectors"), ("/audit", "/audit"),
            ("/find, a reference", f"/find?q={total // 2:010d}"), ("/find, a word", "/find?q=Machine")]



def weight(server, address, headers, body):
    """Bytes of the document with its styles and scripts, without pictures."""
    html = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
    total = len(body)
    for part in set(re.findall(rb'<(?:link[^>]*rel="stylesheet"[^>]*href|script[^>]*src)="([^"]+)"', html)):
        path = urllib.parse.urljoin(address, part.decode().replace("&amp;", "&"))
        total += len(server.ask(path, accept="*/*")[2])
    return total


def percentile(values, share):
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def measure(server, name, address, rounds):
    status, headers, body, cold = server.ask(address)
    server.ask(address)
    times = [server.ask(address)[3] for _ in range(rounds)]
    return {"page": name, "address": address, "status": status, "cold_ms": round(cold, 2), "median_ms": round(statistics.median(times), 2),
            "p95_ms": round(percentile(times, 0.95), 2), "document_bytes": len(body), "bytes": weight(server, address, headers, body)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.environ.get("ANDON_PROGRAM", str(ROOT / ".build/release/andon")))
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/andon-web-page"))
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=pathlib.Path, help="where the figures go as JSON as well")
    wanted = parser.parse_args()
    folder = wanted.folder / f"plant-{wanted.orders}"
    if not (folder / "filled").exists():
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)
        fill(wanted.program, folder, wanted.orders)
    server = Server(wanted.program, folder)
    results = []
    print(f"{wanted.orders:,} orders; {wanted.rounds} rounds; limits: {LIMIT_MS} ms, {LIMIT_BYTES:,} bytes; load {os.getloadavg()[0]:.1f}\n")
    print("| page | cold, ms | median, ms | 95 %, ms | document, bytes | with css and js, bytes | |\n| --- | --- | --- | --- | --- | --- | --- |")
    try:
        for name, address in pages(folder, wanted.orders):
            row = measure(server, name, address, wanted.rounds)
            results.append(row)
            late = row["status"] != 200 or row["median_ms"] > LIMIT_MS or row["bytes"] > LIMIT_BYTES
            mark = (f"status {row['status']}" if row["status"] != 200 else "over") if late else ""
            print(f"| {name} | {row['cold_ms']} | {row['median_ms']} | {row['p95_ms']} | {row['document_bytes']} | {row['bytes']} | {mark} |", flush=True)
    finally:
        server.end()
    if wanted.json:
        wanted.json.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if any(row["status"] != 200 for row in results) else 0)


main()
