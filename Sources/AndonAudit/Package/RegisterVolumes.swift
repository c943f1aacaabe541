import AndonDraw
import AndonModel

/// A register that is longer than a document should be goes into several, each written when it is full.
struct RegisterVolumes {
    struct Volume: Sendable, Equatable {
        var name: String
        var first: String
        var last: String
        var count: Int
    }

    private(set) var volumes: [Volume] = []

    /// Lines of one document.
    let linesMax: Int

    init(linesMax: Int) { self.linesMax = linesMax }

    /// To be called before a record is added.
    mutating func writeIfFull(_ register: inout Register, _ query: PackageQuery, to package: inout PackageWriter)
        async throws
    {
        guard register.lines.count >= linesMax else { return }
        try await write(&register, query, to: &package)
    }

    /// What is left, where there are volumes before it.
    mutating func finish(_ register: inout Register, _ query: PackageQuery, to package: inout PackageWriter)
        async throws
    {
        guard !volumes.isEmpty else { return }
        try await write(&register, query, to: &package)
    }

    private mutating func write(
        _ register: inout Register, _ query: PackageQuery, to package: inout PackageWriter
    ) async throws {
        let lines = register.takeLines()
        guard let first = lines.first, let last = lines.last else { return }
        let volume = Volume(
            name: "register-\(volumes.count + 1).pdf", first: first.reference, last: last.reference, count: lines.count)
        let document = Document(
            title: "\(register.matrix.standard.name): register, part \(volumes.count + 1)",
            subtitle: [register.matrix.standard.edition] + query.words, footer: "Andon", created: "\(query.to)",
            blocks: [.heading(1, "\(volume.first) to \(volume.last)"), Self.table(lines)])
        try await package.add(volume.name, try document.pdf())
        volumes.append(volume)
    }

    static func table(_ lines: [Register.Line]) -> Document.Block {
        .table(
            [
                .init("Order", weight: 1.1), .init("Raised", weight: 1.6), .init("What", weight: 3),
                .init("State", weight: 0.8), .init("Record", weight: 2),
            ], rows: lines.map(row))
    }

    private static func row(_ line: Register.Line) -> [String] {
        let open = TraceableRecord.essentials.filter { line.values[$0] == nil }.map { $0.phrase }
        let state = line.isComplete ? "complete" : "open: \(open.joined(separator: ", "))"
        return [line.reference, "\(line.raisedAt)", line.title, line.state, state]
    }
}
