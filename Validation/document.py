"""The pack as one page to read and print: no script, nothing from elsewhere; results are told by words as well as colour."""
import datetime
import html

from traceability import FAILED, PASSED, SKIPPED, UNTESTED

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 "DejaVu Sans", "Segoe UI", Arial, sans-serif; color: #1a1a1a; background: #fff;
       max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.7em; margin: 0 0 .3rem; } 
h2 { font-size: 1.25em; margin: 2.2rem 0 .5rem; border-bottom: 2px solid #1a1a1a; }
h3 { font-size: 1.05em; margin: 1.4rem 0 .4rem; } p { margin: .4rem 0; max-width: 60rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .92em; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #8a8a8a; padding: .28rem .45rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
thead th { overflow-wrap: normal; } code { overflow-wrap: anywhere; }
thead th { background: #e8ecef; } tbody th { font-weight: bold; white-space: nowrap; }
td ul { margin: 0; padding-left: 1.05rem; } .facts th { width: 15rem; background: #f3f5f6; white-space: normal; }
.requirements { table-layout: fixed; } .requirements thead th:nth-child(1) { width: 4.6em; }
.requirements thead th:nth-child(3) { width: 24%; } .requirements thead th:nth-child(4) { width: 17%; }
.requirements thead th:nth-child(5) { width: 6.5em; } .requirements tbody { break-inside: avoid; }
.requirements caption { position: absolute; clip-path: inset(50%); }
.tests { table-layout: fixed; } .tests th:nth-child(1) { width: 48%; white-space: normal; font-weight: normal; }
.tests th:nth-child(2) { width: 11%; } .tests th:nth-child(3), .tests th:nth-child(4) { width: 9%; }
.matrix, .missing { table-layout: fixed; } .matrix thead th { width: 7em; } .matrix thead th:last-child { width: auto; }
.matrix td ul, .missing td ul { list-style: none; padding: 0; } .missing thead th:nth-child(1) { width: 7.5em; }
.missing thead th:nth-child(2) { width: 38%; }
.loose th { white-space: normal; font-weight: normal; }
.passed { color: #0b5d2c; } .failed { color: #9c0f0f; font-weight: bold; } .untested { color: #7a4300; font-weight: bold; }
.skipped { color: #454545; font-style: italic; }
.passed, .failed, .untested, .skipped { white-space: nowrap; } .verdict { white-space: normal; }
.verdict { border: 2px solid; padding: .6rem .8rem; font-size: 1.1em; font-weight: bold; }
.quiet { color: #454545; } code { font-family: "DejaVu Sans Mono", Consolas, monospace; font-size: .92em; }
nav ol { columns: 2; } a { color: #0b4a8f; } .blank td { height: 2.6rem; }
@page { size: A4; margin: 14mm 12mm; }
@media print { body { font-size: 10.5px; padding: 0; max-width: none; } thead { display: table-header-group; }
  tr, .verdict { break-inside: avoid; } h2, h3, caption, thead { break-after: avoid; }
  a { color: inherit; text-decoration: none; } }
"""

SIGNS = {PASSED: "✔ passed", FAILED: "✘ FAILED", UNTESTED: "○ untested", SKIPPED: "– skipped"}


def text(value):
    return html.escape(str(value), quote=True)


def sign(result):
    return f'<span class="{result}">{SIGNS[result]}</span>'


def moment(seconds):
    """Seconds since 1970 as a time in UTC; a dash where there is none."""
    if seconds is None:
        return "–"
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def bullets(items):
    """A list of pieces that are HTML already."""
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>" if items else "–"


def table(caption, heads, rows, kind=""):
    """Rows of pieces that are HTML already; the first of each row is its head. Nothing but a sentence where there are none."""
    if not rows:
        return f"<p><strong>{text(caption)}:</strong> none.</p>"
    head = "".join(f'<th scope="col">{text(each)}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>\n" for row in rows)
    return (f'<table class="{kind}"><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>\n{body}</tbody></table>")


def facts(caption, pairs):
    rows = "".join(f'<tr><th scope="row">{text(name)}</th><td>{value}</td></tr>\n' for name, value in pairs)
    return f'<table class="facts"><caption>{text(caption)}</caption><tbody>\n{rows}</tbody></table>'


def page(pack, plan, judged, tests, runs):
    """The whole document. `pack` is what validation.json holds."""
    software = pack["software"]
    name = f"Andon {software['version']}"
    chapters = [
        ("summary", "Summary", _summary(pack, plan)),
        ("deviations", "Deviations", _deviations(pack)),
        ("environment", "Environment", _environment(pack, runs)),
        ("requirements", "Requirements, risks and results", _requirements(plan, judged)),
        ("matrix", "Trace matrix: from requirements to tests", _matrix(judged)),
        ("tests", "Trace matrix: from tests to requirements", _tests(judged, tests)),
        ("loose", "Loose ends", _loose(pack, judged, tests)),
        ("site", "Review at the site", _review()),
    ]
    contents = "".join(f'<li><a href="#{anchor}">{text(title)}</a></li>' for anchor, title, _ in chapters)
    body = "".join(
        f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{number}. {text(title)}</h2>\n{part}</section>\n'
        for number, (anchor, title, part) in enumerate(chapters, 1))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Validation pack: {text(name)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>
<header><h1>Validation pack: {text(name)}</h1>
<p class="quiet">Commit <code>{text(software['commit'])}</code>, made {text(pack['madeAt'])}</p></header>
<nav aria-label="Contents"><ol>{contents}</ol></nav>
<main>
{body}</main></body></html>
"""


def _summary(pack, plan):
    counts = pack["counts"]
    open_ends = counts["requirements"] - counts["covered"]
    failing = sum(each["result"] == FAILED for each in pack["requirements"])
    passed = sum(each["result"] == PASSED for each in pack["requirements"])
    if counts["failed"] or pack["faults"]:
        kind, verdict = FAILED, f"Not passed: {counts['failed']} tests failed" + (
            f", and the runs have {len(pack['faults'])} faults of their own." if pack["faults"] else ".")
    elif open_ends:
        kind, verdict = UNTESTED, f"Not complete: no test failed, {open_ends} requirements are not shown by a test that ran."
    else:
        kind, verdict = PASSED, "Passed: every requirement is shown by tests that ran, and no test failed."
    rows = []
    for risk in ("high", "medium", "low"):
        of_risk = [each for each in pack["requirements"] if each["risk"] == risk]
        rows.append([risk, len(of_risk)] + [
            sum(each["result"] == result for each in of_risk) for result in (PASSED, FAILED, UNTESTED)])
    return (
        f'<p class="verdict {kind}">{text(verdict)}</p>'
        + "<p>This document was made by a program from the tests that ran on this version; no person typed a result. "
        "It is the manufacturer's evidence from development. Whether the software is fit for its intended use at a site, and the "
        "qualification of the installation there, are the site's own to show.</p>"
        + facts("In figures", [
            ("Requirements", f"{counts['requirements']} in {len(plan['groups'])} groups: {passed} passed, {failing} failed, "
                             f"{open_ends} untested"),
            ("Tests", f"{counts['tests']}: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"),
            ("Deviations", str(len(pack["deviations"]))),
        ])
        + table("By risk", ["Risk", "Requirements", "Passed", "Failed", "Untested"],
                [[text(cell) for cell in row] for row in rows])
        + "<p>A requirement has <em>passed</em> when each of its patterns found at least one test that ran, and all that ran "
        "passed. It is <em>untested</em> when a pattern found no test that ran; a skipped test shows nothing.</p>")


def _deviations(pack):
    return bullets([text(each) for each in pack["deviations"]]) if pack["deviations"] else "<p>None.</p>"


def _environment(pack, runs):
    surroundings = pack["environment"]
    about = [("Version", text(pack["software"]["version"])), ("Commit", f"<code>{text(pack['software']['commit'])}</code>"),
             ("Work tree", "as committed" if not pack["software"]["dirty"] else "changed: see the deviations")]
    about += [(title, text(surroundings[key] or "not found")) for title, key in (
        ("Operating system", "system"), ("Kernel", "kernel"), ("Architecture", "architecture"), ("Compiler", "compiler"),
        ("Build", "build"), ("Python (made this document)", "python"))]
    return (
        facts("What was tested, and where this document was made", about)
        + table("Runs of the tests", ["Results", "SHA-256", "Began", "Ended", "Tests", "Said of itself"], [
            [f"<code>{text(run.name)}</code>", f"<code>{run.sha256}</code>", moment(run.started), moment(run.ended),
             len(run.tests), text("; ".join(run.about))] for run in runs])
        + table("Swift packages built in", ["Package", "Version", "Pinned in Package.swift"], [
            [text(each["name"]), text(each["version"]), text(each["pinned"] or "no: brought along by another")]
            for each in surroundings["packages"]])
        + table("Debian packages for building and testing", ["Package", "Version"], [
            [text(each["name"]), text(each["version"] or "not installed")] for each in surroundings["debianPackages"]]))


def _requirements(plan, judged):
    parts = []
    for group in plan["groups"]:
        rows = "".join(_requirement(each) for each in judged if each.requirement["group"] == group["id"])
        names = ("Id", "What a plant can rely on", "Risk", "Clauses", "Result")
        heads = "".join(f'<th scope="col">{name}</th>' for name in names)
        parts.append(f"<h3>{text(group['title'])}</h3><table class=\"requirements\"><caption>{text(group['title'])}</caption>"
                     f"<thead><tr>{heads}</tr></thead>\n{rows}</table>")
    return "".join(parts)


def _requirement(judged):
    """A requirement and, in a row below it, what shows it."""
    requirement = judged.requirement
    identity = text(requirement["id"])
    shown = [_shown(pattern, tests) for pattern, tests in judged.found]
    shown = shown or [f"{sign(UNTESTED)} its tests are still to be named"]
    clauses = "<br>".join(text(clause) for clause in requirement["clauses"])
    return (
        f'<tbody><tr><th scope="row" rowspan="2" id="{identity}">{identity}</th><td>{text(requirement["text"])}</td>'
        f"<td><strong>{text(requirement['risk'])}</strong>: {text(requirement['why'])}</td><td>{clauses}</td>"
        f'<td>{sign(judged.result)}</td></tr>\n<tr><td colspan="4">Shown by {bullets(shown)}</td></tr></tbody>\n')


def _shown(pattern, tests):
    """One test with its suite, or a whole suite in figures; each of its tests stands in the matrix of the tests."""
    failed, skipped = [[test for test in tests if test.result == result] for result in (FAILED, SKIPPED)]
    ran = len(tests) - len(skipped)
    if ran == 0:
        return f"{sign(UNTESTED)} nothing ran for <code>{text(pattern)}</code>"
    result = sign(FAILED if failed else PASSED)
    if "/" in pattern:
        return f'{result} {text(tests[0].name)} <span class="quiet">({text(tests[0].title)})</span>'
    names = ": " + "; ".join(text(test.name) for test in failed) if failed else ""
    return (f"{result} the suite <em>{text(tests[0].title)}</em>: {ran - len(failed)} of {ran} tests passed"
            + (f", {len(skipped)} skipped" if skipped else "") + names)


def _matrix(judged):
    rows = []
    for each in judged:
        counted = [sum(test.result == result for test in each.tests) for result in (PASSED, FAILED, SKIPPED)]
        requirement = each.requirement
        rows.append([f'<a href="#{text(requirement["id"])}">{text(requirement["id"])}</a>', text(requirement["risk"]),
                     sign(each.result)] + counted + [
                         bullets([f"<code>{text(pattern)}</code>" for pattern in requirement["tests"]])])
    return table("Each requirement", ["Requirement", "Risk", "Result", "Passed", "Failed", "Skipped", "Patterns"], rows, "matrix")


def shown_by(judged):
    """The ids of the requirements that each test shows, by the test's label."""
    ids = {}
    for each in judged:
        for test in each.tests:
            ids.setdefault(test.label, []).append(each.requirement["id"])
    return ids


def _tests(judged, tests):
    ids, parts, suites = shown_by(judged), [], {}
    for test in tests:
        suites.setdefault(test.suite, []).append(test)
    for suite, members in suites.items():
        rows = [[text(test.name), sign(test.result), f"{test.seconds:.3f}", test.cases, ", ".join(
            f'<a href="#{text(each)}">{text(each)}</a>' for each in ids.get(test.label, [])) or "–"] for test in members]
        heads = ["Test", "Result", "Seconds", "Cases", "Requirements"]
        parts.append(table(f"{members[0].title} ({suite})", heads, rows, "tests"))
    return "<p>Tests run beside each other: the seconds of each, from its beginning to its end, are also those of others.</p>" + (
        "".join(parts))


def _loose(pack, judged, tests):
    ids = shown_by(judged)
    return (
        table("Requirements without a test that ran", ["Requirement", "Text", "What is missing"], [
            [text(each.requirement["id"]), text(each.requirement["text"]),
             bullets([f"<code>{text(pattern)}</code>" for pattern in each.silent]) if each.silent else "tests to be named"]
            for each in judged if each.result == UNTESTED], "missing")
        + table("Tests of the sources that did not run", ["Test", "Suite"], [
            [text(name.partition("/")[2]), f"<code>{text(name.partition('/')[0])}</code>"] for name in pack["notRun"]], "loose")
        + table("Tests that failed", ["Test", "Suite", "What happened"], [
            [text(test.name), f"<code>{text(test.suite)}</code>", bullets([text(note) for note in test.notes])]
            for test in tests if test.result == FAILED], "loose")
        + table("Tests that were skipped", ["Test", "Suite", "Why"], [
            [text(test.name), f"<code>{text(test.suite)}</code>", bullets([text(note) for note in test.notes])]
            for test in tests if test.result == SKIPPED], "loose")
        + table("Tests without a requirement", ["Test", "Suite", "Result"], [
            [text(test.name), f"<code>{text(test.suite)}</code>", sign(test.result)]
            for test in tests if test.label not in ids], "loose"))


def _review():
    return (
        "<p>For the site's own file. Names and signatures are added by hand or in the site's system.</p>"
        + table("Reviewed and accepted for the site's validation", ["Role", "Name", "Date", "Signature"], [
            [role, "", "", ""] for role in ("Process owner", "Quality", "System administrator")], "blank"))
