import AndonLedger
import AndonModel

/// What came of asking the server above.
enum ForwardError: Error, CustomStringConvertible {
    /// It was not reached, or gave no answer: tried again.
    case away(String)
    /// It says no, and will say no again until somebody acts.
    case refused(status: Int, type: String, String)

    var description: String {
        switch self {
        case .away(let reason): reason
        case .refused(let status, let type, let detail): "it answers \(status) \(type): \(detail)"
        }
    }

    /// The position that was taken for the server's is not.
    var isOtherPosition: Bool {
        if case .refused(_, "other-position", _) = self { true } else { false }
    }
}

/// The requests to the server above.
struct UpstreamClient: Sendable {
    let settings: UpstreamSettings
    let wire: any Wire

    private var base: String { "\(settings.url)/api/v1/sites/\(settings.site)" }

    func position() async throws -> SitePosition {
        try await exchange("GET", "\(base)/position", .none, [])
    }

    func send(_ document: [UInt8]) async throws -> SitePosition {
        try await exchange(
            "POST", "\(base)/batches", .bytes(document), [.init("Content-Type", "application/json")])
    }

    /// - Parameter bytes: those of the picture from `offset` on.
    /// - Returns: how many the server has now.
    func send(_ bytes: [UInt8], at offset: Int64, of wanted: SitePosition.Wanted) async throws -> Int64 {
        let last = offset + Int64(bytes.count) - 1
        let answer = try await json(
            "PUT", "\(base)/pictures/\(wanted.sha256)", .bytes(bytes),
            [
                .init("Content-Type", "application/octet-stream"),
                .init("Content-Range", "bytes \(offset)-\(last)/\(wanted.bytes)"),
            ])
        guard let have = answer["have"]?.integer else { throw Self.foreign }
        return Int64(have)
    }

    private static let foreign = ForwardError.refused(
        status: 200, type: "other-answer", "the answer is none of an Andon server that takes sites; check the url")

    private func exchange(
        _ method: String, _ url: String, _ body: WireRequest.Body, _ headers: [WireRequest.Header]
    ) async throws -> SitePosition {
        guard let position = SitePosition(try await json(method, url, body, headers)), position.site == settings.site
        else { throw Self.foreign }
        return position
    }

    private func json(
        _ method: String, _ url: String, _ body: WireRequest.Body, _ headers: [WireRequest.Header]
    ) async throws -> JSON {
        let key = settings.apiKey.map { [WireRequest.Header("Authorization", "Bearer \($0.reveal())")] } ?? []
        let answer: WireResponse
        do throws(WireError) {
            answer = try await wire.exchange(WireRequest(method, url, headers: headers + key, body: body))
        } catch {
            switch error {
            case .notSent(let reason), .noAnswer(let reason): throw ForwardError.away(reason)
            }
        }
        let value = try? JSON(parsing: answer.body)
        guard answer.status == 200 else {
            let words = value?["detail"]?.string ?? String(decoding: answer.body.prefix(300), as: UTF8.self)
            if answer.status >= 500 || answer.status == 429 || answer.status == 408 {
                throw ForwardError.away("it answers \(answer.status): \(words)")
            }
            let type = value?["type"]?.string?.split(separator: ":").last.map(String.init) ?? "http"
            throw ForwardError.refused(status: answer.status, type: type, words)
        }
        guard let value else { throw Self.foreign }
        return value
    }
}
