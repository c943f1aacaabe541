import AndonModel

/// A request as a stand-in gets it.
public struct StandInRequest: Sendable {
    public var method: String
    /// Percent-decoded, without the query.
    public var path: String
    /// Decoded; a plus is a space, as servers of forms have it.
    public var query: [String: String]
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        method: String, path: String, query: [String: String] = [:], headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    public subscript(header name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What a stand-in does with a request: an answer, or one of the ways in which networks fail.
public enum StandInAnswer: Sendable {
    case answer(status: Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// Closes the connection without a byte.
    case drop
    /// Keeps the connection open and says nothing.
    case hang
}

public typealias StandInHandler = @Sendable (StandInRequest) async -> StandInAnswer

/// A CMMS for tests, training and demos: in memory, and as strict as the real one.
public protocol StandIn: Sendable {
    /// The connector's type that it stands in for.
    static var type: String { get }
    var faults: FaultPlan { get }

    /// Answers one request; the faults are its own business.
    func handle(_ request: StandInRequest) async -> StandInAnswer
}

extension StandIn {
    /// Answers over real HTTP; port 0 takes a free one.
    public func serve(
        port: Int = 0, certificates: StandInServer.Certificates? = nil
    ) async throws -> StandInServer {
        try await StandInServer(port: port, certificates: certificates) { [self] in await handle($0) }
    }
}

/// A stand-in's refusal, thrown where it is noticed, in its vendor's own form.
protocol StandInRefusal: Error {
    var answer: StandInAnswer { get }
}

/// The answer, the refusal in its form, or 500 for a fault of the stand-in's own.
func answering(_ body: () throws -> StandInAnswer) -> StandInAnswer {
    do {
        return try body()
    } catch let refusal as any StandInRefusal {
        return refusal.answer
    } catch {
        return .answer(status: 500, body: Array("\(error)".utf8))
    }
}
