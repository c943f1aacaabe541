import AndonConfiguration
import AndonDesk
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Testing

@testable import AndonServer

@Suite("The API's description")
struct DescriptionTests {
    private static let resources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/AndonServer/API")

    private static func document() throws -> JSON {
        try JSON(parsing: Array(try Data(contentsOf: resources.appendingPathComponent("openapi.json"))))
    }

    @Test("It is of the version that the program says of itself")
    func version() async throws {
        #expect(try Self.document()["info"]?["version"] == .string(Software.version))
        let run = try await AndonProcess.run(["--version"])
        #expect(run.status == 0 && run.output == "andon \(Software.version)\n", "\(run.output)")
    }

    @Test("Every route of the API is described, and every described route is there")
    func routes() async throws {
        let folder = try TemporaryFolder()
        let configuration = try Configuration.load(
            yaml: "plant: { name: P }\nopcua: { server: { accounts: true } }\n")
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: SystemTime(), steps: DeskSchema.steps)
        let server = try await Server(
            configuration: configuration, store: store, connectors: [], time: SystemTime(), random: SystemRandom(),
            logger: Logger(label: "test"))
        let served = try server.router(random: SystemRandom()).routes.map {
            "\($0.method.rawValue) \($0.path.description.replacing(/\{?:?([A-Za-z]+)\}?/) { String($0.1) })"
        }
        let paths = try #require(try Self.document()["paths"]?.object)
        let described = paths.flatMap { path, methods in
            (methods.object ?? [:]).keys.map { "\($0.uppercased()) \(path.replacing(/[{}]/, with: ""))" }
        }
        #expect(Set(served).subtracting(described).isEmpty, "not described: \(Set(served).subtracting(described))")
        #expect(Set(described).subtracting(served).isEmpty, "not served: \(Set(described).subtracting(served))")
        try store.close()
    }

    @Test("The published schemas accept what the server accepts and keeps, and refuse what it refuses")
    func schemas() async throws {
        let charts =
            "  charts: { all: { kind: c, classes: [scratch], subgroup: { parts: 1 }, limits: { centre: 0.01 } } }\n"
        let server = try ServerFixture(ServerFixture.plant + charts)
        var cases: [(schema: String, document: JSON, isValid: Bool)] = []
        func add(_ id: String, _ changes: [String: JSON]) async throws {
            let report = server.report(id, changes)
            let answer = try await server.client.post("/api/v1/inspections", report)
            cases.append(("inspection", report, answer.status == 202))
            if answer.status != 202 { cases.append(("problem", answer.json, true)) }
            guard answer.status == 202 else { return }
            let kept = try await server.client.get("/api/v1/inspections/\(id)").json
            cases.append(("inspection", kept["inspection"] ?? .null, true))
            for detection in kept["detections"]?.array ?? [] {
                guard let reference = detection["order"]?.string else { continue }
                let order = try await server.client.get("/api/v1/orders/\(reference)").json
                cases.append(("work-order", order["document"] ?? .null, true))
            }
        }
        let box: JSON = ["x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "unit": "normalised"]
        try await add("s-1", [:])
        let signal = try await server.client.get("/api/v1/inspections/spc%3Aall%20(asset%3DPRESS-07)%3A1")
        #expect(signal.status == 200, "the chart's signal is kept as a report of its own")
        cases.append(("inspection", signal.json["inspection"] ?? .null, true))
        try await add("s-2", ["lot": nil, "zone": nil, "inspected": 3, "kind": "anomaly"])
        try await add(
            "s-3",
            [
                "picture": ["width": 100, "height": 80], "model": ["name": "m", "version": "1"],
                "schema": "andon.inspection/1",
                "defects": [
                    [
                        "class": "dent", "severity": "major", "box": box,
                        "polygon": [[0.1, 0.1], [0.5, 0.1], ["x": 0.5, "y": 0.5]], "polygonUnit": "normalised",
                        "measurement": ["name": "depth", "value": 0.4, "unit": "mm"], "attributes": ["a": 1],
                    ]
                ],
            ])
        try await add(
            "s-12",
            [
                "picture": ["width": 60, "height": 40],
                "defects": [
                    [
                        "class": "crack", "confidence": 0.9, "severity": 0.9,
                        "segmentation": [
                            "size": [40, 60], "counts": "bi01S18J4M2N2O0O2O00000O20N1000001N101N2N3L6HZg0",
                        ],
                    ],
                    ["class": "gap", "segmentation": ["size": [40, 60], "counts": [2357, 3, 37, 3]]],
                    [
                        "class": "chip",
                        "segmentation": [[1, 1, 5, 1, 5, 5], [[10, 10], ["x": 20, "y": 10], [20, 30.5]]],
                    ],
                ],
            ])
        #expect(cases.contains { $0.schema == "work-order" && $0.document["region"]?["maskPixels"] == 317 })
        try await add("s-13", ["defects": [["class": "x", "segmentation": ["size": [40, 60], "counts": "~"]]]])
        try await add("s-14", ["defects": [["class": "x", "segmentation": [[1, 2, 3, 4]]]]])
        try await add("s-4", ["kind": "guess"])
        try await add("s-5", ["camera": 7])
        try await add("s-6", ["defects": [["confidence": 0.4]]])
        try await add("s-7", ["defects": [["class": "x", "confidence": 1.5]]])
        try await add("s-8", ["defects": [["class": "x", "severety": 1]]])
        try await add("s-9", ["inspected": 0])
        try await add("s-10", ["picture": ["sha256": "abc"]])
        try await add("s-11", ["defects": [["class": "x", "box": ["x": 1, "y": 1, "width": 0, "height": 1]]]])
        #expect(cases.filter { !$0.isValid }.count == 10)
        let input = JSON.array(
            cases.map { ["schema": .string($0.schema), "document": $0.document, "valid": .bool($0.isValid)] })
        // The judge is python3-jsonschema, which knows nothing of this program.
        let judged = try await runProgram(
            URL(fileURLWithPath: "/bin/sh"), ["-c", Self.findJudge, "judge", Self.judge, Self.resources.path],
            input: input.canonicalText)
        #expect(judged.status == 0, "\(judged.output)")
        try await server.end()
    }

    /// A machine may have several python3; scripts/setup sees to it that one has the module.
    private static let findJudge = """
        for python in /usr/bin/python3 python3; do
            $python -c 'import jsonschema' 2>/dev/null && exec $python -c "$1" "$2"
        done
        echo "no python3 has jsonschema; run scripts/setup --tests" >&2; exit 3
        """

    private static let judge = """
        import json, sys, jsonschema
        folder, bad = sys.argv[1], 0
        def load(name): return json.load(open(f"{folder}/schemas/{name}.json"))
        for case in json.load(sys.stdin):
            schema = load(case["schema"])
            jsonschema.Draft202012Validator.check_schema(schema)
            errors = list(jsonschema.Draft202012Validator(schema).iter_errors(case["document"]))
            if bool(errors) == case["valid"]:
                bad += 1
                print(case["schema"], "valid" if case["valid"] else "invalid", case["document"], errors[:2])
        document = json.load(open(f"{folder}/openapi.json"))
        assert document["openapi"].startswith("3.1")
        names = set()
        def refs(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    if key == "$ref": names.add(inner)
                    else: refs(inner)
            elif isinstance(value, list):
                for inner in value: refs(inner)
        refs(document)
        for name in names:
            if name.startswith("#/"):
                target = document
                for step in name[2:].split("/"): target = target[step]
            else:
                open(f"{folder}/{name}").close()
        sys.exit(1 if bad else 0)
        """
}
