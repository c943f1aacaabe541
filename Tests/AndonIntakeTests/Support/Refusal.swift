import AndonModel
import Testing

/// The problem that `body` throws; nil, with an issue recorded, when it throws none.
func refusal<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Value
) -> Problem? {
    #expect(throws: Problem.self, sourceLocation: sourceLocation) { _ = try body() }
}

extension Problem {
    var pointers: [String] { errors.map(\.pointer) }

    func detail(at pointer: String) -> String? { errors.first { $0.pointer == pointer }?.detail }
}
