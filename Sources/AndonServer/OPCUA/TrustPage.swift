import AndonModel
import Mustache

/// The certificates of those who knocked over OPC UA, for an administrator.
struct TrustPage: Sendable {
    enum Message {
        case done(String)
        case refused(Problem)
    }

    private let template: MustacheTemplate

    init() throws { template = try MustacheTemplate(string: Self.source) }

    /// - Parameter state: as the API gives it.
    func html(_ state: JSON, _ message: Message?) -> String {
        func rows(_ wanted: String) -> [[String: Any]] {
            (state["certificates"]?.array ?? []).filter { $0["state"]?.string == wanted }.map { entry in
                func text(_ name: String) -> String { entry[name]?.string ?? "" }
                return [
                    "thumbprint": text("thumbprint"), "subject": text("subject"), "uri": text("applicationUri"),
                    "issuer": text("issuer"), "until": text("notAfter"), "since": text("since"),
                ]
            }
        }
        let (rejected, trusted, issuers) = (rows("rejected"), rows("trusted"), rows("issuer"))
        func own(_ name: String) -> String { state["own"]?[name]?.string ?? "" }
        var values: [String: Any] = [
            "rejected": rejected, "hasRejected": !rejected.isEmpty, "trusted": trusted, "hasTrusted": !trusted.isEmpty,
            "issuers": issuers, "hasIssuers": !issuers.isEmpty,
            "ownUri": own("applicationUri"), "ownThumbprint": own("thumbprint"), "ownUntil": own("notAfter"),
            "ownPath": own("path"),
        ]
        switch message {
        case .done(let words)?: values["done"] = words
        case .refused(let problem)?: values["problem"] = "\(problem.title). \(problem.detail)"
        case nil: break
        }
        return template.render(values)
    }

    private static let head =
        "<tr><th>Thumbprint</th><th>Application</th><th>Issuer</th><th>Until</th><th>Since</th></tr>"

    private static let row = """
        <tr><td><code>{{thumbprint}}</code></td><td>{{uri}}<br>{{subject}}</td><td>{{issuer}}</td><td>{{until}}</td>
        <td>{{since}}</td></tr>
        """

    private static let person = """
        <label>Why <input name="reason" required maxlength="1000"></label>
        <fieldset><legend>Administrator</legend><label>Login name <input name="byLogin" autocomplete="off"></label>
        <label>Password <input type="password" name="byPassword" autocomplete="off"></label>
        <label>Where nobody has an account: your name <input name="by"></label></fieldset>
        """

    private static let source = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>OPC UA</title>
        <link rel="stylesheet" href="/desk/style.css"><style>
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .5rem;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } fieldset { border: 1px solid var(--line);
          margin: 0 0 .8rem; } .done { border-left: 4px solid #188038; padding: .5rem .8rem; } .scroll { overflow-x: auto; }
        </style></head><body><main><h1>OPC UA</h1>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        {{#done}}<p class="done" role="status">{{done}}</p>{{/done}}
        <p>This server is <code>{{ownUri}}</code>; its certificate has the thumbprint <code>{{ownThumbprint}}</code>, holds until
        {{ownUntil}}, and lies in <code>{{ownPath}}</code>.</p>
        <h2>Refused until you trust them</h2>
        {{#hasRejected}}<p>Compare the thumbprint with the one that the client shows before you trust it.</p>
        <div class="scroll"><table>\(head){{#rejected}}\(row){{/rejected}}</table></div>
        <form method="post" action="/opcua/trust"><label>Thumbprint <input name="thumbprint" required></label>
        \(person)<button class="main">Trust it</button></form>{{/hasRejected}}
        {{^hasRejected}}<p>Nobody was refused. A client is listed here after it has tried to connect.</p>{{/hasRejected}}
        <h2>Trusted</h2>{{#hasTrusted}}<div class="scroll"><table>\(head){{#trusted}}\(row){{/trusted}}</table></div>
        <form method="post" action="/opcua/reject"><label>Thumbprint <input name="thumbprint" required></label>
        \(person)<button class="main">Trust it no longer</button></form>{{/hasTrusted}}
        {{^hasTrusted}}<p>Nobody is trusted.</p>{{/hasTrusted}}
        {{#hasIssuers}}<h2>Issuers, for chains</h2>
        <div class="scroll"><table>\(head){{#issuers}}\(row){{/issuers}}</table></div>{{/hasIssuers}}
        <p><a href="/accounts">Accounts</a> · <a href="/desk">All orders</a></p></main></body></html>
        """
}
