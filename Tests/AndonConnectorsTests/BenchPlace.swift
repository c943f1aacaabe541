import AndonModel
import AndonTesting
import AndonWire

/// Where a stand-in listens and the wire to it: real HTTP on this machine.
struct BenchPlace: Sendable {
    var url: String
    var wire: any Wire
    var stop: @Sendable () async throws -> Void

    static func make(_ standIn: some StandIn, timeout: Duration = .seconds(60)) async throws -> BenchPlace {
        let server = try await standIn.serve()
        let time = SystemTime()
        let wire = LiveWire(
            egress: EgressGuard(time: time, allows: { $0 == "127.0.0.1" }), time: time,
            settings: WireSettings(timeout: timeout))
        return BenchPlace(
            url: server.address, wire: wire,
            stop: {
                await wire.close()
                try await server.stop()
            })
    }
}
