import AndonModel
import AndonSQL

/// What a word that somebody typed is, of all that orders are called by.
public enum OrderWord: Sendable, Equatable {
    /// Andon's reference, or a number or id of the CMMS; as the store has it.
    case number(String)
    case asset(String)
    case defectClass(String)
    case lot(String)
    /// A day, or the second from a time on.
    case time(from: Timestamp, to: Timestamp)
}

extension Reader {
    /// Finds out what a word is. What names one order comes before what names many; letters may be of either case where
    /// the word as it stands is nothing.
    ///
    /// - Returns: nil when nothing is called so.
    public func meaning(of word: String) throws -> OrderWord? {
        if let time = Self.time(word) { return time }
        var seen: Set<String> = []
        for spelling in [word, word.uppercased(), word.lowercased()] where seen.insert(spelling).inserted {
            if let found = try exact(spelling) { return found }
        }
        return nil
    }

    private func exact(_ word: String) throws -> OrderWord? {
        func has(_ sql: String) throws -> Bool { try row("\(sql) LIMIT 1", [word]) != nil }
        if try has("SELECT 1 FROM work_order WHERE reference = ?")
            || has("SELECT 1 FROM work_order WHERE remote_number = ?")
            || has("SELECT 1 FROM work_order WHERE remote_id = ?")
        {
            return .number(word)
        }
        if try has("SELECT 1 FROM work_order INDEXED BY work_order_of_asset WHERE asset = ?") { return .asset(word) }
        if try has("SELECT 1 FROM work_order INDEXED BY work_order_of_class WHERE class = ?") {
            return .defectClass(word)
        }
        return try has("SELECT 1 FROM inspection WHERE lot = ?") ? .lot(word) : nil
    }

    private static func time(_ word: String) -> OrderWord? {
        if let day = Timestamp("\(word)T00:00:00Z") { return .time(from: day, to: day + .seconds(86_400)) }
        return Timestamp(word).map { .time(from: $0, to: $0 + .seconds(1)) }
    }
}

extension OrderSearch {
    /// Narrows it to what a word was found to be.
    public mutating func narrow(to word: OrderWord) {
        switch word {
        case .number(let number): self.number = number
        case .asset(let asset): self.asset = asset
        case .defectClass(let name): defectClass = name
        case .lot(let lot): self.lot = lot
        case .time(let from, let to):
            self.from = from
            self.to = to
        }
    }
}

/// Everything that a word leads to, some of each kind: the newest first.
public struct FoundByWord: Sendable {
    public var orders: [OrderRecord] = []
    public var inspections: [InspectionRecord] = []
    public var detections: [DetectionRecord] = []
    /// Digests of pictures, whole.
    public var pictures: [String] = []
    /// What orders it names, for the list of all of them.
    public var word: OrderWord?

    public var isEmpty: Bool { orders.isEmpty && inspections.isEmpty && detections.isEmpty && pictures.isEmpty }

    /// Of each kind at most.
    public static let limit = 20
}

extension Reader {
    /// Looks a word up everywhere: order, number of the CMMS, lot, asset, class, day, report, detection, picture.
    ///
    /// - Parameters:
    ///   - known: what the word is, where that is known already.
    ///   - hidden: assets that are left out.
    public func find(_ word: String, as known: OrderWord? = nil, hidden: [String] = []) throws -> FoundByWord {
        var found = FoundByWord()
        found.word = try known ?? meaning(of: word)
        if let meaning = found.word {
            var search = OrderSearch(limit: FoundByWord.limit)
            search.hidden = hidden
            search.sort = .raised
            search.narrow(to: meaning)
            found.orders = try orders(search)
        }
        let hides = Set(hidden)
        found.inspections = try inspections(named: word, found.word).filter { !hides.contains($0.asset) }
        found.detections = try detections(named: word, found.word, among: found.inspections).filter {
            !hides.contains($0.asset)
        }
        found.pictures = try pictures(named: word).filter { try isShown($0, hidden) }
        return found
    }

    private func inspections(named word: String, _ meaning: OrderWord?) throws -> [InspectionRecord] {
        if let one = try inspection(word) { return [one] }
        if let mark = word.lastIndex(of: "#"), let one = try inspection(String(word[..<mark])) { return [one] }
        guard case .lot(let lot) = meaning else { return [] }
        return try inspections(lot: lot, limit: FoundByWord.limit)
    }

    private func detections(
        named word: String, _ meaning: OrderWord?, among inspections: [InspectionRecord]
    ) throws -> [DetectionRecord] {
        switch meaning {
        case .asset(let asset): return try newestDetections(asset: asset)
        case .time(let from, let to): return try detections(receivedFrom: from, to: to, limit: FoundByWord.limit)
        default: break
        }
        let ordinal = word.lastIndex(of: "#").flatMap { Int(word[word.index(after: $0)...]) }
        var found: [DetectionRecord] = []
        for inspection in inspections where found.count < FoundByWord.limit {
            found += try detections(of: inspection).filter { ordinal == nil || $0.ordinal == ordinal }
        }
        return Array(found.prefix(FoundByWord.limit))
    }

    /// The classes of an asset are found one after the other, and of each the newest: none of the many others is read.
    private func newestDetections(asset: String) throws -> [DetectionRecord] {
        let classes = try rows(
            """
            WITH RECURSIVE found(class) AS (
                SELECT MIN(class) FROM detection WHERE asset = ?1
                UNION ALL SELECT (SELECT MIN(class) FROM detection WHERE asset = ?1 AND class > found.class) FROM found
                WHERE found.class IS NOT NULL)
            SELECT class FROM found WHERE class IS NOT NULL LIMIT 50
            """, [asset]
        ).map { $0["class"] as String }
        let newest = try classes.flatMap { name in
            try detections("d.asset = ? AND d.class = ? ORDER BY d.detected_at DESC LIMIT ?", [asset, name, 5])
        }
        return Array(newest.sorted { $0.detectedAt > $1.detectedAt }.prefix(FoundByWord.limit))
    }

    private func detections(receivedFrom from: Timestamp, to: Timestamp, limit: Int) throws -> [DetectionRecord] {
        try detections(
            "i.received_at >= ? AND i.received_at < ? AND i.defects > 0 ORDER BY i.received_at DESC LIMIT ?",
            [from.microseconds, to.microseconds, limit])
    }

    /// A digest, or its first eight digits or more.
    private func pictures(named word: String) throws -> [String] {
        let digits = word.lowercased()
        guard (8...64).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return [] }
        return try rows(
            "SELECT sha256 FROM picture WHERE sha256 >= ? AND sha256 < ? ORDER BY sha256 LIMIT ?",
            [digits, "\(digits)g", FoundByWord.limit]
        ).map { $0["sha256"] }
    }

    /// Whether a picture is of an asset that is not hidden, by a report, beside one, or as a photo of an order; one that is of none is
    /// everybody's.
    public func isShown(_ picture: String, _ hidden: [String]) throws -> Bool {
        guard !hidden.isEmpty else { return true }
        let hides = Set(hidden)
        let assets = try rows(
            """
            SELECT asset FROM inspection WHERE picture = ?1 UNION
            SELECT w.asset FROM order_photo f JOIN work_order w ON w.reference = f.reference WHERE f.sha256 = ?1 UNION
            SELECT i.asset FROM evidence_frame e JOIN inspection i ON i.seq = e.inspection_seq WHERE e.sha256 = ?1
            LIMIT 1000
            """, [picture]
        ).map { $0["asset"] as String }
        return assets.isEmpty || assets.contains { !hides.contains($0) }
    }
}
