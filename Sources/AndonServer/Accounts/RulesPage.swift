import AndonIdentity
import AndonLedger
import AndonModel
import Mustache

/// A version of the rules with what was changed in it, by whom and why, and who signed it.
struct RulesView: Sendable {
    var version: Int
    var inForceAt: Timestamp
    var digest: String
    /// Nil for the first version, and for versions of before changes were written down.
    var changes: [JSONDifference]?
    var by: String?
    var reason: String?
    var approvedBy: String?
    var signatures: [CheckedSignature]
    var body: JSON

    init(_ version: Int, _ inForceAt: Timestamp, _ reader: Reader) throws {
        let subject = RuleSigning.subject(version)
        let entry = try reader.ledgerEntries(of: subject).first { $0.kind == "rules.in-force" }?.body
        (self.version, self.inForceAt) = (version, inForceAt)
        digest = entry?["digest"]?.string ?? ""
        changes = entry?["changes"]?.array?.compactMap { change in
            change["at"]?.string.map { JSONDifference(pointer: $0, old: change["old"], new: change["new"]) }
        }
        (by, reason) = (entry?["by"]?.string, entry?["why"]?.string)
        approvedBy = entry?["approvedBy"]?.string
        signatures = try reader.signatures(of: subject)
        body = try reader.rules(version: version) ?? .null
    }

    var isApproved: Bool { signatures.contains { $0.fault == nil && $0.statement.meaning == .approval } }

    var json: JSON {
        .object(present: [
            "version": .integer(version), "inForceAt": .time(inForceAt), "sha256": .string(digest),
            "changes": changes.map { .array($0.map(\.json)) }, "by": by.map { .string($0) },
            "why": reason.map { .string($0) }, "approvedBy": approvedBy.map { .string($0) },
            "signatures": .array(signatures.map(\.json)), "rules": body,
        ])
    }
}

struct RulesPage: Sendable {
    private let listTemplate: MustacheTemplate
    private let detailTemplate: MustacheTemplate

    init() throws {
        listTemplate = try MustacheTemplate(string: Self.listSource)
        detailTemplate = try MustacheTemplate(string: Self.detailSource)
    }

    func list(_ versions: [RulesView]) -> String {
        listTemplate.render([
            "versions": versions.map { view -> [String: Any] in
                [
                    "version": view.version, "at": "\(view.inForceAt)", "changes": view.changes?.count ?? 0,
                    "isFirst": view.changes == nil, "by": view.by ?? "nobody said", "isApproved": view.isApproved,
                ]
            }
        ])
    }

    func detail(_ view: RulesView, problem: String?) -> String {
        var values: [String: Any] = [
            "version": view.version, "at": "\(view.inForceAt)", "digest": view.digest,
            "isFirst": view.changes == nil,
            "who": view.by.map { "Changed by \($0): \(view.reason ?? "no reason given")." }
                ?? "Nobody said who changed them, or why.",
            "changes": (view.changes ?? []).map { change -> [String: Any] in
                [
                    "at": change.pointer, "old": Self.text(change.old), "new": Self.text(change.new),
                ]
            },
            "signatures": view.signatures.map { ["words": $0.words] },
            "meanings": SignatureMeaning.allCases.map { ["word": $0.rawValue] },
            "action": "/rules/\(view.version)/sign",
        ]
        values["problem"] = problem
        return detailTemplate.render(values)
    }

    private static func text(_ value: JSON?) -> String {
        value.map { $0.string ?? $0.canonicalText } ?? "none"
    }

    private static let head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Rules</title>
        <link rel="stylesheet" href="/desk/style.css"><style>main { max-width: 60rem; }
        table { border-collapse: collapse; width: 100%; margin: 0 0 1.4rem; } th, td { text-align: left; vertical-align: top;
          padding: .35rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } .scroll { overflow-x: auto; }
        </style></head><body><main>
        """

    private static let listSource =
        head + """
            <h1>Rules</h1><div class="scroll"><table><tr><th>Version</th><th>In force since</th><th>Changed by</th>
            <th>Changes</th><th>Approved</th></tr>{{#versions}}<tr><td><a href="/rules/{{version}}">{{version}}</a></td>
            <td>{{at}}</td><td>{{by}}</td><td>{{#isFirst}}not written down{{/isFirst}}{{^isFirst}}{{changes}}{{/isFirst}}</td>
            <td>{{#isApproved}}yes{{/isApproved}}{{^isApproved}}no{{/isApproved}}</td></tr>{{/versions}}</table></div>
            <p><a href="/accounts">Accounts</a> · <a href="/desk">All orders</a></p></main></body></html>
            """

    private static let detailSource =
        head + """
            <p><a href="/rules">All versions</a></p><h1>Rules, version {{version}}</h1>
            {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
            <p>In force since {{at}}. {{who}}</p><p><small>SHA-256 {{digest}} ·
            <a href="/api/v1/rules/{{version}}">the rules as JSON</a></small></p>
            {{#isFirst}}<p>The first version, or one of before changes were written down.</p>{{/isFirst}}
            {{^isFirst}}<h2>What was changed</h2><div class="scroll"><table><tr><th>Where</th><th>Before</th><th>Now</th></tr>
            {{#changes}}<tr><td>{{at}}</td><td>{{old}}</td><td>{{new}}</td></tr>{{/changes}}</table></div>{{/isFirst}}
            <h2>Signatures</h2><ul>{{#signatures}}<li>{{words}}</li>{{/signatures}}</ul>
            {{^signatures}}<p>Nobody has signed this version.</p>{{/signatures}}
            \(SignatureForm.source)</main></body></html>
            """
}

/// The form by which something is signed; both components are asked for each time.
enum SignatureForm {
    static let source = """
        <details><summary>Sign</summary><form method="post" action="{{action}}"><label>What you say by signing
        <select name="meaning">{{#meanings}}<option>{{word}}</option>{{/meanings}}</select></label>
        <label>Remark <input name="reason" maxlength="1000"></label>
        <label>Login name <input name="login" required autocomplete="username"></label>
        <label>Password <input type="password" name="password" required autocomplete="off"></label>
        <button class="main">Sign</button><p><small>Your name, the time and the meaning stand under it from then on, bound to
        what is on this page. <a href="/accounts">Accounts</a></small></p></form></details>
        """
}
