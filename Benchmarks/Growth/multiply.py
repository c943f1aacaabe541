#!/usr/bin/env python3
"""Many times the same weeks of a plant: a store of `growth-benchmark fill` written again and again, each time later and under other names.

    multiply.py BASE TARGET TIMES

Every row of every table is written anew with its own number, name, order and time, through the same indexes, and every entry of the
ledger is hashed into its tree; so the tables and the tree are as years would leave them, and `andon ledger verify` passes. Entries have
no digests of their rows, as those of early versions had none: verification of the tables counts them as not covered. Pictures are
the last weeks' alone, and so are the points of charts.
"""
import datetime
import hashlib
import os
import re
import shutil
import sqlite3
import sys
import time

base, target, times = sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/"), int(sys.argv[3])
os.makedirs(target)
for name in os.listdir(base):
    if name.startswith("andon.sqlite"):
        continue
    path = os.path.join(base, name)
    (shutil.copytree if os.path.isdir(path) else shutil.copy2)(path, os.path.join(target, name))
source = sqlite3.connect(f"file:{base}/andon.sqlite?mode=ro", uri=True)
db = sqlite3.connect(f"{target}/andon.sqlite", isolation_level=None)
for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "temp_store = MEMORY"):
    db.execute(f"PRAGMA {pragma}")
