import AndonModel
import AndonVision
import ArgumentParser
import Foundation

/// The lines of a file of labels: `file,label` or `file,label,probability`.
struct LabelledPictures {
    static let bytesMax = 32 << 20
    static let linesMax = 100_000

    struct Line {
        var number: Int
        var file: String
        var isDefect: Bool
        /// What the model said of it, before any calibration, where that is known.
        var probability: Double?
    }

    private(set) var lines: [Line] = []

    /// - Throws: with all faults of the file, a line each.
    init(_ path: String, card: ModelCard) throws {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: Self.bytesMax + 1), data.count <= Self.bytesMax,
            let text = String(validating: data, as: UTF8.self)
        else {
            throw CleanExit.failure("\(path) cannot be read as a text in UTF-8 of at most \(Self.bytesMax) bytes")
        }
        let rows = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard rows.count <= Self.linesMax else {
            throw CleanExit.failure("\(path) has \(rows.count) lines; at most \(Self.linesMax) are read")
        }
        var faults: [String] = []
        for (index, row) in rows.enumerated() where !row.allSatisfy(\.isWhitespace) {
            let fields = row.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if index == 0, fields.first == "file" { continue }
            do throws(Fault) {
                lines.append(try Self.line(fields, number: index + 1, card))
            } catch {
                faults.append("\(path), line \(index + 1): \(error.words)")
            }
        }
        guard faults.isEmpty else {
            let more = faults.count > 20 ? ["and \(faults.count - 20) more faults"] : []
            throw CleanExit.failure((faults.prefix(20) + more).joined(separator: "\n"))
        }
    }

    private struct Fault: Error {
        var words: String
    }

    private static func line(_ fields: [String], number: Int, _ card: ModelCard) throws(Fault) -> Line {
        guard (2...3).contains(fields.count), !fields[0].isEmpty else {
            throw Fault(words: "should be file,label or file,label,probability, found \(fields.count) fields")
        }
        guard !fields[0].hasPrefix("/"), !fields[0].split(separator: "/").contains("..") else {
            throw Fault(words: "\(fields[0].cut(to: 80)) should be a path within the folder of the pictures")
        }
        guard let isDefect = isDefect(fields[1], card) else {
            throw Fault(
                words: "the label \"\(fields[1].cut(to: 40))\" should be good, defect, a class of the card "
                    + "(\(card.classes.prefix(10).joined(separator: ", "))), or a number from 0 to 1, above 0.5 a defect"
            )
        }
        var line = Line(number: number, file: fields[0], isDefect: isDefect)
        if fields.count == 3, !fields[2].isEmpty {
            guard let value = Double(fields[2]), (0...1).contains(value) else {
                throw Fault(words: "the probability \"\(fields[2].cut(to: 40))\" should be a number from 0 to 1")
            }
            line.probability = value
        }
        return line
    }

    private static func isDefect(_ label: String, _ card: ModelCard) -> Bool? {
        if label == card.goodClass { return false }
        if card.classes.contains(label) { return true }
        if ["good", "defect"].contains(label) { return label == "defect" }
        guard let share = Double(label), (0...1).contains(share) else { return nil }
        return share > 0.5
    }
}
