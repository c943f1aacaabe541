import AndonModel

/// A wire on which writes fail as a plan has it.
public struct FaultyWire: Wire {
    let wire: any Wire
    let faults: FaultPlan
    let applies: @Sendable (WireRequest) -> Bool
    /// Runs after each write that was carried out: the other side is quick.
    let after: @Sendable () -> Void

    public init(
        _ wire: any Wire, faults: FaultPlan, applies: @escaping @Sendable (WireRequest) -> Bool,
        after: @escaping @Sendable () -> Void = {}
    ) {
        self.wire = wire
        self.faults = faults
        self.applies = applies
        self.after = after
    }

    public func now() -> Timestamp { wire.now() }

    public func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        guard applies(request) else { return try await wire.exchange(request) }
        switch faults.next() {
        case .dropBefore, .hang: throw .noAnswer("the line was cut")
        case .answer(let status, let headers, let body):
            return WireResponse(
                status: status, headers: headers.map { WireRequest.Header($0, $1) }, body: Array(body.utf8))
        case .dropAfter:
            _ = try await wire.exchange(request)
            after()
            throw .noAnswer("the line was cut")
        case nil:
            let answer = try await wire.exchange(request)
            after()
            return answer
        }
    }
}
