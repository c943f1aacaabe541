import AndonLearn
import AndonLedger
import AndonModel
import Foundation

/// What an archive of labels is asked for.
struct LabelQuery: Sendable {
    var format: TrainingFormat
    var filter: LabelFilter
    /// Pictures at most.
    var limit: Int
    /// Whether pictures are taken on which not everything is known.
    var withGaps: Bool

    static let limits = 1...100_000

    /// - Parameter value: of a parameter by its name.
    init(_ value: (String) -> String?) throws(Problem) {
        guard let format = TrainingFormat(rawValue: value("format") ?? "") else {
            throw Answer.invalidQuery("format is coco or yolo")
        }
        self.format = format
        func time(_ name: String) throws(Problem) -> Int64? {
            guard let text = value(name) else { return nil }
            guard let time = Timestamp(dayOrTime: text) else {
                throw Answer.invalidQuery("\(name) is a time like 2026-11-01T06:00:00Z, or a day like 2026-11-01")
            }
            return time.microseconds
        }
        filter = LabelFilter(
            defectClass: value("class"), asset: value("asset"), camera: value("camera"), model: value("model"),
            modelVersion: value("version"), from: try time("from") ?? .min, until: try time("until") ?? .max)
        guard let limit = Int(value("limit") ?? "10000"), Self.limits.contains(limit) else {
            throw Answer.invalidQuery("limit is a number of pictures from 1 to \(Self.limits.upperBound)")
        }
        self.limit = limit
        withGaps = value("gaps") == "keep"
    }

    var json: JSON {
        .object(present: [
            "format": .string(format.rawValue), "class": filter.defectClass.map(JSON.string),
            "asset": filter.asset.map(JSON.string), "camera": filter.camera.map(JSON.string),
            "model": filter.model.map(JSON.string), "version": filter.modelVersion.map(JSON.string),
            "from": filter.from == .min ? nil : .time(Timestamp(microseconds: filter.from)),
            "until": filter.until == .max ? nil : .time(Timestamp(microseconds: filter.until)),
            "limit": .integer(limit), "gaps": withGaps ? "keep" : "leave out",
        ])
    }
}

/// The labelled pictures of one state of the store, on the disk.
struct LabelSet: Sendable {
    let spool: LabelSpool
    /// In their order.
    let classes: [String]
    let count: Int
    /// Further pictures beyond the limit.
    let beyond: Int
    let basis: Basis

    init(_ query: LabelQuery, from store: Store) async throws {
        self = try await store.read { reader in try LabelSet(query, reader, store) }
    }

    private init(_ query: LabelQuery, _ reader: Reader, _ store: Store) throws {
        let spool = try LabelSpool()
        let encoder = JSONEncoder()
        var (classes, count, beyond) = (Set<String>(), 0, 0)
        try reader.eachLabelledPicture(query.filter) { labelled in
            guard count < query.limit else {
                beyond += 1
                return true
            }
            count += 1
            classes.formUnion(TrainingPicture.classes(labelled))
            try spool.append(Array(try encoder.encode(labelled)))
            return true
        }
        self.spool = spool
        (self.classes, self.count, self.beyond) = (classes.sorted(), count, beyond)
        basis = try CourseScan.basis(reader, store)
    }

    /// The picture that begins at `place`, which moves behind it; nil behind the last.
    func next(_ place: inout Int) throws -> LabelledPicture? {
        try spool.next(&place).map { try JSONDecoder().decode(LabelledPicture.self, from: Data($0)) }
    }
}
