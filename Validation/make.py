#!/usr/bin/env python3
"""Makes the validation pack of this version from the tests that really ran: docs/validation.md.

Exit code: 0 when every requirement passed, 1 when something failed or is untested, 2 when there is no pack.
"""
import argparse
import csv
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import document
import surroundings
import traceability

ROOT = pathlib.Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "Validation/requirements.json"


class NoPack(Exception):
    """Why there is no pack, and what to do."""


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/validation", description="Runs all tests and makes the validation pack.")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "validation-pack", help="the folder of the pack")
    parser.add_argument("--results", type=pathlib.Path, nargs="+", metavar="FILE",
                        help="event streams of tests that ran already (swift test --event-stream-output-path FILE)")
    parser.add_argument("--check", action="store_true", help="only hold the requirements against the tests in the sources")
    options = parser.parse_args(arguments)
    try:
        plan = json.loads(REQUIREMENTS.read_text(encoding="utf-8"))
        known, faults = traceability.tests_in_sources(ROOT)
        faults += traceability.faults_of(plan, known)
        if options.check:
            print("\n".join(faults) or f"{len(plan['requirements'])} requirements: each pattern has its test.")
            return 1 if faults else 0
        return make(plan, known, faults, options.out.resolve(), options.results)
    except NoPack as problem:
        print(f"scripts/validation: {problem}", file=sys.stderr)
        return 2


def make(plan, known, faults, out, results):
    """Writes the pack beside its place and moves it there at the end, so that a broken run leaves the old one."""
    if out.exists() and any(out.iterdir()) and not (out / "validation.json").exists():
        raise NoPack(f"{out} holds something that is no pack; name another folder with --out.")
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "results").mkdir(parents=True)
    before = surroundings.work_tree(ROOT, out)
    broken = list(faults)
    if results:
        copy(results, part / "results")
    else:
        broken += run_tests(part / "results")
    runs = [traceability.read_run(file.name, file.read_bytes()) for file in sorted((part / "results").iterdir())]
    broken += [fault for run in runs for fault in run.faults]
    if surroundings.work_tree(ROOT, out) != before:
        broken.append("The work tree changed while the tests ran: nobody can say which version was tested.")
    tests, differing = traceability.merge(runs)
    judged = [traceability.judge(requirement, tests) for requirement in plan["requirements"]]
    pack = packed(judged, tests, runs, before, broken)
    pack["notRun"] = sorted({test.label for test in known} - {test.label for test in tests})
    pack["deviations"] = broken + tree_deviations(pack, before, runs) + differing + test_deviations(judged, tests)
    pack["deviations"] += source_deviations(pack, tests, known)
    if results:
        pack["deviations"].append("The tests had run before: their results were handed in, and the environment is that of the "
                                  "machine where this document was made.")
    write(part, pack, plan, judged, tests, runs)
    printed = print_pdf(part)
    shutil.rmtree(out, ignore_errors=True)
    part.rename(out)
    tell(pack, out, printed)
    good = not broken and pack["counts"]["failed"] == 0 and all(each.result == traceability.PASSED for each in judged)
    return 0 if good else 1


def copy(results, folder):
    for number, file in enumerate(results, 1):
        try:
            shutil.copyfile(file, folder / f"{number}-{file.name}")
        except OSError as error:
            raise NoPack(f"{file} cannot be read: {error.strerror}.") from error


def run_tests(folder):
    """All tests as `scripts/test` runs them; sentences about what went wrong beside the tests themselves."""
    status = subprocess.run(
        [ROOT / "scripts/test"], check=False, cwd=ROOT, env={**os.environ, "ANDON_TEST_EVENTS": str(folder)}).returncode
    files = list(folder.iterdir())
    if not files:
        raise NoPack("scripts/test did not come to the tests; what it said stands above.")
    faults = [] if (folder / "tests-rest.jsonl").exists() else ["scripts/test ended before its last run."]
    runs = [traceability.read_run(file.name, file.read_bytes()) for file in files]
    failed = any(test.result == traceability.FAILED for run in runs for test in run.tests)
    return faults + ([f"scripts/test ended with exit code {status}, though no test failed."] if status and not failed else [])


def packed(judged, tests, runs, tree, broken):
    """What validation.json holds, but for the deviations."""
    results = [test.result for test in tests]
    return {
        "schema": "andon.validation/1",
        "software": {"version": surroundings.version(ROOT), "commit": tree["commit"], "dirty": bool(tree["changed"])},
        "madeAt": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "environment": surroundings.environment(ROOT),
        "counts": {
            "requirements": len(judged), "covered": sum(each.result != traceability.UNTESTED for each in judged),
            "tests": len(tests), "passed": results.count(traceability.PASSED),
            "failed": results.count(traceability.FAILED), "skipped": results.count(traceability.SKIPPED)},
        "faults": broken,
        "runs": [{"file": f"results/{run.name}", "sha256": run.sha256} for run in runs],
        "requirements": [
            {**{key: each.requirement[key] for key in ("id", "group", "text", "risk", "why", "clauses")},
             "tests": [test.label for test in each.tests], "result": each.result} for each in judged],
        "tests": [
            {"suite": test.suite, "name": test.name, "result": test.result, "seconds": test.seconds} for test in tests],
    }


