import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization

@testable import AndonSites

/// The way from a site's forwarder into the hands of the server above, without sockets: loses requests and answers by chance.
final class LoopWire: Wire {
    private let sites: Mutex<SiteIntake>
    private let random: Mutex<SeededRandom>
    private let faults = Mutex(0)
    private let seen = Mutex<[Int]>([])

    init(to sites: SiteIntake, seed: UInt64 = 1) {
        self.sites = Mutex(sites)
        random = Mutex(SeededRandom(seed: seed))
    }

    /// So many of a hundred requests are lost on one of the two ways.
    func fail(percent: Int) { faults.withLock { $0 = percent } }

    /// The server above is another one now: it was restarted, or restored.
    func lead(to other: SiteIntake) { sites.withLock { $0 = other } }

    /// Bytes of each batch that arrived.
    var batches: [Int] { seen.withLock { $0 } }

    func now() -> Timestamp { SystemTime().now() }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let percent = faults.withLock { $0 }
        let (isLost, isUnanswered) = random.withLock { ($0.chance(percent), $0.chance(percent)) }
        if isLost { throw .notSent("cut") }
        let answer = await answer(request)
        if isUnanswered { throw .noAnswer("cut") }
        return answer
    }

    private func answer(_ request: WireRequest) async -> WireResponse {
        let sites = sites.withLock { $0 }
        let parts = request.url.split(separator: "/").map(String.init)
        guard parts.count > 6 else { return WireResponse(status: 404) }
        let (site, what) = (parts[5], parts[6])
        var body: [UInt8] = []
        if case .bytes(let bytes) = request.body { body = bytes }
        do {
            let answer: JSON
            switch what {
            case "position": answer = try await sites.position(ofSite: site).json
            case "batches":
                answer = try await sites.take(body, ofSite: site, from: "edge").json
                seen.withLock { $0.append(body.count) }
            default:
                let range = request.headers.first { $0.name == "Content-Range" }?.value ?? ""
                let numbers = range.split { !$0.isNumber }.compactMap { Int64($0) }
                let have = try await sites.take(
                    body, at: numbers[0], of: numbers[2], picture: parts[7], ofSite: site)
                answer = ["have": .integer(have)]
            }
            return WireResponse(status: 200, body: answer.canonicalBytes)
        } catch let problem as Problem {
            return WireResponse(status: problem.status, body: problem.json.canonicalBytes)
        } catch {
            return WireResponse(status: 503, body: Array("\(error)".utf8))
        }
    }
}
