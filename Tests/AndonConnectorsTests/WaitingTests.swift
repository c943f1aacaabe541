import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Orders that wait", .serialized)
struct WaitingTests {
    /// 10,000 by `ANDON_TEST_WAITING=10000`; a short form otherwise. `ANDON_TEST_WAITING_AT=Maximo,MP2` picks systems.
    private static let count = ProcessInfo.processInfo.environment["ANDON_TEST_WAITING"].flatMap { Int($0) } ?? 150

    private static let benches: [(name: String, make: @Sendable () async throws -> any Bench)] = [
        ("eMaint", { try await EMaintBench() }), ("Fiix", { try await FiixBench() }),
        ("Fusion", { try await FusionBench() }), ("Infor", { try await InforBench() }),
        ("Limble", { try await LimbleBench() }), ("Maintimizer", { try await MaintimizerBench() }),
        ("Maximo", { try await MaximoBench() }), ("MP2", { try await MP2Bench() }),
        ("MP2 by files", { try await MP2DropBench() }), ("Odoo", { try await OdooBench() }),
        ("SAP", { try await SAPBench() }), ("SAP ECC", { try await ECCBench() }),
    ]

    private static let names: [String] = {
        let picked = ProcessInfo.processInfo.environment["ANDON_TEST_WAITING_AT"]?.split(separator: ",").map(
            String.init)
        return benches.map(\.name).filter { picked?.contains($0) ?? true }
    }()

    @Test("A system that was away gets everything that waited, each order once", arguments: names)
    func away(name: String) async throws {
        let bench = try await #require(Self.benches.first { $0.name == name }).make()
        try await OnceOnly(bench: bench).away(orders: Self.count)
        try await bench.stop()
    }
}
