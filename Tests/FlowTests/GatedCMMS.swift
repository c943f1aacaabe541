import AndonModel

/// Where files wait until the test lets them pass; and the order in which all effects were done.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private(set) var done: [Effect.Kind] = []

    /// Whether so many orders are not out yet, or no file waits.
    func isBefore(_ orders: Int) -> Bool { done.filter { $0 == .create }.count < orders || waiting.isEmpty }

    func pass() async {
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func did(_ effect: Effect.Kind) { done.append(effect) }

    func letOne() {
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }

    func open() {
        isOpen = true
        for one in waiting { one.resume() }
        waiting = []
    }
}

/// A CMMS that takes orders at once, and a file when its gate lets it pass.
struct GatedCMMS: Connector {
    let cmms: FakeCMMS
    let gate: Gate

    var traits: ConnectorTraits { cmms.traits }

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        let kind: Effect.Kind =
            switch effect {
            case .create: .create
            case .attach: .attach
            case .append: .append
            }
        if kind == .attach { await gate.pass() }
        let receipt = try await cmms.perform(effect, over: wire)
        await gate.did(kind)
        return receipt
    }

    func reschedule(_ order: WorkOrder, remoteID: String, over wire: any Wire) async throws(ConnectorError) {
        try await cmms.reschedule(order, remoteID: remoteID, over: wire)
    }

    func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        try await cmms.withdraw(remoteID, reason: reason, over: wire)
    }

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        try await cmms.find(effect, over: wire)
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        try await cmms.changes(after: cursor, over: wire)
    }

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        try await cmms.read(remoteID, over: wire)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        try await cmms.assets(page: page, over: wire)
    }
}
