import AndonConfiguration
import AndonConnectors
import AndonModel
import Foundation
import Synchronization

/// What a connector would send for an order, without sending anything, and without any secret in it.
struct RequestPreview: Sendable {
    /// Which of our values goes into which field, with the order's.
    struct Field: Sendable {
        var mapped: MappedField
        /// Nil where the order does not have the value: the field is left out.
        var value: String?
    }

    var fields: [Field]
    /// Method and address of the request that carries the order; nil where the system is asked something else first.
    var request: String?
    /// Its body; nil with the request, and where it is no text.
    var body: String?
    /// What the system would be asked first, where that is so.
    var before: String?

    private static let bodyMax = 20_000
    private static let hiddenWord = "(secret)"

    init(_ order: WorkOrder, for entry: ConnectorEntry, mapping: [MappedField]) async {
        let values = OrderText(order).fields
        fields = mapping.map { mapped in
            let template = try? Template(mapped.source, names: Self.names(in: mapped.source))
            return Field(mapped: mapped, value: template?.filled(with: values))
        }
        let secrets = SeenSecrets()
        guard let type = ConnectorType.all.first(where: { $0.name == entry.type }) else { return }
        let connector = type.make(entry.reader(faults: SettingsFaults(), secrets: secrets.source))
        let wire = PreviewWire()
        // It always fails, as nothing is answered.
        _ = try? await connector.perform(.create(order), over: wire)
        guard let first = wire.requests.first else { return }
        let (address, text) = (secrets.hide(Self.address(first)), Self.text(first.body).map(secrets.hide))
        if text?.contains(order.reference.text) == true || address.contains(order.reference.text) {
            request = address
            body = text.map { $0.cut(to: Self.bodyMax) }
        } else {
            before = address
        }
    }

    /// Whatever stands in braces: the mapping was checked when it was read.
    private static func names(in source: String) -> Set<String> {
        Set(source.matches(of: /\{([^{}]+)\}/).map { String($0.1) })
    }

    /// Without the query, where some systems want their keys.
    private static func address(_ request: WireRequest) -> String {
        let parts = request.url.split(separator: "?", maxSplits: 1)
        return "\(request.method) \(parts.first ?? "")\(parts.count > 1 ? "?…" : "")"
    }

    private static func text(_ body: WireRequest.Body) -> String? {
        let bytes: [UInt8] =
            switch body {
            case .none, .file: []
            case .bytes(let bytes): bytes
            case .parts(let parts):
                parts.flatMap { part -> [UInt8] in if case .bytes(let bytes) = part { bytes } else { [] } }
            }
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        guard let json = try? JSON(parsing: bytes) else { return text }
        return indented(json)
    }

    static func indented(_ json: JSON) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(json)).map { String(decoding: $0, as: UTF8.self) } ?? json.canonicalText
    }

    /// Secrets of the environment are never read; those of files are taken out of what is shown.
    private final class SeenSecrets: Sendable {
        private let texts = Mutex<[String]>([])

        var source: SecretSource {
            SecretSource(
                environment: { _ in RequestPreview.hiddenWord },
                file: { path in
                    let text = SecretSource.system.file(path)
                    if let text { self.texts.withLock { $0.append(text.trimmed) } }
                    return text
                })
        }

        func hide(_ text: String) -> String {
            let known = texts.withLock { $0 }.filter { (3...8192).contains($0.utf8.count) }
            return known.reduce(text) { $0.replacing($1, with: RequestPreview.hiddenWord) }
        }
    }

    /// Keeps what it is given, and sends nothing.
    private final class PreviewWire: Wire {
        private let kept = Mutex<[WireRequest]>([])

        var requests: [WireRequest] { kept.withLock { $0 } }

        func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
            kept.withLock { $0.append(request) }
            throw .notSent("a preview sends nothing")
        }

        func now() -> Timestamp { SystemTime().now() }
    }
}
