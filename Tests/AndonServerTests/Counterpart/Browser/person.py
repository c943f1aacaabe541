"""What the tasks are made of: a person at a screen, what that person expects, and the machine that reports."""

import datetime
import json
import pathlib
import time
import urllib.request
import uuid

SAMPLES = pathlib.Path(__file__).resolve().parents[4] / "Sources" / "AndonServer" / "Samples"
SCREENS = {"phone": (390, 844), "laptop": (1366, 768), "wall": (1920, 1080)}
# Milliseconds; another program may have the machine's cores.
PATIENCE = 30_000


class Unexpected(Exception):
    """What was expected and did not happen."""


def expect(holds, words):
    if not holds:
        raise Unexpected(words)


class Person:
    """One person at one screen. `found` gathers what the console, the page and the network complain of."""

    def __init__(self, browser, address, screen, state, scheme="light", worker=False):
        width, height = SCREENS[screen]
        self.address, self.screen, self.found, self.shot, self.has_left = address, screen, [], None, False
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", color_scheme=scheme, reduced_motion="reduce",
            storage_state=state, service_workers="allow" if worker else "block", accept_downloads=True)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())

    def open(self, path):
        # A page that goes somewhere by itself in the same moment takes the answer away.
        response = self.page.goto(self.address + path, wait_until="load") or self.page.reload(wait_until="load")
        expect(response.status < 400, f"{path} to open; it answered {response.status}")
        return self.page

    def see(self, selector, words, text=None):
        """Waits until what `selector` finds is to be seen, with `text` in it."""
        place = self.page.locator(selector)
        if text is not None:
            place = place.filter(has_text=text)
        try:
            place.first.wait_for(state="visible")
        except Exception as error:
            raise Unexpected(f"{words}; there is no {selector} {text or ''}: {self.page.url}: {self.words()}") from error
        return place.first

    def until(self, script, words, argument=None):
        try:
            self.page.wait_for_function(script, arg=argument)
        except Exception as error:
            raise Unexpected(f"{words}: {self.page.url}: {self.words()}") from error

    def words(self):
        problem = self.page.locator(".problem:visible")
        return problem.first.inner_text()[:300] if problem.count() else self.page.locator("main").inner_text()[:200]

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def leave(self):
        """Goes away, with a picture of what was seen last where `shot` names a file."""
        if self.has_left:
            return
        self.has_left = True
        if self.shot:
            self.page.screenshot(path=self.shot, full_page=self.screen == "phone")
        self.context.close()


class Machine:
    """A vision system that reports with a key."""

    def __init__(self, address, key):
        self.address, self.key = address, key
        self.samples = json.loads((SAMPLES / "samples.json").read_text("utf-8"))

    def report(self, place=0, **changes):
        """Reports sample `place` with its picture; returns the answer's detection."""
        sample = self.samples[place]
        names = ("camera", "zone", "asset", "lot", "unit", "attributes")
        body = {name: sample[name] for name in names if name in sample}
        now = datetime.datetime.now(datetime.timezone.utc)
        body |= {"id": f"browser-{uuid.uuid4()}", "detectedAt": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "inspected": 1}
        defect = {name: sample[name] for name in ("class", "confidence", "severity", "box")}
        body["defects"] = [defect | changes]
        picture = (SAMPLES / sample["file"]).read_bytes()
        head = '--x\r\nContent-Disposition: form-data; name="inspection"\r\nContent-Type: application/json\r\n\r\n'
        part = '\r\n--x\r\nContent-Disposition: form-data; name="picture"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        data = head.encode() + json.dumps(body).encode() + part.encode() + picture + b"\r\n--x--\r\n"
        answer = self.ask("POST", "/api/v1/inspections", data, "multipart/form-data; boundary=x")
        return answer["detections"][0]

    def order(self, place=0, **changes):
        """The reference of an order for sample `place`, once it is in its system."""
        detection = self.report(place, **changes)
        reference = detection.get("order")
        expect(reference, f"an order for sample {place}, not {detection}")
        self.arrives(reference)
        return reference

    def arrives(self, reference):
        """Waits until an order is in its system, with all that belongs to it."""
        self.wait(reference, lambda order: order.get("completedAt"), "to reach its system")

    def wait(self, reference, is_enough, words):
        end = time.monotonic() + PATIENCE / 1000
        while not is_enough(self.ask("GET", f"/api/v1/orders/{reference}")["order"]):
            expect(time.monotonic() < end, f"order {reference} {words}")
            time.sleep(0.1)

    def refused(self, asset, name):
        """The reference of an order that its system has refused: a dead letter."""
        detection = self.tell(asset, "CAM-06", [{"class": name, "confidence": 0.95, "severity": 0.8}])
        reference = detection.get("order")
        expect(reference, f"an order for {name} on {asset}, not {detection}")
        self.wait(reference, lambda order: order["delivery"] == "dead", "to be refused")
        return reference

    def points(self, asset, camera, name, counts, size=50):
        """Reports as many defects among `size` parts as each count says: a point of a chart for each, and no order."""
        for count in counts:
            self.tell(asset, camera, [{"class": name, "confidence": 0.9, "severity": 0.1}] * count, inspected=size)

    def tell(self, asset, camera, defects, **more):
        """Reports defects without a picture; returns what became of the first."""
        now = datetime.datetime.now(datetime.timezone.utc)
        body = {"id": f"browser-{uuid.uuid4()}", "detectedAt": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "camera": camera}
        body |= {"asset": asset, "defects": defects} | more
        answer = self.ask("POST", "/api/v1/inspections", json.dumps(body).encode())
        return (answer["detections"] or [{}])[0]

    def frame(self, source, file):
        """Pushes a sample's picture as a frame of a camera; returns its number, once a model has looked at it."""
        data = (SAMPLES / file).read_bytes()
        return self.ask("POST", f"/api/v1/sources/{source}/frames", data, "image/jpeg")["number"]

    def ask(self, method, path, data=None, kind="application/json"):
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def dot():
    """The smallest picture that a phone could send, as a file of a form."""
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": (SAMPLES / "good-plate.jpg").read_bytes()}
