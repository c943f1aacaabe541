import AndonIdentity
import AndonModel
import AndonTesting
import HTTPTypes
import Testing

@testable import AndonServer

@Suite("An auditor reads, and changes nothing")
struct AuditorTests {
    private static func name(_ row: Access) -> String { "\(row.method.rawValue) \(row.path)" }

    /// Rows of routes that may do more than show something.
    private static let acting = AccessTable.rows.filter { $0.method != .get }

    @Test(
        "Of all routes that change something auditors may call those that leave their own trace, and their own matters"
    )
    func table() {
        let may = Self.acting.filter { row in
            if case .permission(let permission) = row.need {
                Role.auditor.permissions.contains(permission)
            } else {
                false
            }
        }
        let trace: Set<String> = [
            // A verification, a checkpoint and a package each leave an entry about themselves, and touch no other.
            "POST /audit/verify", "POST /api/v1/ledger/checkpoint", "POST /export", "POST /api/v1/export",
        ]
        let own: Set<String> = [
            // The person's own sessions, and views of the list of orders: everybody's views ask for `plan`.
            "POST /me/sessions/end", "POST /orders/views", "POST /orders/views/:id/:action",
            // A signature needs the password, and says nothing but what its signer says: see below.
            "POST /orders/:reference/sign", "POST /api/v1/orders/:reference/signatures",
            "POST /rules/:version/sign", "POST /api/v1/rules/:version/signatures",
        ]
        #expect(Set(may.map(Self.name)) == trace.union(own), "\(may.map(Self.name).sorted())")
    }

    @Test("What needs nobody's permission is the way in, one's own password, and a witness's signature")
    func open() {
        let open = Set(Self.acting.filter { $0.need == .nothing }.map(Self.name))
        #expect(
            open == [
                "POST /sign-in", "POST /sign-out", "POST /language", "POST /first", "POST /accounts/enrol",
                "POST /accounts/password", "POST /api/v1/accounts/set-up", "POST /api/v1/accounts/enrol",
                "POST /api/v1/accounts/password", "POST /ledger/add-checkpoint",
            ], "\(open.sorted())")
    }

    @Test("Auditors sign nothing but reviews, and what is kept for good is not theirs to place")
    func signatures() {
        for thing in SignedThing.allCases {
            for meaning in SignatureMeaning.allCases where thing.roles(for: meaning).contains(.auditor) {
                #expect(meaning == .review, "\(thing.rawValue): \(meaning.rawValue)")
            }
        }
        let keepers = Role.allCases.filter { $0.permissions.contains(.retain) }
        #expect(keepers == [.qualityEngineer, .administrator])
    }

    @Test("The pages show an auditor no form that would be refused; who may place holds and add evidence has them")
    func pages() async throws {
        let bench = try await AccessBench()
        try await bench.person("a.udit", "auditor", approver: nil)
        try await bench.person("q.ual", "quality-engineer", approver: "a.udit")
        let (auditor, engineer) = (try await bench.signIn("a.udit"), try await bench.signIn("q.ual"))
        let report = try await bench.administrator.post("/api/v1/inspections", bench.server.report("a-1"))
        let reference = try #require(report.json["detections"]?[0]?["order"]?.string, "\(report.body)")
        let hold = ["kind": "lot", "subject": "L-1", "reason": "a claim"]
        #expect(try await auditor.form("/audit/holds", hold).status == 403)
        #expect(try await engineer.form("/audit/holds", hold).status == 200)
        #expect(try await auditor.form("/audit/holds/1/release", ["reason": "settled"]).status == 403)
        let forms = [
            ("/audit/holds", "action=\"/audit/holds\""), ("/audit/holds", "/audit/holds/1/release"),
            ("/orders/\(reference)/record", "/orders/\(reference)/evidence"),
        ]
        for (path, form) in forms {
            let (seen, full) = (try await auditor.get(path), try await engineer.get(path))
            #expect(seen.status == 200 && !seen.body.contains(form), "\(path): \(seen.status)")
            #expect(full.status == 200 && full.body.contains(form), "\(path): \(full.status)")
        }
        #expect(try await auditor.get("/audit/holds").body.contains("in force"))
        let evidence: JSON = ["evidence": "risk", "value": "low"]
        let refused = try await auditor.post("/api/v1/orders/\(reference)/evidence", evidence)
        #expect(refused.status == 403 && refused.json["detail"]?.string?.contains("retain") == true, "\(refused.body)")
        #expect(try await engineer.post("/api/v1/orders/\(reference)/evidence", evidence).status == 201)
        for path in ["/audit", "/audit/verify", "/audit/checkpoint", "/audit/signatures", "/export", "/accounts"] {
            #expect(try await auditor.get(path).status == 200, "\(path)")
        }
        #expect(try await auditor.form("/audit/verify", [:]).status == 303)
        #expect(
            try await eventually { try await auditor.get("/api/v1/ledger/verification").json["state"] == "ended" })
        try await bench.server.end()
    }
}
