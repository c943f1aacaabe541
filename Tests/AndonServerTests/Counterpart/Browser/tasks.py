"""Does each page's main task in a real Chromium as a person would, and says what did not happen: a line of JSON for each task.

    tasks.py ADDRESS LOGIN PASSWORD [--shots FOLDER] [--without TASK] [TASK...]
"""

import argparse
import json
import sys
import time
import traceback

from playwright.sync_api import sync_playwright

import floor
import office
from person import Machine, Person, Unexpected
from walk import listen, sign_in

TASKS = {
    "entry": office.entry, "now": floor.now, "orders": floor.orders, "map": floor.map_view, "map-edit": floor.map_edit,
    "cameras": floor.cameras, "rules": office.rules, "connectors": office.connectors, "dead-letters": office.dead_letters, "audit": office.audit,
    "accounts": office.accounts, "desk": floor.desk, "learn": office.learn, "spc": office.spc,
}


def attempt(name, browser, args, state, machine):
    """One task; returns what is wrong, nothing where it is done."""
    people, faults = [], []

    def open_page(screen, signed_in=True, worker=False):
        person = Person(browser, args.address, screen, state if signed_in else None, worker=worker)
        listen(person.page, person.found)
        if args.shots:
            person.shot = f"{args.shots}/task-{name}-{screen}.png"
        people.append(person)
        return person

    extra = (args.login, args.password) if name == "entry" else ()
    try:
        TASKS[name](open_page, machine, *extra)
    except Unexpected as error:
        faults.append(f"expected {error}")
    except Exception as error:
        where = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(("floor.py", "office.py"))]
        faults.append(f"{type(error).__name__}: {str(error)[:400]} ({where[-1].line if where else ''})")
    for person in people:
        # A refusal that a task asks for is told by the console, and is no fault of the page.
        faults += [fault for fault in person.found if "status of 422" not in fault]
        person.leave()
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("login")
    parser.add_argument("password")
    parser.add_argument("--shots")
    parser.add_argument("--without", action="append", default=[], metavar="TASK")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    args = parser.parse_intermixed_args()
    unknown = [name for name in args.tasks + args.without if name not in TASKS]
    if unknown:
        parser.error(f"no task {unknown[0]}: {', '.join(TASKS)}")
    failed = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        administrator = Person(browser, args.address, "laptop", None)
        sign_in(administrator.page, args.address, args.login, args.password)
        state = administrator.context.storage_state()
        machine = Machine(args.address, office.make_key(administrator, f"browser {time.time_ns()}", ["read", "report"]))
        for name in [name for name in args.tasks or TASKS if name not in args.without]:
            begun = time.monotonic()
            faults = attempt(name, browser, args, state, machine)
            failed = failed or bool(faults)
            seconds = round(time.monotonic() - begun, 1)
            print(json.dumps({"task": name, "seconds": seconds, "faults": faults}), flush=True)
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
