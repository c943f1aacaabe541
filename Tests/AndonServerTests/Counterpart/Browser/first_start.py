"""The first start as docs/first-start.md has it, in a real Chromium: from an empty folder to an order in a maintenance system.

    first_start.py PROGRAM [--screen SCREEN] [--shots FOLDER]

Prints a line of JSON with the seconds of each step and what did not happen. The time that a person types is not in them.
"""

import argparse
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

from person import Person, Unexpected, expect
from walk import listen

ASSETS = "id,name,criticality,location\nPRESS-07,Stamping press 7,A,BR100\n"
KEY = "test-key"


@contextlib.contextmanager
def running(command, folder, sign, **environment):
    """A program, and the first word of what it prints that begins with `sign`."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env=os.environ | environment)
    try:
        found = next((word for line in process.stdout for word in line.split() if word.startswith(sign)), None)
        expect(found, f"{command[1]} to print an address")
        yield found
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_port():
    """The server that goes on after the set-up has the set-up's own port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Guide:
    """Takes the steps at one screen, and the time."""

    def __init__(self, person):
        self.person, self.page, self.seconds, self.begun = person, person.page, {}, time.monotonic()

    def done(self, step):
        now = time.monotonic()
        self.seconds[step], self.begun = round(now - self.begun, 2), now

    def type(self, **fields):
        for name, text in fields.items():
            self.page.locator(f'[name="{name.replace("_", ".")}"]').first.fill(text)

    def onward(self, heading):
        self.page.locator('button.main[value="next"]').click()
        self.person.see("ol.steps [aria-current]", f"the step {heading}", heading)

    def answer(self, link, maximo):
        page = self.page
        page.goto(link)
        self.type(administrator_login="root.admin", administrator_printedName="A. Maier", password="correct horse battery",
                  passwordAgain="correct horse battery")
        page.get_by_role("checkbox").check()
        self.onward("Plant")
        self.done("administrator")
        self.type(plant_name="Plant A", plant_site="BEDFORD", plant_assets=ASSETS)
        self.onward("Cameras")
        self.type(cameras="CAM-01 = PRESS-07")
        self.onward("Maintenance system")
        self.done("plant and cameras")
        page.get_by_label("System").select_option("maximo")
        page.locator('button[value="choose"]').click()
        self.connector(maximo)
        self.done("connector and its check")
        self.onward("First rules")
        self.type(rules_classes="scratch = SCRATCH")
        self.onward("Summary")
        self.done("rules")

    def connector(self, maximo):
        page = self.page
        page.get_by_label("url", exact=False).first.fill(maximo)
        page.locator('.row:has(select[name*="apiKey"]) input').fill("MAXIMO_API_KEY")
        page.locator('button[value="check"]').click()
        self.person.see("[role=status] .done", "the check to say that it can be used")

    def order(self):
        page = self.page
        page.locator('button.main[value="next"]').click()
        page.wait_for_url("**/test-detection*")
        self.done("written, and the server is up")
        page.get_by_role("button", name="Send").click()
        self.person.see("#way[data-over=true]", "the test to come to its end")
        link = page.locator('#way a[href^="/orders/"]').first
        self.person.see("#way .done", "the order to be in the maintenance system")
        self.done("test detection to the order")
        link.click()
        self.person.see("h1", "the order's page", "TEST, please ignore")


def walk(program, screen, shots, found):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        simulated = [program, "simulate", "maximo", "--port", "0", "--key", KEY]
        served = [program, "serve", "--listen", f"127.0.0.1:{free_port()}"]
        with running(simulated, folder, "http://") as maximo, running(served, folder, "http://", MAXIMO_API_KEY=KEY) as link:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            person = Person(browser, link.split("/set-up")[0], screen, None)
            listen(person.page, found)
            if shots:
                person.shot = f"{shots}/task-first-start-{screen}.png"
            guide = Guide(person)
            try:
                guide.answer(link, maximo.rstrip(","))
                guide.order()
            finally:
                person.leave()
            expect(pathlib.Path(folder, "andon.yaml").exists(), "a configuration to be written")
            return guide.seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--screen", default="laptop", choices=("phone", "laptop", "wall"))
    parser.add_argument("--shots")
    args = parser.parse_args()
    found, seconds = [], {}
    try:
        seconds = walk(args.program, args.screen, args.shots, found)
    except Unexpected as error:
        found.append(f"expected {error}")
    # The page asks for the real server until it is there.
    refused = [fault for fault in found if "net::ERR_CONNECTION_REFUSED" in fault]
    if all("/healthz:" in fault or fault.startswith("console error: Failed to load") for fault in refused):
        found = [fault for fault in found if fault not in refused]
    print(json.dumps({"seconds": seconds, "faults": found}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
