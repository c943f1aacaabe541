"""Which requirement is shown by which test: the patterns, the tests in the sources, and results as Swift Testing tells them."""
import dataclasses
import hashlib
import json
import pathlib
import re

PASSED, FAILED, SKIPPED, UNTESTED = "passed", "failed", "skipped", "untested"
RISKS = ("high", "medium", "low")


@dataclasses.dataclass
class Test:
    """A test function with its result. `suite` is module.type, `title` the suite's display name, `name` the test's."""
    suite: str
    name: str
    result: str = FAILED
    seconds: float = 0.0
    title: str = ""
    cases: int = 1
    notes: list = dataclasses.field(default_factory=list)  # what went wrong, or why it was skipped

    @property
    def label(self):
        return f"{self.suite}/{self.name}"


@dataclasses.dataclass
class Run:
    """One event stream: who ran it, when, its tests, and what is wrong with it as a whole."""
    name: str
    sha256: str
    started: float = None  # seconds since 1970
    ended: float = None
    about: list = dataclasses.field(default_factory=list)
    tests: list = dataclasses.field(default_factory=list)
    faults: list = dataclasses.field(default_factory=list)


def read_run(name, data):
    """The tests of one event stream (`--event-stream-output-path`, version 0), given as bytes.

    A test that began and did not end failed: the process died under it, or the run was broken off.
    """
    run = Run(name, hashlib.sha256(data).hexdigest())
    titles, functions, begun, ended = {}, {}, {}, set()
    # Not splitlines(): the arguments of a test may hold line separators of Unicode.
    for number, line in enumerate(data.rstrip(b"\n").split(b"\n") if data else [], 1):
        try:
            record = json.loads(line)
            kind, payload = record["kind"], record["payload"]
            if kind == "test" and payload["kind"] == "suite":
                titles[_dotted(payload["id"])] = payload.get("displayName") or payload["name"]
            elif kind == "test":
                suite = _suite(payload["id"])
                functions[payload["id"]] = Test(
                    suite, payload.get("displayName") or payload["name"], title=suite,
                    cases=len(payload.get("_testCases", [0])), notes=["It did not run."])
            elif kind == "event":
                _event(run, payload, functions, begun, ended)
        except (ValueError, KeyError, TypeError) as error:
            run.faults.append(f"{name}, line {number} is no event ({type(error).__name__}: {error}).")
            break
    for identity, test in functions.items():
        test.title = titles.get(test.suite, test.suite)
        if identity in begun and identity not in ended:
            test.notes = ["It began and did not end."] + test.notes
    run.tests = list(functions.values())
    if run.ended is None:
        run.faults.append(f"The run in {name} did not end.")
    if not run.tests:
        run.faults.append(f"The run in {name} has no tests.")
    return run


def _event(run, event, functions, begun, ended):
    kind, identity = event["kind"], event.get("testID")
    test = functions.get(identity)
    now = event["instant"]["absolute"]
    said = [message["text"] for message in event.get("messages", [])]
    symbols = {message["symbol"] for message in event.get("messages", [])}
    if kind == "runStarted":
        run.started = event["instant"]["since1970"]
        run.about = said[1:]
    elif kind == "runEnded":
        run.ended = event["instant"]["since1970"]
        if "fail" in symbols and not any(each.result == FAILED for each in functions.values()):
            run.faults.append(f"The run in {run.name} failed outside of its tests: {' '.join(said)}")
    elif kind == "issueRecorded" and test:
        test.notes.append(("Known: " if event["issue"].get("isKnown") else "") + " ".join(said))
    elif kind == "issueRecorded" and not event["issue"].get("isKnown"):
        run.faults.append(f"Outside of a test ({identity or 'no suite'}): {' '.join(said)}")
    elif kind == "testStarted" and test:
        begun[identity] = now
        test.notes = []
    elif kind == "testSkipped" and test:
        ended.add(identity)
        test.result = SKIPPED
        test.notes = event.get("_comments") or said
    elif kind == "testEnded" and test:
        ended.add(identity)
        # Symbols: pass, passWithKnownIssue, passWithWarnings, skip, fail; what is not known is no pass.
        passed = any(symbol.startswith("pass") for symbol in symbols)
        test.result = PASSED if passed else SKIPPED if "skip" in symbols else FAILED
        test.seconds = round(now - begun.get(identity, now), 3)


def _dotted(identity):
    return identity.replace("/", ".")


def _suite(identity):
    """`Module.Type/Inner/function()/File.swift:3:6` is of suite `Module.Type.Inner`, a free function's is its module."""
    parts = identity.split("/")
    return _dotted("/".join(parts[:-2])) or parts[0].split(".")[0]


