"""The limits beside which the figures stand: fdatasync of 4 KiB, a CMMS asked directly, and a loopback HTTP echo
(serves until killed)."""
import asyncio
import os
import sys
import time


def sync_rate(folder):
    path = os.path.join(folder, "sync.probe")
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    block, times = os.urandom(4096), []
    for _ in range(500):
        start = time.perf_counter()
        os.write(file, block)
        os.fdatasync(file)
        times.append((time.perf_counter() - start) * 1e3)
    os.close(file)
    os.unlink(path)
    times.sort()
    print(f"fdatasync of 4 KiB: p50 {times[250]:.2f} ms, p99 {times[495]:.2f} ms, "
          f"{1000 * len(times) / sum(times):.0f} a second")


def get_latency(url):
    """The CMMS asked directly, one request at a time over one connection."""
    import http.client
    import urllib.parse
    parts = urllib.parse.urlsplit(url)
    connection, times = http.client.HTTPConnection(parts.netloc), []
    for _ in range(500):
        start = time.perf_counter()
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"apikey": "key"})
        connection.getresponse().read()
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    print(f"the CMMS asked directly: p50 {times[250]:.2f} ms, p99 {times[495]:.2f} ms")


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.left, self.head = transport, None, b""

    def data_received(self, data):
        if self.left is None:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            at = self.head.lower().find(b"content-length:")
            self.left = int(self.head[at + 15:].split(b"\r\n", 1)[0]) - (len(self.head) - end - 4)
        else:
            self.left -= len(data)
        if self.left <= 0:
            self.left, self.head = None, b""
            self.transport.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")


async def echo(port):
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if sys.argv[1] == "sync":
    sync_rate(sys.argv[2])
elif sys.argv[1] == "get":
    get_latency(sys.argv[2])
else:
    asyncio.run(echo(int(sys.argv[2])))
