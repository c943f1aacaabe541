import AndonModel
import Foundation
import Synchronization

/// One call of a function in SAP by SOAP, and what its answer means.
struct ECCClient: Sendable {
    let configuration: ECCConfiguration

    /// The cookies of one ABAP session. A notification that was made and saved is in it until it is committed: a
    /// session is never used for a second one, because its commit would store the first as well.
    final class Session: Sendable {
        let cookies = Mutex<String?>(nil)

        /// Whether SAP gave a cookie at all.
        var isKept: Bool { cookies.withLock { $0 } != nil }
    }

    func call(
        _ function: String, _ parameters: [(String, SOAPValue)], in session: Session? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> XMLTag {
        var request = WireRequest(
            "POST", address,
            headers: [
                .init("content-type", "text/xml; charset=utf-8"),
                .init("soapaction", "\"\(SOAPText.functions)\""), .init("accept", "text/xml"),
            ], body: .bytes(SOAPText.envelope(function, parameters)))
        let held = session?.cookies.withLock { $0 }
        if let held { request.headers.append(.init("cookie", held)) }
        switch configuration.signIn {
        case .basic(let user, let password): request.headers.append(.basic(user, password))
        case .certificate: break
        }
        let response: WireResponse
        do {
            response = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        let cookies = response.cookies(over: held)
        session?.cookies.withLock { $0 = cookies }
        return try answer(response, to: function, now: wire.now())
    }

    /// One unit of work in a session of its own, which is ended whatever came of it: sessions are scarce.
    func unitOfWork<Value: Sendable>(
        over wire: any Wire, _ work: (Session) async throws(ConnectorError) -> Value
    ) async throws(ConnectorError) -> Value {
        let session = Session()
        do throws(ConnectorError) {
            let value = try await work(session)
            await end(session, over: wire)
            return value
        } catch {
            if case .refused = error {
                _ = try? await call("BAPI_TRANSACTION_ROLLBACK", [], in: session, over: wire)
            }
            await end(session, over: wire)
            throw error
        }
    }

    private func end(_ session: Session, over wire: any Wire) async {
        guard let cookies = session.cookies.withLock({ $0 }) else { return }
        let address = "\(configuration.system.url)/sap/public/bc/icf/logoff"
        _ = try? await wire.exchange(WireRequest("GET", address, headers: [.init("cookie", cookies)]))
    }

    private var address: String {
        let query = [("sap-client", configuration.system.client), ("sap-language", configuration.system.language)]
        return configuration.system.url + configuration.path + WebAddress.query(query)
    }

    // MARK: Answers

    private func answer(
        _ response: WireResponse, to function: String, now: Timestamp
    ) throws(ConnectorError) -> XMLTag {
        let root = XMLText.parse(response.body)
        if let fault = root?.first("Fault") { throw kind(of: fault, function) }
        switch response.status {
        case 200..<300:
            guard let body = root?["Body"]?.children.first, body.name.hasPrefix(SOAPText.name(of: function))
            else {
                throw .answerLost("the answer to \(function) is not SOAP: \(response.plainWords)")
            }
            return body
        case 300..<400: throw .unauthorized("SAP sent a redirect (\(response.status)), a sign-in page")
        case 401:
            throw .unauthorized("SAP does not know the user, the password or the client: \(response.plainWords)")
        case 403: throw .unauthorized("SAP does not allow this: \(response.plainWords)")
        case 404:
            throw .refused(
                "SAP has no service at \(configuration.path): have the node activated (transaction SICF), or set path "
                    + "to the address of a binding. It said: \(response.plainWords)")
        case 429, 503: throw .busy(after: response.retryAfter(now: now), "SAP is busy: \(response.plainWords)")
        case 400..<500: throw .refused(response.plainWords)
        default: throw .answerLost("SAP failed (\(response.status)) at \(function): \(response.plainWords)")
        }
    }

    /// A fault is a technical failure; what a function refuses stands in its table RETURN.
    private func kind(of fault: XMLTag, _ function: String) -> ConnectorError {
        let words =
            "\(function): "
            + fault.children.filter { $0.name != "faultcode" }.flatMap(\.allText)
            .joined(separator: "; ")
        let plain = words.uppercased()
        func says(_ signs: [String]) -> Bool { signs.contains { plain.contains($0) } }
        if says(["AUTHORI", "LOGON"]) { return .unauthorized(words) }
        if says(["NOT_FOUND", "NOT FOUND", "NOT_VALID", "NOT_AVAILABLE", "BUFFER_EXCEEDED", "WITHOUT_DATA"]) {
            return .refused(words)
        }
        return .answerLost(words)
    }
}

extension XMLTag {
    private var messages: [XMLTag] {
        guard let table = self["RETURN"] else { return [] }
        return table["TYPE"] == nil ? rows("RETURN") : [table]
    }

    /// Whether a function refused: SAP answers 200 and says so in RETURN (BAPIRET2).
    var isRefused: Bool { messages.contains { ["E", "A", "X"].contains($0.value("TYPE") ?? "") } }

    /// All messages as `E IM/023: Notification does not exist`.
    var words: String {
        messages.map { row in
            let code = [row.value("ID"), row.value("NUMBER")].compactMap { $0 }.joined(separator: "/")
            let values = (1...4).compactMap { row.value("MESSAGE_V\($0)") }.joined(separator: ", ")
            let text = row.value("MESSAGE") ?? (values.isEmpty ? "no text" : values)
            return "\(row.value("TYPE") ?? "?") \(code): \(text)"
        }.joined(separator: "; ")
    }

    func checked(_ lockWords: [String]) throws(ConnectorError) -> XMLTag {
        guard isRefused else { return self }
        let said = words.lowercased()
        if lockWords.contains(where: { said.contains($0.lowercased()) }) { throw .busy(after: .seconds(120), words) }
        throw .refused(words)
    }
}
