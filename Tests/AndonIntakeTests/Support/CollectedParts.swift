import AndonIntake
import AndonModel

/// The parts of a multipart body, each in one piece, as the events told them.
struct CollectedParts: Equatable {
    struct Part: Equatable {
        var headers: PartHeaders
        var bytes: [UInt8] = []
        var isEnded = false
    }

    var parts: [Part] = []
    var isFinished = false
    /// Whether every part was ended.
    var areEnded: Bool { parts.allSatisfy { $0.isEnded } }

    init(_ body: [UInt8], boundary: String, limits: IntakeLimits = IntakeLimits(), pieces: [Int] = []) throws(Problem) {
        var parser = try MultipartParser(boundary: boundary, limits: limits)
        var rest = body[...]
        for count in pieces {
            take(try parser.feed(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        take(try parser.feed(rest))
        try parser.finish()
    }

    private mutating func take(_ events: [MultipartParser.Event]) {
        for event in events {
            switch event {
            case .partBegan(let headers): parts.append(Part(headers: headers))
            case .data(let bytes): parts[parts.count - 1].bytes += bytes
            case .partEnded: parts[parts.count - 1].isEnded = true
            case .finished: isFinished = true
            }
        }
    }
}
