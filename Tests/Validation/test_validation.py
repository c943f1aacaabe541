"""The maker of the validation pack, tested by what it makes of results: nothing may pass that did not run and pass."""
import contextlib
import csv
import io
import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Validation"))

import document  # noqa: E402
import make  # noqa: E402
import surroundings  # noqa: E402
import traceability  # noqa: E402
from traceability import Test, judge  # noqa: E402


def requirement(*tests, **more):
    return {"id": "INT-01", "group": "INT", "text": "It holds.", "risk": "high", "why": "it must", "clauses": ["ISO 9001 8.7.2"],
            "tests": list(tests), **more}


def plan(*requirements):
    return {"groups": [{"id": "INT", "title": "Intake"}], "requirements": list(requirements)}


HOLDS = Test("ATests.OuterTests", "It holds / always", "passed")
FAILS = Test("ATests.OuterTests", "It fails", "failed", notes=["Expectation failed: 1 == 2"])
SKIPPED = Test("ATests.OuterTests", "It needs a tool", "skipped", notes=["no tool"])
DEEP = Test("ATests.OuterTests.InnerTests", "Deep", "passed")


class Stream:
    """An event stream as Swift Testing writes it, of one suite."""

    def __init__(self):
        self.lines = []
        self.clock = 1000.0
        self.event("runStarted", None, [("default", "Test run started."), ("details", "Testing Library Version: 6")])
        self.record("test", {"kind": "suite", "id": "ATests.OuterTests", "name": "OuterTests", "displayName": "Outer <suite>"})

    def record(self, kind, payload):
        self.lines.append(json.dumps({"kind": kind, "payload": payload, "version": 0}, ensure_ascii=False))

    def event(self, kind, test, messages, **more):
        self.clock += 0.5
        instant = {"absolute": self.clock, "since1970": 1.7e9 + self.clock}
        said = [{"symbol": symbol, "text": text} for symbol, text in messages]
        self.record("event", {"kind": kind, "instant": instant, "messages": said, **({"testID": test} if test else {}), **more})

    def function(self, name, function="holds()", suite="ATests.OuterTests", **more):
        identity = f"{suite}/{function}/T.swift:3:6"
        self.record("test", {"kind": "function", "id": identity, "name": function, "displayName": name, **more})
        return identity

    def test(self, name, symbol, function):
        identity = self.function(name, function)
        self.event("testStarted", identity, [("default", "started")])
        self.event("testEnded", identity, [(symbol, "ended")])

    def bytes(self, symbol="pass"):
        if symbol:
            self.event("runEnded", None, [(symbol, "Test run ended.")])
        return "\n".join(self.lines).encode()


class MatcherTests(unittest.TestCase):
    def result(self, *patterns, tests=(HOLDS, FAILS, SKIPPED, DEEP)):
        return judge(requirement(*patterns), list(tests))

    def test_what_ran_and_passed_shows_it(self):
        judged = self.result("ATests.OuterTests/It holds / always")
        self.assertEqual((judged.result, judged.tests, judged.silent), ("passed", [HOLDS], []))

    def test_a_suite_stands_for_all_its_tests_and_those_of_suites_in_it(self):
        self.assertEqual(len(self.result("ATests.OuterTests").tests), 4)
        self.assertEqual(self.result("ATests.OuterTests").result, "failed")
        self.assertEqual(self.result("ATests.OuterTests", tests=[HOLDS, SKIPPED]).result, "passed")

    def test_nothing_matched_is_untested(self):
        for pattern in ["ATests.OuterTests/It hold", "ATests.Outer", "BTests.OuterTests", "atests.outertests", "", "*"]:
            self.assertEqual(self.result(pattern).result, "untested", pattern)
        self.assertEqual(self.result().result, "untested")

    def test_one_pattern_without_a_test_leaves_it_untested_however_many_passed(self):
        judged = self.result("ATests.OuterTests/It holds / always", "ATests.OuterTests/It hodls")
        self.assertEqual((judged.result, judged.silent), ("untested", ["ATests.OuterTests/It hodls"]))

    def test_a_failure_outranks_a_missing_test(self):
        self.assertEqual(self.result("ATests.OuterTests/It fails", "ATests.OuterTests/It hodls").result, "failed")
        self.assertEqual(self.result("ATests.OuterTests/It holds / always", "ATests.OuterTests/It fails").result, "failed")

    def test_a_skipped_test_shows_nothing(self):
        judged = self.result("ATests.OuterTests/It needs a tool")
        self.assertEqual((judged.result, judged.silent), ("untested", ["ATests.OuterTests/It needs a tool"]))


