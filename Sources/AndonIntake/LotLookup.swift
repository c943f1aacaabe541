import AndonModel
import Foundation
import Synchronization

/// Asks another system for the lot of a report that names none, within a second: the sender waits.
public final class LotLookup: Sendable {
    /// What came of asking.
    public enum Finding: Sendable, Equatable {
        case found(String)
        /// The system does not know it, or the report does not say what to ask for.
        case none
        case failed(String)

        /// As the ledger has it.
        var word: String {
            switch self {
            case .found: "found"
            case .none: "not known"
            case .failed(let reason): "failed: \(reason)".cut(to: 300)
            }
        }
    }

    private let url: Template
    private let pointer: String
    private let timeout: Duration
    private let wire: any Wire
    private let time: any TimeSource
    private let restUntil = Mutex<Duration>(.zero)

    /// After a failure nothing is asked for so long: a system that is away must not slow every report.
    private static let rest: Duration = .seconds(5)

    /// - Parameters:
    ///   - url: may name `{unit}`, `{camera}` and `{asset}`.
    ///   - pointer: JSON Pointer (RFC 6901) of the lot in the answer.
    public init(url: Template, pointer: String, timeout: Duration, wire: any Wire, time: any TimeSource) {
        self.url = url
        self.pointer = pointer
        self.timeout = timeout
        self.wire = wire
        self.time = time
    }

    public func lot(of inspection: Inspection, asset: String) async -> Finding {
        let values = ["unit": inspection.unit, "camera": inspection.camera, "asset": asset].compactMapValues { $0 }
        guard ["unit", "camera", "asset"].allSatisfy({ values[$0] != nil || !url.source.contains("{\($0)}") }) else {
            return .none
        }
        guard time.uptime() >= restUntil.withLock({ $0 }) else {
            return .failed("not asked: the lookup failed a moment ago")
        }
        let escaped = values.mapValues {
            $0.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.subtracting(.init(charactersIn: "/;=&?#+")))
                ?? ""
        }
        guard let address = url.filled(with: escaped) else { return .none }
        let request = WireRequest(
            "GET", address, headers: [.init("accept", "application/json")], timeout: timeout)
        do throws(WireError) {
            return finding(in: try await wire.exchange(request))
        } catch {
            restUntil.withLock { $0 = time.uptime() + Self.rest }
            switch error {
            case .notSent(let reason), .noAnswer(let reason): return .failed(reason)
            }
        }
    }

    private func finding(in response: WireResponse) -> Finding {
        switch response.status {
        case 404, 204: return .none
        case 200: break
        default: return .failed("the lookup answered \(response.status)")
        }
        guard let body = try? JSON(parsing: response.body) else { return .failed("the lookup's answer is not JSON") }
        if let status = body.value(at: "/results/0/values/0/status")?.string, status.hasPrefix("Bad") {
            return .failed("the tag has no value that can be used: \(status)")
        }
        switch body.value(at: pointer) {
        case .string(let lot) where !lot.isEmpty && lot.utf8.count <= 200: return .found(lot)
        case .number(let number): return .found(JSON.ecmaScriptText(of: number))
        case nil, .null?, .string(""): return .none
        default: return .failed("the lookup's \(pointer) is not a short text")
        }
    }
}
