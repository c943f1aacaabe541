import AndonLedger
import AndonModel
import Foundation

/// A defect that the model missed or called by another name, as a form or a program's JSON brings it: named texts.
public struct MissedForm {
    private let value: (String) -> String?
    /// Of times without one.
    private let zone: TimeZone
    /// Characters: of a name, and of the machine's through which it came.
    private static let nameMax = 200

    /// - Parameters:
    ///   - value: the text of a field: `class`, `asset`, `camera`, `seen`, `words`, `picture`, `inspection`, `order`,
    ///     `by`, and `x`, `y`, `width`, `height` of the box in pixels.
    ///   - zone: of times that name none: the plant's, for a person at a machine.
    public init(zone: TimeZone = .gmt, _ value: @escaping (String) -> String?) {
        self.zone = zone
        self.value = value
    }

    /// Looks up what it names, fills in what follows from that, and keeps it as a fact.
    ///
    /// - Parameter hidden: assets that are out of reach of who reports it: nothing of them is there for them.
    /// - Throws: ``Problem`` 422 `invalid-label`, which names the field.
    public func keep(
        in store: Store, hiding hidden: [String] = []
    ) async throws -> (id: Int64, missed: MissedDefect) {
        let given = try read(store.time.now())
        return try await store.write { transaction in
            let missed = try Self.completed(given, hiding: hidden, transaction.reader)
            return (try transaction.report(missed), missed)
        }
    }

    // MARK: Reading

    private func read(_ now: Timestamp) throws -> MissedDefect {
        guard let name = try text("class", 200) else { throw Self.fault("class", "say what it is, in class") }
        guard let person = try text("by", Self.nameMax) else { throw Self.fault("by", "say who reports it, in by") }
        return MissedDefect(
            defectClass: name, asset: try text("asset", 200), camera: try text("camera", 200),
            seenAt: try seen(now) ?? now, words: try text("words", 4000),
            picture: try text("picture", 64)?.lowercased(), inspection: try text("inspection", 128), box: try box(),
            order: try order(), by: person)
    }

    private func text(_ name: String, _ most: Int) throws -> String? {
        guard let text = value(name)?.trimmed, !text.isEmpty else { return nil }
        guard text.count <= most else { throw Self.fault(name, "\(name) has \(most) characters at most") }
        return text
    }

    private func seen(_ now: Timestamp) throws -> Timestamp? {
        guard let text = try text("seen", 40) else { return nil }
        guard let time = Timestamp(text) ?? wallClock(text) else {
            throw Self.fault("seen", "seen is a time like 2026-11-01T06:00:00Z, or a day like 2026-11-01")
        }
        guard time <= now + .seconds(60) else { throw Self.fault("seen", "seen is in the future") }
        return time
    }

    /// A form's own field for a time has no seconds and no zone: `2026-11-01T06:00`, or the day alone.
    private func wallClock(_ text: String) -> Timestamp? {
        guard let parts = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?/) else {
            return nil
        }
        func number(_ text: Substring?) -> Int { text.flatMap { Int($0) } ?? 0 }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let components = DateComponents(
            calendar: calendar, year: number(parts.1), month: number(parts.2), day: number(parts.3),
            hour: number(parts.4), minute: number(parts.5), second: number(parts.6))
        guard components.isValidDate, let date = components.date else { return nil }
        return Timestamp(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000)
    }

    private func order() throws -> Reference? {
        guard let text = try text("order", 40) else { return nil }
        guard let reference = Reference(text) else {
            throw Self.fault("order", "a reference is ten characters of A-Z and 0-9")
        }
        return reference
    }

    private func box() throws -> Box? {
        let names = ["x", "y", "width", "height"]
        let given = try names.compactMap { try text($0, 30) }
        guard !given.isEmpty else { return nil }
        let numbers = given.compactMap { Double($0.replacing(",", with: ".")) }.filter(\.isFinite)
        guard numbers.count == 4 else {
            throw Self.fault("box", "a box has four numbers in pixels: x, y, width and height")
        }
        guard numbers[0] >= 0, numbers[1] >= 0, numbers[2] > 0, numbers[3] > 0 else {
            throw Self.fault("box", "a box begins within the picture, and covers something")
        }
        return Box(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }

    // MARK: What it names

    private static func completed(
        _ given: MissedDefect, hiding hidden: [String], _ reader: Reader
    ) throws -> MissedDefect {
        func isSeen(_ asset: String?) -> Bool { asset.map { !hidden.contains($0) } ?? false }
        if let reference = given.order, try !isSeen(reader.order(reference)?.asset) {
            throw fault("order", "there is no order \(reference)")
        }
        if let id = given.inspection, try !isSeen(reader.inspection(id)?.asset) {
            throw fault("inspection", "there is no report \"\(id)\"")
        }
        let missed = try reader.filled(given)
        guard missed.asset != nil || missed.camera != nil else {
            throw fault("asset", "say where it was: asset, camera, inspection or order")
        }
        if let asset = missed.asset, !isSeen(asset) {
            throw fault("asset", "you report for other sites than that of \(asset): ask somebody who is there")
        }
        try check(missed.box, on: missed.picture, hiding: hidden, reader)
        return missed
    }

    private static func check(
        _ box: Box?, on sha256: String?, hiding hidden: [String], _ reader: Reader
    ) throws {
        guard let sha256 else {
            guard box == nil else { throw fault("box", "a box is on a picture: give picture or inspection") }
            return
        }
        guard let picture = try reader.picture(sha256), try reader.isShown(sha256, hidden) else {
            throw fault("picture", "there is no picture \(sha256); send it with a report first")
        }
        guard let box, let width = picture.width, let height = picture.height else { return }
        guard box.x + box.width <= Double(width), box.y + box.height <= Double(height) else {
            throw fault("box", "the box ends outside the picture, which has \(width) x \(height) pixels")
        }
    }

    private static func fault(_ field: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-label", title: "The report has a fault",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
            errors: [.init(pointer: "/\(field)", detail: detail)])
    }
}