class ResultTests(unittest.TestCase):
    def test_outcomes_are_those_of_the_stream(self):
        stream = Stream()
        stream.test("Passes", "pass", "passes()")
        stream.test("Fails", "fail", "fails()")
        stream.test("Known", "passWithKnownIssue", "known()")
        stream.test("New word", "somethingElse", "word()")
        cases = stream.function("Cases", "cases(n:)", _testCases=[{"displayName": "\u2028\x85\r"}, {}, {}])
        stream.event("testStarted", cases, [])
        stream.event("issueRecorded", cases, [("fail", "2 != 2")], issue={"isKnown": False})
        stream.event("testEnded", cases, [("fail", "ended")])
        skipped = stream.function("Skipped", "skipped()")
        stream.event("testSkipped", skipped, [("skip", "skipped")], _comments=["no tool"])
        free = stream.function("Free", "free()", suite="X")
        stream.lines[-1] = stream.lines[-1].replace("X/free()", "ATests.free()")
        free = free.replace("X/free()", "ATests.free()")
        stream.event("testStarted", free, [])
        stream.event("testEnded", free, [("pass", "ended")])
        run = traceability.read_run("r", stream.bytes("fail"))
        self.assertEqual(run.faults, [])
        self.assertEqual([(test.name, test.result) for test in run.tests], [
            ("Passes", "passed"), ("Fails", "failed"), ("Known", "passed"), ("New word", "failed"), ("Cases", "failed"),
            ("Skipped", "skipped"), ("Free", "passed")])
        self.assertEqual((run.tests[4].cases, run.tests[4].notes), (3, ["2 != 2"]))
        self.assertEqual((run.tests[0].title, run.tests[0].seconds, run.tests[6].suite), ("Outer <suite>", 0.5, "ATests"))

    def test_a_process_that_died_leaves_failures(self):
        stream = Stream()
        stream.test("Passes", "pass", "passes()")
        begun = stream.function("Died here", "died()")
        stream.event("testStarted", begun, [])
        stream.function("Never came", "never()")
        for ending in [b"", b'\n{"kind":"event","payl']:
            run = traceability.read_run("r", stream.bytes(None) + ending)
            self.assertEqual([test.result for test in run.tests], ["passed", "failed", "failed"])
            self.assertTrue(any("did not end" in fault for fault in run.faults))

    def test_a_run_that_failed_beside_its_tests_is_no_good_run(self):
        stream = Stream()
        stream.test("Passes", "pass", "passes()")
        stream.event("issueRecorded", "ATests.OuterTests", [("fail", "set-up")], issue={"isKnown": False})
        self.assertEqual(len(traceability.read_run("r", stream.bytes("fail")).faults), 2)
        self.assertEqual(len(traceability.read_run("r", b"").faults), 2)

    def test_of_two_runs_the_worse_result_counts(self):
        runs = []
        for symbol in ["fail", "pass"]:
            stream = Stream()
            stream.test("Now and then", symbol, "flaky()")
            runs.append(traceability.read_run(symbol, stream.bytes(symbol)))
        for order in [runs, runs[::-1]]:
            tests, differing = traceability.merge(order)
            self.assertEqual([test.result for test in tests], ["failed"])
            self.assertEqual(len(differing), 1)


class SourceTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        (self.root / "Tests/ATests").mkdir(parents=True)

    def read(self, text):
        (self.root / "Tests/ATests/T.swift").write_text(text)
        return traceability.tests_in_sources(self.root)

    def test_tests_are_found_where_they_stand(self):
        tests, faults = self.read(
            '@Suite("Outer", .serialized)\nfinal class OuterTests {\n    struct Helper {\n        var x = 1\n    }\n'
            '    @Test("Says \\"yes\\"")\n    func a() {}\n    @Test(\n        "On the next line", arguments: [1])\n    func b() {}\n'
            '    @Suite("Inner")\n    struct InnerTests {\n        @Test("Deep")\n        func c() {}\n    }\n'
            '    @Test("After")\n    func d() {}\n}\n\nextension OuterTests {\n    @Test("Beside")\n    func e() {}\n}\n'
            '@Test("Free")\nfunc f() {}\n')
        self.assertEqual(faults, [])
        self.assertEqual([test.label for test in tests], [
            'ATests.OuterTests/Says "yes"', "ATests.OuterTests/On the next line", "ATests.OuterTests.InnerTests/Deep",
            "ATests.OuterTests/After", "ATests.OuterTests/Beside", "ATests/Free"])

    def test_a_test_that_no_pattern_could_name_is_told(self):
        _, faults = self.read('struct T {\n    @Test func a() {}\n    @Test("One")\n    func b() {}\n    @Test("One")\n    func c() {}\n}\n')
        self.assertEqual(len(faults), 2)

    def test_a_renamed_test_and_a_broken_requirement_are_told(self):
        tests = [HOLDS]
        self.assertEqual(traceability.faults_of(plan(requirement("ATests.OuterTests")), tests), [])
        self.assertEqual(traceability.faults_of(plan(requirement(pending=True)), tests), [])
        for broken in [requirement("ATests.OuterTests/It held"), requirement(), requirement("ATests.OuterTests", pending=True),
                       requirement("ATests.OuterTests", risk="huge"), requirement("ATests.OuterTests", group="XYZ"),
                       {"id": "INT-01", "tests": []}]:
            self.assertEqual(len(traceability.faults_of(plan(broken), tests)), 1, broken)
        self.assertEqual(len(traceability.faults_of(plan(*2 * [requirement("ATests.OuterTests")]), tests)), 1)


class PackTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.out = pathlib.Path(self.folder.name, "pack")
        self.printer, make.print_pdf = make.print_pdf, lambda folder: False
        self.addCleanup(lambda: setattr(make, "print_pdf", self.printer))

    def make(self, stream, *requirements, symbol="pass"):
        file = pathlib.Path(self.folder.name, "events.jsonl")
        file.write_bytes(stream.bytes(symbol))
        with contextlib.redirect_stdout(io.StringIO()):
            status = make.make(plan(*requirements), [], [], self.out, [file])
        self.assertFalse(self.out.with_name("pack.part").exists())
        return status, json.loads((self.out / "validation.json").read_text())

    def test_the_exit_code_says_whether_all_is_shown(self):
        stream = Stream()
        stream.test("Passes", "pass", "passes()")
        status, pack = self.make(stream, requirement("ATests.OuterTests/Passes"))
        self.assertEqual((status, pack["requirements"][0]["result"]), (0, "passed"))
        self.assertEqual(pack["counts"], {"requirements": 1, "covered": 1, "tests": 1, "passed": 1, "failed": 0, "skipped": 0})
        status, pack = self.make(stream, requirement("ATests.OuterTests/Passes"), requirement(id="INT-02", pending=True))
        self.assertEqual((status, [each["result"] for each in pack["requirements"]]), (1, ["passed", "untested"]))
        stream.test("Fails, and nobody asks for it", "fail", "fails()")
        status, pack = self.make(stream, requirement("ATests.OuterTests/Passes"), symbol="fail")
        self.assertEqual((status, pack["counts"]["failed"]), (1, 1))
        stream = Stream()
        stream.test("Passes", "pass", "passes()")
        status, pack = self.make(stream, requirement("ATests.OuterTests/Passes"), symbol=None)
        self.assertEqual((status, len(pack["faults"])), (1, 1))

    def test_names_are_text_in_the_document_and_no_formula_in_the_tables(self):
        stream = Stream()
        stream.test('=1+1 <script>alert("x")</script> & more', "pass", "hostile()")
        _, pack = self.make(stream, requirement("ATests.OuterTests", text="<b>bold</b>", why="<i>", clauses=["<u>"]))
        page = (self.out / "validation.html").read_text()
        for markup in ["<script", "<b>", "<i>", "<u>", "http:", "https:", "src="]:
            self.assertNotIn(markup, page)
        self.assertIn("=1+1 &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; more", page)
        self.assertIn("Outer &lt;suite&gt;", page)
        with open(self.out / "tests.csv", newline="", encoding="utf-8") as file:
            self.assertEqual(list(csv.DictReader(file))[0]["test"], '\'=1+1 <script>alert("x")</script> & more')
        self.assertEqual(pack["tests"][0]["name"], '=1+1 <script>alert("x")</script> & more')

    def test_a_changed_work_tree_is_a_deviation(self):
        tree = {"commit": "c" * 40, "committedAt": 0.0, "changed": [" M Package.swift"]}
        pack = {"software": {"version": "1.0.0"}}
        self.assertEqual(len(make.tree_deviations(pack, tree, [])), 1)
        self.assertEqual(make.tree_deviations(pack, {**tree, "changed": []}, []), [])
        late = traceability.Run("r", "", started=10.0)
        self.assertEqual(len(make.tree_deviations(pack, {**tree, "changed": [], "committedAt": 11.0}, [late])), 1)

    def run_script(self, script):
        """What make says of a `scripts/test` that does this, given `stream` as a good run's events."""
        root = pathlib.Path(self.folder.name, "root")
        (root / "scripts").mkdir(parents=True, exist_ok=True)
        stream = Stream()
        stream.test("Passes", "pass", "passes()")
        (root / "stream").write_bytes(stream.bytes())
        (root / "scripts/test").write_text("#!/bin/sh\n" + script)
        (root / "scripts/test").chmod(0o755)
        events = pathlib.Path(tempfile.mkdtemp(dir=self.folder.name))
        known, make.ROOT = make.ROOT, root
        try:
            return make.run_tests(events)
        finally:
            make.ROOT = known

    def test_a_run_of_all_tests_that_stops_early_is_told(self):
        one, two = (f"cp stream $ANDON_TEST_EVENTS/tests-{name}.jsonl\n" for name in ("0", "rest"))
        self.assertEqual(self.run_script(one + two), [])
        self.assertEqual(self.run_script(one + two + "exit 1"), ["scripts/test ended with exit code 1, though no test failed."])
        self.assertEqual(len(self.run_script(one)), 1)
        with self.assertRaises(make.NoPack):
            self.run_script("exit 1")

    def test_a_folder_that_is_no_pack_is_left_alone(self):
        self.out.mkdir()
        (self.out / "thesis.txt").write_text("mine")
        with self.assertRaises(make.NoPack):
            make.make(plan(), [], [], self.out, [])
        self.assertEqual([file.name for file in self.out.iterdir()], ["thesis.txt"])

    def test_what_was_tested_is_read_from_the_sources(self):
        names = {each["name"]: each for each in surroundings.packages(ROOT)}
        self.assertRegex(names["grdb.swift"]["pinned"], r"^\d+\.\d+\.\d+$")
        self.assertIn("fonts-dejavu-core", [each["name"] for each in surroundings.debian_packages(ROOT)])
        self.assertEqual(surroundings.version("/nowhere"), "0.0.0-unknown")


if __name__ == "__main__":
    unittest.main()