def tree_deviations(pack, tree, runs):
    said = []
    if pack["software"]["version"].endswith("-unknown"):
        said.append("The sources do not say their version (Sources/AndonModel/Software.swift).")
    if tree["commit"] == "unknown":
        said.append("This is no git work tree: which version of the sources was tested cannot be said.")
    if tree["changed"]:
        named = "; ".join(tree["changed"][:20]) + ("; …" if len(tree["changed"]) > 20 else "")
        said.append(f"The work tree is not as committed, {len(tree['changed'])} files differ: {named}")
    for run in runs:
        if run.started and tree["committedAt"] and run.started < tree["committedAt"]:
            said.append(f"The run in {run.name} is older than the commit: it tested another version.")
    return said


def test_deviations(judged, tests):
    said = []
    for result in (traceability.FAILED, traceability.UNTESTED):
        ids = [each.requirement["id"] for each in judged if each.result == result]
        said += [f"Requirements {result}: {', '.join(ids)}."] if ids else []
    for test in tests:
        if test.result == traceability.SKIPPED:
            said.append(f"Skipped: {test.label} ({'; '.join(test.notes) or 'no reason given'}).")
        elif test.result == traceability.PASSED:
            said += [f"Passed with a known issue: {test.label} ({note})." for note in test.notes if note.startswith("Known: ")]
        else:
            said.append(f"Failed: {test.label}.")
    return said


def source_deviations(pack, tests, known):
    said = []
    strange = {test.label for test in tests} - {test.label for test in known}
    if strange:
        said.append(f"{len(strange)} tests of the results are not in the sources: they are of another version.")
    if pack["notRun"]:
        said.append(f"{len(pack['notRun'])} tests of the sources did not run.")
    return said


def write(folder, pack, plan, judged, tests, runs):
    (folder / "validation.json").write_text(json.dumps(pack, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "validation.html").write_text(document.page(pack, plan, judged, tests, runs), encoding="utf-8")
    groups = {group["id"]: group["title"] for group in plan["groups"]}
    rows(folder / "requirements.csv", ["id", "group", "text", "risk", "why", "clauses", "result", "tests"], [
        [each.requirement["id"], groups[each.requirement["group"]], each.requirement["text"], each.requirement["risk"],
         each.requirement["why"], "; ".join(each.requirement["clauses"]), each.result, len(each.tests)] for each in judged])
    ids = document.shown_by(judged)
    rows(folder / "tests.csv", ["suite", "title", "test", "result", "seconds", "cases", "requirements", "notes"], [
        [test.suite, test.title, test.name, test.result, test.seconds, test.cases, " ".join(ids.get(test.label, [])),
         "; ".join(test.notes)] for test in tests])
    traced = []
    for each in judged:
        head = [each.requirement["id"], each.requirement["risk"], each.result]
        traced += [head + [test.suite, test.name, test.result] for test in each.tests]
        traced += [head + [pattern.split("/")[0], "/".join(pattern.split("/")[1:]), "did not run"] for pattern in each.silent]
        if not each.tests and not each.silent:
            traced.append(head + ["", "", "to be named"])
    traced += [["", "", "", test.suite, test.name, test.result] for test in tests if test.label not in ids]
    rows(folder / "trace-matrix.csv", ["requirement", "risk", "requirement result", "suite", "test", "test result"], traced)


def rows(path, head, body):
    """A CSV file by RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for row in body:
            writer.writerow([f"'{cell}" if re.match(r"[=+@\t\r-]", str(cell)) else cell for cell in row])


def print_pdf(folder):
    """validation.pdf by Chromium, where there is one; whether it was made."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        return False
    made = subprocess.run(
        [browser, "--headless", "--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else []), "--no-pdf-header-footer",
         f"--print-to-pdf={folder / 'validation.pdf'}", (folder / "validation.html").as_uri()],
        check=False, capture_output=True)
    return made.returncode == 0 and (folder / "validation.pdf").exists()


def tell(pack, out, printed):
    counts, results = pack["counts"], [each["result"] for each in pack["requirements"]]
    print(f"Andon {pack['software']['version']}, commit {pack['software']['commit'][:12]}"
          + (", work tree changed" if pack["software"]["dirty"] else ""))
    print(f"{counts['requirements']} requirements: " + ", ".join(
        f"{results.count(result)} {result}" for result in (traceability.PASSED, traceability.FAILED, traceability.UNTESTED)))
    print(f"{counts['tests']} tests: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    print(f"{len(pack['deviations'])} deviations")
    if not printed:
        print("No validation.pdf: Chromium is not there or failed.")
    print(f"The pack: {out}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
