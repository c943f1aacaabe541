import AndonModel
import AndonSQL

/// Columns with names of persons are not in the digests: they are held against what lies beside the entries.
extension FactsVerifier {
    /// - Parameters:
    ///   - row: of the table, as people name it.
    ///   - isCut: whether an entry holds no more than the beginning of long texts.
    func compareName(
        _ table: String, _ row: String, _ column: String, _ stored: DatabaseValue, _ body: JSON, _ member: String,
        _ entry: Int64, isCut: Bool = false
    ) throws {
        let words = try expected(body, member, entry)
        let isRight: Bool
        switch words {
        case .nothing: isRight = stored.isNull
        case .unknown: return uncovered("\(table).\(column)")
        case .erased: isRight = Self.isWithheld(stored)
        case .kept(let text):
            let found = String.fromDatabaseValue(stored)
            // An erased name may have stood behind what the entry holds of a long text.
            let isLong = isCut && text.hasSuffix("…")
            isRight =
                found == text || (isLong && (found?.cut(to: Self.detailMax) == text || Self.isWithheld(stored)))
        case .plain(let text): isRight = String.fromDatabaseValue(stored) == text || Self.isWithheld(stored)
        }
        guard !isRight else { return }
        try fault(table, row, entry, "\(column) is not what the entry says")
    }

    /// Characters of an attempt's detail that an entry holds.
    private static let detailMax = 2000

    private enum Expected {
        case nothing
        /// The entry says less than the row holds.
        case unknown
        case erased
        case kept(String)
        /// In an entry from before names were kept beside: the row's may have been erased since.
        case plain(String)
    }

    private func expected(_ body: JSON, _ member: String, _ entry: Int64) throws -> Expected {
        guard body["bodySha256"] == nil else { return .unknown }
        switch body.value(at: member) {
        case nil, .null?: return .nothing
        case .string(let text)?: return .plain(text)
        case let value?:
            guard value[Commitment.member] != nil else { return .plain(value.canonicalText) }
            let kept = try reader.row(
                "SELECT value FROM ledger_value WHERE idx = ? AND member = ?", [entry, member])
            return kept.map { .kept(FactCursor.words($0[0])) } ?? .erased
        }
    }

    private static func isWithheld(_ stored: DatabaseValue) -> Bool {
        let text = String.fromDatabaseValue(stored)
        return text == Transaction.withheldWord || text == "\"\(Transaction.withheldWord)\""
    }
}