def merge(runs):
    """All tests of all runs, by suite and name, and the sentences about those that went differently in two runs.

    Where a test ran more than once the worse result counts, so that a second attempt hides nothing.
    """
    worth = {FAILED: 2, PASSED: 1, SKIPPED: 0}
    tests, differing = {}, []
    for test in (test for run in runs for test in run.tests):
        known = tests.get(test.label)
        if known and known.result != test.result:
            differing.append(f"{test.label}: {known.result} and {test.result}; the worse one counts.")
        if known is None or worth[test.result] > worth[known.result]:
            tests[test.label] = test
    return [tests[label] for label in sorted(tests)], differing


def matches(pattern, test):
    """A pattern is a suite (`Module.Type`, with all suites in it) or one test (`Module.Type/Its display name`)."""
    suite, slash, name = pattern.partition("/")
    if slash:
        return test.suite == suite and test.name == name
    return test.suite == suite or test.suite.startswith(suite + ".")


@dataclasses.dataclass
class Judged:
    """A requirement, what each of its patterns found, and its result."""
    requirement: dict
    found: list  # of (pattern, tests)
    result: str

    @property
    def tests(self):
        by_label = {test.label: test for _, tests in self.found for test in tests}
        return [by_label[label] for label in sorted(by_label)]

    @property
    def silent(self):
        """Patterns that nothing which ran answers to."""
        return [pattern for pattern, tests in self.found if all(test.result == SKIPPED for test in tests)]


def judge(requirement, tests):
    """Passed: each pattern found a test that ran, and none of those failed. A failure outranks a pattern without a test."""
    found = [(pattern, [test for test in tests if matches(pattern, test)]) for pattern in requirement["tests"]]
    judged = Judged(requirement, found, UNTESTED)
    if any(test.result == FAILED for test in judged.tests):
        judged.result = FAILED
    elif found and not judged.silent:
        judged.result = PASSED
    return judged


def tests_in_sources(root):
    """The tests that the sources have, and sentences about those that no pattern could name.

    The sources are formatted (`swift format`), so a type holds what is indented below it.
    """
    token = re.compile(
        r'^(?P<indent> *)(?:(?:(?:public|private|fileprivate|internal|package|final|indirect) )*'
        r'(?:struct|class|actor|enum|extension) (?P<type>[\w.]+)|@Test\b(?:\(\s*"(?P<name>(?:[^"\\]|\\.)*)")?)', re.M)
    tests, faults = {}, []
    for file in sorted(pathlib.Path(root, "Tests").rglob("*.swift")):
        around = []
        text = file.read_text(encoding="utf-8")
        for found in token.finditer(text):
            indent = len(found["indent"])
            around = [(depth, name) for depth, name in around if depth < indent]
            if found["type"]:
                around.append((indent, found["type"]))
                continue
            suite = ".".join([file.relative_to(root).parts[1]] + [name for _, name in around])
            where = f"{file.relative_to(root)}:{text.count(chr(10), 0, found.start()) + 1}"
            if found["name"] is None:
                faults.append(f"{where}: a test without a display name; give it a sentence.")
                continue
            test = Test(suite, json.loads(f'"{found["name"]}"'))
            if test.label in tests:
                faults.append(f"{where}: a second test with the name {test.label!r}; name them apart.")
            tests[test.label] = test
    return list(tests.values()), faults


def faults_of(plan, tests):
    """Sentences about what is wrong with the file of requirements, held against the tests in the sources."""
    faults, groups, seen = [], {group["id"] for group in plan["groups"]}, set()
    for requirement in plan["requirements"]:
        identity = requirement.get("id", "?")
        missing = [key for key in ("id", "group", "text", "risk", "why", "clauses", "tests") if key not in requirement]
        if missing:
            faults.append(f"{identity}: has no {', '.join(missing)}.")
            continue
        if identity in seen:
            faults.append(f"{identity}: stands twice.")
        seen.add(identity)
        if requirement["group"] not in groups or not identity.startswith(requirement["group"] + "-"):
            faults.append(f"{identity}: its group {requirement['group']!r} is none, or its id does not begin with it.")
        if requirement["risk"] not in RISKS:
            faults.append(f"{identity}: risk {requirement['risk']!r} is none of {', '.join(RISKS)}.")
        if not requirement["tests"] and not requirement.get("pending"):
            faults.append(f"{identity}: names no test; name one, or say pending.")
        if requirement["tests"] and requirement.get("pending"):
            faults.append(f"{identity}: names tests and says pending; take one away.")
        for pattern in requirement["tests"]:
            if not any(matches(pattern, test) for test in tests):
                faults.append(f"{identity}: no test in the sources is called {pattern!r}; was it renamed?")
    return faults
