/// A reader of outside bytes with what must hold for every input.
public struct FuzzTarget: Sendable {
    public var name: String
    /// Right inputs, from which wrong ones are made.
    public var seeds: @Sendable () throws -> [[UInt8]]
    /// Inputs that the tests try each time; fewer where one costs more.
    public var shortCount: Int
    /// Throws ``Finding`` where a promise is broken; what a reader refuses in its own words is no finding.
    public var check: @Sendable ([UInt8]) throws -> Void

    public struct Finding: Error, CustomStringConvertible {
        public var description: String

        init(_ words: String) { description = words }
    }

    init(
        _ name: String, shortCount: Int = 2000, seeds: @escaping @Sendable () throws -> [[UInt8]],
        check: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.shortCount = shortCount
        self.check = check
    }

    public static let all = Array(
        [
            reports, histories, pictures, plans, files, answers, proofs, opcua, opcuaChunks, opcuaServer, openID,
            vision, cameras, edgeEvents, sites, objects, logs, backups,
        ].joined())
}

/// Throws where `isTrue` is not.
func promise(_ isTrue: Bool, _ words: @autoclosure () -> String) throws {
    guard isTrue else { throw FuzzTarget.Finding(words()) }
}
