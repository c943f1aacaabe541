"""Andon in the harness of the peers: the same posts, the same CMMS, the same questions.

    harness.py PEERS ANDON SYSTEM [the harness's own options]

PEERS is a copy of the peers' scripts (results are written beside them), ANDON the program, SYSTEM `andon`, `andon-postgres`, two or four
servers on one PostgreSQL behind haproxy (`andon-postgres-1`, `-2`, `-4`), or one of theirs. Andon sends an order and then its picture in a request of its own; the order counts as the receipt, as it has the detection's
id, and a run is over when the pictures are there too.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

peers, andon = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
sys.argv = [sys.argv[0]] + sys.argv[3:]
sys.path[:0] = [os.path.join(peers, "dispatch"), peers]
import load  # noqa: E402
import run  # noqa: E402

PICTURE = "picture"
CONFIGURATION = """
plant: {{ name: Benchmark, site: BEDFORD, timeZone: UTC, defaultConnector: cmms, defaultLocation: PLANT }}
rules:
  defaults: {{ minConfidence: 0.1, whileOpen: raise }}
  unmapped: {{ minConfidence: 0.1 }}
{server}
connectors:
  cmms:
    type: rest
    url: http://127.0.0.1:{cmms}
    signIn: none
    maxInFlight: 16
    ordering: order
    attachments: []
    mapping:
      system: Stub
      create:
        method: POST
        path: /workorders
        headers: {{ X-Detection-Id: "{{inspectionId}}" }}
        body: {{ title: "{{title}}", text: "{{text}}", externalId: "{{reference}}" }}
        take: {{ id: /id }}
      receipt: {{ number: "{{id}}" }}
      attach:
        method: POST
        path: /workorders/{{id}}/files
        headers: {{ X-Detection-Id: picture }}
        fileField: file
      find: {{ path: /orders, query: {{ externalId: "{{reference}}" }}, rows: /items, id: /id }}
      read: {{ path: "/orders/{{id}}" }}
      changes: {{ path: /orders, query: {{ since: "{{since|time:seconds}}" }}, rows: /items }}
      order: {{ id: /id, reference: /externalId, state: /status, states: {{ OPEN: open }} }}
"""


def report(ident, jpeg):
    """The same 2 KB as Andon's own report."""
    theirs = json.loads(load.detection(ident))
    event = {
        "id": ident, "detectedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "camera": theirs["camera_id"],
        "asset": theirs["asset_id"], "lot": theirs["lot"], "model": {"name": theirs["model"], "version": theirs["model_version"]},
        "defects": [{"class": theirs["class"], "confidence": theirs["confidence"], "severity": theirs["severity"],
                     "box": {"x": 100, "y": 80, "width": 60, "height": 44}}],
        "attributes": {"spc": theirs["spc"], "boxes": theirs["boxes"]},
    }
    text = json.dumps(event)
    event["attributes"]["note"] = "n" * max(0, 2048 - len(text) - 12)
    head = (b"--" + load.BOUNDARY + b"\r\nContent-Disposition: form-data; name=\"inspection\"\r\n"
            b"Content-Type: application/json\r\n\r\n" + json.dumps(event).encode() + b"\r\n--" + load.BOUNDARY +
            b"\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"d.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n")
    return b"multipart/form-data; boundary=" + load.BOUNDARY, [head, jpeg, b"\r\n--" + load.BOUNDARY + b"--\r\n"]


BALANCER = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 300s
    timeout server 300s
frontend reports
    bind 127.0.0.1:{port}
    default_backend servers
backend servers
    balance roundrobin
{servers}
"""


class System(run.System):
    def serve(self, server="", port=None):
        path = os.path.join(self.data, "andon.yaml")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(cmms=self.cmms_port, server=server))
        self.start(andon, "serve", "--config", path, "--data", os.path.join(self.data, "data"), "--port", str(port or self.port),
                   "--access", "open")

    def andon(self):
        self.serve()

    def andon_postgres(self, servers=1, is_behind=False):
        binary = os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin")
        cluster, port = os.path.join(self.data, "pg"), run.free_port()
        os.makedirs(cluster)
        os.chmod(self.data, 0o755)
        if os.getuid() == 0:
            shutil.chown(cluster, "postgres")
        self.start(f"{binary}/initdb", "-D", cluster, "-A", "trust", "-U", "peer", user="postgres").wait()
        self.processes.pop()
        self.start(f"{binary}/postgres", "-D", cluster, "-p", str(port), "-k", cluster, "-c", "listen_addresses=127.0.0.1",
                   user="postgres")
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        server = "server: { database: { postgres: \"postgresql://peer@127.0.0.1:%d/postgres\" } }" % port
        if servers == 1 and not is_behind:
            return self.serve(server)
        # The first one makes the tables and the key; then a balancer gives each as many of the connections.
        ports = [run.free_port() for _ in range(servers)]
        for place in ports:
            self.serve(server, place)
            self.wait_ready(place)
        path = os.path.join(self.data, "haproxy.cfg")
        with open(path, "w") as file:
            file.write(BALANCER.format(port=self.port, servers="\n".join(f"    server s{p} 127.0.0.1:{p}" for p in ports)))
        self.start("haproxy", "-db", "-f", path)

    def andon_postgres_1(self):
        """One behind the balancer too, as several are."""
        self.andon_postgres(1, is_behind=True)

    def andon_postgres_2(self):
        self.andon_postgres(2)

    def andon_postgres_4(self):
        self.andon_postgres(4)

    def _all(self):
        lines = run.get(f"http://127.0.0.1:{self.cmms_port}/__receipts").splitlines()
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def receipts(self):
        out, again = {}, 0
        for ident, at in self._all():
            if ident == PICTURE:
                continue
            again += ident in out
            out.setdefault(ident, at)
        return out, again

    def count_receipts(self):
        """Orders that have their picture too."""
        if not self.a.system.startswith("andon"):
            return super().count_receipts()
        every = self._all()
        pictures = sum(1 for ident, _ in every if ident == PICTURE)
        return min(pictures, len(every) - pictures)

    def up(self, patience=180):
        if not self.a.system.startswith("andon"):
            return super().up(patience)
        self.wait_ready(self.port, patience)

    def wait_ready(self, port, patience=180):
        end = time.time() + patience
        while time.time() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("andon did not come up; see its log")

    def end(self):
        if self.a.system.startswith("andon"):
            sums = subprocess.run([andon, "reconcile", "--data", os.path.join(self.data, "data")], capture_output=True, text=True)
            print("sums:", sums.stdout.strip().splitlines()[-1] if sums.stdout else sums.stderr.strip())
        super().end()


def main():
    load.FORMS["andon"] = report
    run.System = System
    system = sys.argv[1].replace("-", "_")
    sys.argv[1] = system
    if system.startswith("andon"):
        sys.argv += ["--path", "/api/v1/inspections", "--form", "andon"]
    run.main()


main()
