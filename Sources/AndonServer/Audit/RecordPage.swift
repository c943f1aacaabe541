import AndonAudit
import AndonIdentity
import AndonLedger
import AndonModel
import Mustache

/// A record as one page: every fact with the entries of the ledger behind it, and forms for what only people know.
struct RecordPage: Sendable {
    private let template: MustacheTemplate

    init() throws { template = try MustacheTemplate(string: Self.source) }

    /// - Parameter problem: why a form was refused, in words.
    func html(_ record: TraceableRecord, problem: String? = nil) -> String {
        let missing = record.missing(TraceableRecord.essentials).map { $0.phrase }.joined(separator: ", ")
        var values: [String: Any] = [
            "reference": record.reference.text, "title": record.title, "complete": record.isComplete,
            "missing": missing,
            "sections": RecordSection.chain.map { section in
                ["title": section.title, "facts": section.kinds.map { Self.fact(record.evidence($0)) }] as [String: Any]
            },
            "transmission": record.transmission.map { attempt in
                [
                    "effect": attempt.effect.rawValue, "number": attempt.number, "at": "\(attempt.startedAt)",
                    "outcome": attempt.answer?.outcome ?? "no answer",
                    "answer": attempt.answer?.remoteID ?? attempt.answer?.detail ?? "",
                ] as [String: Any]
            },
            "trail": record.trail.map { entry in
                [
                    "index": entry.index, "at": "\(entry.at)", "kind": entry.kind, "subject": entry.subject,
                    "said": RecordDocument.words(entry.body),
                ] as [String: Any]
            },
            "kinds": EvidenceKind.recordable.map { ["word": $0.word, "name": $0.name] },
            "signatures": record.signatures.map { ["words": $0.words, "index": $0.index] as [String: Any] },
            "meanings": SignatureMeaning.allCases.map { ["word": $0.rawValue] },
            "action": "/orders/\(record.reference)/sign",
        ]
        values["problem"] = problem
        values["picture"] = record.order.document.picture?.sha256
        values["marked"] = record.order.document.region != nil
        return template.render(values)
    }

    private static func fact(_ evidence: Evidence) -> [String: Any] {
        var values: [String: Any] = [
            "name": evidence.kind.name, "entries": evidence.entries.map { ["index": $0] },
            "isWorkedOut": !evidence.isMissing && evidence.entries.isEmpty,
        ]
        values["value"] = evidence.value
        return values
    }

    private static let source = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Record {{reference}}</title>
        <link rel="stylesheet" href="/desk/style.css"><style>
        main { max-width: 64rem; } figure { max-width: 40rem; } table { border-collapse: collapse; width: 100%; margin: 0 0 1.4rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--line);
          overflow-wrap: anywhere; } .facts th { width: 15rem; font-weight: 600; }
        .e { width: 7rem; font-size: .8rem; } .none { font-style: italic; } .scroll { overflow-x: auto; }
        .state { border-left: 4px solid #188038; padding: .5rem .8rem; } .gap { border-color: #b06000; }
        summary { cursor: pointer; padding: .6rem 0; font-weight: 600; }
        @media (max-width: 40rem) { .facts tr { display: block; padding: .4rem 0; }
          .facts th, .facts td { display: block; width: auto; border: 0; padding: .1rem 0; } }
        </style></head><body><main>
        <h1>{{title}}</h1><p>Order {{reference}} · <a href="/orders/{{reference}}/record.pdf">this record as a
        document (PDF)</a> · <a href="/api/v1/orders/{{reference}}/record">as JSON</a></p>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        {{#complete}}<p class="state">Detection, response, root cause and resolution are on record.</p>{{/complete}}
        {{^complete}}<p class="state gap">Not complete: {{missing}} not recorded.</p>{{/complete}}
        {{#picture}}<figure>{{#marked}}<a href="/orders/{{reference}}/annotated">
        <img class="evidence" src="/orders/{{reference}}/annotated" alt="The picture with its defects marked"></a>{{/marked}}
        {{^marked}}<img class="evidence" src="/pictures/{{picture}}" alt="The picture of the defect">{{/marked}}
        <figcaption><a href="/pictures/{{picture}}">The original, as the camera sent it</a></figcaption></figure>{{/picture}}
        {{#sections}}<h2>{{title}}</h2><table class="facts">{{#facts}}<tr><th scope="row">{{name}}</th>
        <td>{{#value}}{{.}}{{/value}}{{^value}}<span class="none">not recorded</span>{{/value}}</td>
        <td class="e">{{#entries}}<a href="#e{{index}}">{{index}}</a> {{/entries}}{{#isWorkedOut}}worked out{{/isWorkedOut}}
        </td></tr>{{/facts}}</table>{{/sections}}
        <details><summary>Record what only people know</summary>
        <form method="post" action="/orders/{{reference}}/evidence"><label>What
        <select name="evidence">{{#kinds}}<option value="{{word}}">{{name}}</option>{{/kinds}}</select></label>
        <label>In words <textarea name="value" rows="4" required maxlength="4000"></textarea></label>
        <label>Your name <input name="by" required maxlength="200"></label>
        <label>Why, when it corrects something <input name="why" maxlength="1000"></label>
        <button class="main">Record it</button><p><small>It becomes an entry of the ledger. Nothing is overwritten: a
        correction stands beside what it corrects.</small></p></form></details>
        <h2>Signatures</h2>{{#signatures}}<p>{{words}} <a href="#e{{index}}">{{index}}</a></p>{{/signatures}}
        {{^signatures}}<p class="none">Nobody has signed this record.</p>{{/signatures}}
        \(SignatureForm.source)
        <h2>Transmission log</h2><div class="scroll"><table><tr><th>Effect</th><th>No.</th><th>Sent</th><th>Outcome</th>
        <th>Answer</th></tr>{{#transmission}}<tr><td>{{effect}}</td><td>{{number}}</td><td>{{at}}</td>
        <td>{{outcome}}</td><td>{{answer}}</td></tr>{{/transmission}}</table></div>
        <h2>Audit trail</h2><div class="scroll"><table><tr><th>Entry</th><th>Time</th><th>What</th><th>Of</th>
        <th>Said</th></tr>{{#trail}}<tr id="e{{index}}"><td>{{index}}</td><td>{{at}}</td><td>{{kind}}</td>
        <td>{{subject}}</td><td>{{said}}</td></tr>{{/trail}}</table></div></main></body></html>
        """
}
