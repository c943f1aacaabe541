import AndonIdentity
import AndonModel

/// The certificates of those who knocked over OPC UA, for an administrator, as the template `opcua` shows them.
enum TrustPage {
    enum Message {
        case done(String)
        case refused(Problem, typed: [String: String])
    }

    /// - Parameters:
    ///   - state: as the API gives it.
    ///   - caller: who is asked for no more than the server does not know.
    static func values(_ state: JSON, _ message: Message?, _ caller: Caller) -> [String: Any] {
        func rows(_ wanted: String) -> [[String: Any]] {
            (state["certificates"]?.array ?? []).filter { $0["state"]?.string == wanted }.map(row)
        }
        let (rejected, trusted, issuers) = (rows("rejected"), rows("trusted"), rows("issuer"))
        var values: [String: Any] = [:]
        values["me"] = caller.account?.printedName
        values["isAnybody"] = caller.isAnybody
        values["rejected"] = rejected
        values["hasRejected"] = !rejected.isEmpty
        values["trusted"] = trusted
        values["hasTrusted"] = !trusted.isEmpty
        values["issuers"] = issuers
        values["hasIssuers"] = !issuers.isEmpty
        func own(_ name: String) -> String { state["own"]?[name]?.string ?? "" }
        values["ownUri"] = own("applicationUri")
        values["ownThumbprint"] = own("thumbprint")
        values["ownUntil"] = own("notAfter")
        values["ownPath"] = own("path")
        switch message {
        case .done(let words)?: values["done"] = words
        case .refused(let problem, let typed)?:
            values["problem"] = "\(problem.title). \(problem.detail)"
            for (name, text) in typed { values[name] = text }
        case nil: break
        }
        return values
    }

    private static func row(_ entry: JSON) -> [String: Any] {
        func text(_ name: String) -> String { entry[name]?.string ?? "" }
        return [
            "thumbprint": text("thumbprint"), "subject": text("subject"), "uri": text("applicationUri"),
            "issuer": text("issuer"), "until": text("notAfter"), "since": text("since"),
        ]
    }
}
