import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite(
    "OPC UA, against a server of another maker", .serialized,
    .enabled(if: OPCUAStandIn.python != nil, OPCUAStandIn.reason))
struct OPCUATests {
    @Test("Each form keeps the contract of all connectors", arguments: ["jobControl", "method", "variables"])
    func contract(_ form: String) async throws {
        let bench = try await OPCUABench(form)
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    @Test("Job orders with their pictures in them keep the contract as well")
    func pictures() async throws {
        let bench = try await OPCUABench("jobControl", options: "pictures: bytes\n")
        try await Contract(bench: bench).all()
        try await bench.stop()
    }

    /// Three of ten requests that take an order fail: cut off before, cut off after, refused for the moment.
    @Test("On a bad day every order is there once", arguments: ["jobControl", "method", "variables"])
    func once(_ form: String) async throws {
        let bench = try await OPCUABench(form)
        let kinds: [StandInFault] =
            form == "variables" ? [.dropBefore, .dropAfter, .dropAfter] : OnceOnly.bad
        try await OnceOnly(bench: bench).storm(orders: 40, of: kinds)
        try await bench.stop()
    }

    @Test(
        "Orders that come while the server takes none are all there once it does", arguments: ["jobControl", "method"])
    func away(_ form: String) async throws {
        let bench = try await OPCUABench(form)
        try await OnceOnly(bench: bench).away(orders: 30)
        try await bench.stop()
    }
}
