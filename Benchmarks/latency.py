"""Reports at a steady rate, and then as fast as they are taken; how late each order reaches the CMMS, and what the
server's memory does meanwhile.

    latency.py ANDON_PORT SERVER_PID ARRIVALS_FILE RATE SECONDS EVENTS
"""
import asyncio
import json
import sys
import time

port, pid, arrivals, rate, seconds, events = int(sys.argv[1]), sys.argv[2], sys.argv[3], *map(int, sys.argv[4:7])


class Connection:
    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        return self

    async def post(self, body):
        self.writer.write(b"POST /api/v1/inspections HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
                          b"content-length: %d\r\n\r\n" % len(body) + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int([line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")][0][15:])
        return int(head[9:12]), await self.reader.readexactly(length)


def report(name, asset):
    return json.dumps({
        "id": name, "detectedAt": "2026-11-24T02:00:00Z", "camera": "CAM-01", "asset": asset, "lot": "L-1",
        "defects": [{"class": "scratch", "confidence": 0.93, "severity": 0.81,
                     "box": {"x": 10, "y": 20, "width": 60, "height": 44}}],
        "attributes": {"note": "n" * 1750}}).encode()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def line(name, values):
    print(f"{name}: p50 {percentile(values, 0.5) / 1e3:.1f} ms, p99 {percentile(values, 0.99) / 1e3:.1f} ms, "
          f"max {max(values) / 1e3:.1f} ms ({len(values)} orders)")


async def steady():
    idle = []
    sent, answered, tasks = {}, {}, []

    async def one(number, due):
        connection = idle.pop() if idle else await Connection().open()
        # From the moment when it should leave: a generator that lags must not flatter the server.
        status, body = await connection.post(report(f"steady-{number}", f"S-{number}"))
        now = time.time_ns() // 1000
        idle.append(connection)
        assert status == 202, (status, body)
        reference = json.loads(body)["detections"][0]["order"]
        sent[reference], answered[reference] = due, now

    start = time.time_ns() // 1000
    for number in range(rate * seconds):
        due = start + number * 1_000_000 // rate
        await asyncio.sleep(max(0, due / 1e6 - time.time()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    for _ in range(200):
        received = dict((a, int(b)) for a, b in (row.split() for row in open(arrivals)))
        if all(reference in received for reference in sent):
            break
        await asyncio.sleep(0.1)
    print(f"{rate} reports a second for {seconds} s")
    line("due -> 202", [answered[r] - sent[r] for r in sent])
    line("due -> received by the CMMS", [received[r] - sent[r] for r in sent])
    line("202 -> received by the CMMS", [received[r] - answered[r] for r in sent])


def memory(key):
    with open(f"/proc/{pid}/status") as status:
        return [int(row.split()[1]) / 1024 for row in status if row.startswith(key)][0]


async def many():
    """One report in twenty is about a new machine and raises an order; the others join open orders."""
    next_number, samples = iter(range(events)), []

    async def sender():
        connection = await Connection().open()
        for number in next_number:
            asset = f"M-{number // 20}" if number % 20 == 0 else f"M-{(number * 7919) % (number // 20 + 1)}"
            status, body = await connection.post(report(f"many-{number}", asset))
            assert status == 202, (status, body)
            if number % (events // 10) == 0:
                samples.append((number, memory("VmRSS")))

    start = time.time()
    await asyncio.gather(*(sender() for _ in range(16)))
    elapsed = time.time() - start
    samples.append((events, memory("VmRSS")))
    print(f"{events} reports in {elapsed:.0f} s, {events / elapsed:.0f} a second")
    print("memory, MiB: " + ", ".join(f"{number // 1000}k {size:.0f}" for number, size in samples)
          + f"; peak {memory('VmHWM'):.0f}")


asyncio.run(steady())
asyncio.run(many())