for name, sql in source.execute(
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC"):
    if not name.startswith("sqlite_"):
        db.execute(sql)
db.execute(f"ATTACH '{base}/andon.sqlite' AS base")


def one(sql):
    return source.execute(sql).fetchone()[0]


REPORTS, ORDERS, QUEUED = one("SELECT MAX(seq) FROM inspection"), one("SELECT MAX(seq) FROM work_order"), one("SELECT MAX(id) FROM outbox")
ATTEMPTS, CHANGES = one("SELECT MAX(id) FROM attempt"), one("SELECT MAX(number) FROM order_change")
DESK, DESK_CHANGES = one("SELECT MAX(number) FROM desk_order"), one("SELECT MAX(changed) FROM desk_order")
LOTS = one("SELECT MAX(CAST(substr(lot, 5) AS INTEGER)) FROM inspection") + 1
SPAN = one("SELECT MAX(received_at) - MIN(detected_at) FROM inspection")
DAYS = SPAN // 86_400_000_000 + 2
REFERENCES = {row[0] for row in source.execute("SELECT reference FROM work_order")}
FLOW = ("inspection.", "detection.", "order.", "attempt.", "desk.", "frames.")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

SLOTS = re.compile(
    r"(?P<date>20\d\d-\d\d-\d\d)(?=T)|(?<=/)(?P<report>\d+)(?=[\"#]|$)|(?<=LOT-)(?P<lot>\d+)|(?<=\"attempt\":)(?P<attempt>\d+)"
    r"|(?<=\"remoteId\":\")(?P<desk>\d+)(?=\")|(?<=D-)(?P<number>\d+)(?=\")|(?<=\"index\":)(?P<index>\d+)"
    r"|(?<![A-Z0-9])(?P<reference>[A-Z][A-Z0-9]{9})(?![A-Za-z0-9])|(?<=sha256:)(?P<batch>[0-9a-f]{64})")
DIGEST = "\"(?:rowSha256|pictureRowSha256|effectSha256|changesSha256|documentSha256|countsSha256)\":\"[0-9a-f]{64}\""
known, names, dates = {}, {}, {}
turn, index = 0, 0


def template(text):
    """The text with places for what is another in each turn."""
    slots = []

    def place(match):
        kind = match.lastgroup
        if kind == "reference" and match[0] not in REFERENCES:
            return match[0]
        slots.append((kind, match[0] if kind in ("date", "reference", "batch") else int(match[0])))
        return "\0"

    filled = SLOTS.sub(place, text).replace("%", "%%").replace("\0", "%s")
    return filled, tuple(slots)


STEPS = {"report": REPORTS, "lot": LOTS, "attempt": ATTEMPTS, "desk": DESK, "number": DESK}


def reference(old):
    if old not in names:
        number = int.from_bytes(hashlib.sha256(f"{old}/{turn}".encode()).digest()[:8], "big")
        new = LETTERS[number % 26]
        number //= 26
        for _ in range(9):
            new += LETTERS[number % 36]
            number //= 36
        names[old] = new
    return names[old]


def date(old):
    if old not in dates:
        dates[old] = (datetime.date.fromisoformat(old) + datetime.timedelta(days=DAYS * (turn - times + 1))).isoformat()
    return dates[old]


def value(kind, old):
    if kind == "date":
        return dates.get(old) or date(old)
    if kind == "reference":
        return names.get(old) or reference(old)
    if kind == "index":
        return index
    if kind == "batch":
        return hashlib.sha256(f"{old}/{turn}".encode()).hexdigest()
    return old + STEPS[kind] * turn


def fill(made):
    text, slots = made
    return text % tuple([value(kind, old) for kind, old in slots]) if slots else text % ()


def moved(text):
    if text is None:
        return None
    made = known.get(text)
    if made is None:
        made = known[text] = template(text)
    return fill(made)


db.create_function("moved", 1, moved)
db.create_function("reference_of", 1, lambda old: None if old is None else reference(old))


def rows(table, changed):
    """Copies a table with some of its columns changed."""
    columns = [row[1] for row in source.execute(f"PRAGMA table_xinfo({table})") if row[6] == 0]
    db.execute(f"INSERT INTO main.{table} ({', '.join(columns)}) "
               f"SELECT {', '.join(changed.get(column, column) for column in columns)} FROM base.{table}")


def tables():
    def later(*columns):
        return {column: f"{column} + {DAYS * (turn - times + 1) * 86_400_000_000}" for column in columns}

    last = turn == times - 1
    rows("inspection", {"seq": f"seq + {turn * REPORTS}", "id": "moved(id)", "lot": "moved(lot)", "body": "moved(body)",
                        "picture": "picture" if last else "NULL", **later("received_at", "detected_at")})
    rows("detection", {"inspection_seq": f"inspection_seq + {turn * REPORTS}", "reference": "reference_of(reference)",
                       "parts_at": f"parts_at + {turn} * (SELECT parts FROM base.part_counter c WHERE c.asset = detection.asset)",
                       **later("received_at", "detected_at")})
    rows("frame_batch", {"id": "moved(id)", "after_inspection": f"after_inspection + {turn * REPORTS}", **later("received_at")})
    rows("frame_count", {"batch": "moved(batch)", **later("from_at", "to_at")})
    rows("work_order", {"reference": "reference_of(reference)", "seq": f"seq + {turn * ORDERS}", "inspection_id": "moved(inspection_id)",
                        "remote_id": f"remote_id + {turn * DESK}", "remote_number": f"'D-' || (remote_id + {turn * DESK})",
                        "remote_link": "moved(remote_link)", "closure": "moved(closure)", "document": "moved(document)",
                        **later("raised_at", "detected_at", "acknowledged_at", "completed_at", "last_seen_at", "ended_at", "assigned_at",
                                "started_at", "closed_at")})
    rows("outbox", {"id": f"id + {turn * QUEUED}", "reference": "reference_of(reference)", "payload": "moved(payload)",
                    **later("due_at", "created_at")})
    rows("attempt", {"id": f"id + {turn * ATTEMPTS}", "outbox_id": f"outbox_id + {turn * QUEUED}",
                     "remote_id": f"CASE WHEN remote_id GLOB '[0-9]*' THEN remote_id + {turn * DESK} ELSE moved(remote_id) END",
                     **later("started_at", "answered_at")})
    rows("order_change", {"number": f"number + {turn * CHANGES}", "reference": "reference_of(reference)",
                          "after_inspection": f"after_inspection + {turn * REPORTS}", **later("ended_at")})
    rows("desk_order", {"number": f"number + {turn * DESK}", "reference": "reference_of(reference)", "document": "moved(document)",
                        "closure": "moved(closure)", "changed": f"changed + {turn * DESK_CHANGES}", **later("created_at", "started_at")})
    rows("desk_note", {"number": f"number + {turn * DESK}", "key": f"moved(key) || '.{turn}'", **later("at")})
    rows("course", {"seq": f"seq + {turn * ORDERS}",
                    **later("ended_at", "returned_at", "detected_at", "raised_at", "acknowledged_at", "assigned_at", "started_at", "closed_at")})
    rows("recurrence_hour", {"hour": f"hour + {DAYS * 24 * (turn - times + 1)}"})
    if last:
        rows("picture", {})
        rows("desk_file", {"number": f"number + {turn * DESK}"})
        rows("part_counter", {"parts": f"parts * {times}"})
        rows("poll", {"cursor": f"cursor + {turn * DESK_CHANGES}"})
        for table in ("chart_limits", "chart_point", "chart_stream", "course_name", "course_person", "course_stream", "ledger_key",
                      "grdb_migrations"):
            db.execute(f"DELETE FROM main.{table}")
            rows(table, {})


def ledger():
    """The entries of a turn; those that are not of the flow are written once."""
    global index
    whole, values = [], []
    for made, kind, subject, old, is_flow in entries:
        if not is_flow and turn > 0:
            continue
        entry = fill(made)
        leaf = hashlib.sha256(b"\0" + entry.encode()).digest()
        nodes, node, size = [], leaf, index + 1
        while size % 2 == 0:
            node = hashlib.sha256(b"\1" + peaks.pop() + node).digest()
            nodes.append(node)
            size //= 2
        peaks.append(node)
        whole.append((index, kind, fill(subject), entry, leaf, b"".join(nodes)))
        for member, salt, text in hidden.get(old, ()):
            values.append((index, member, salt, text))
        index += 1
    db.executemany("INSERT INTO main.ledger VALUES (?, ?, ?, ?, ?, ?)", whole)
    db.executemany("INSERT INTO main.ledger_value VALUES (?, ?, ?, ?)", values)


entries, hidden, peaks = [], {}, []
for old, kind, subject, entry in source.execute("SELECT idx, kind, subject, entry FROM ledger ORDER BY idx"):
    entry = re.sub(f",{DIGEST}", "", re.sub(f"{DIGEST},", "", entry))
    entries.append((template(entry), kind, template(subject), old, kind.startswith(FLOW)))
for old, member, salt, text in source.execute("SELECT idx, member, salt, value FROM ledger_value"):
    hidden.setdefault(old, []).append((member, salt, text))
# Tables and entries that start a store come with the first turn.
began = time.time()
for turn in range(times):
    names, dates = {}, {}
    db.execute("BEGIN")
    tables()
    ledger()
    db.execute("COMMIT")
    if turn % 10 == 9 or turn < 5:
        print(f"{(turn + 1) * REPORTS:,} reports, {index:,} entries, {time.time() - began:.0f} s", flush=True)
root = peaks[-1]
for peak in reversed(peaks[:-1]):
    root = hashlib.sha256(b"\1" + peak + root).digest()
db.execute("INSERT INTO main.ledger_head VALUES (1, ?, ?, (SELECT MAX(received_at) FROM main.inspection))", (index, root))
for (sql,) in source.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'"):
    db.execute(sql)
db.execute("DETACH base")
db.execute("PRAGMA journal_mode = WAL")
db.close()
