import AndonModel

/// Where a poll stands with a system that filters by "changed since" and gives no order by change: whole passes,
/// page by page, each of which begins where the last one began.
///
/// A pass asks for what changed since the last pass began, less an overlap for clocks that differ, so whatever
/// changed or slid across a page's edge meanwhile is in the next one.
struct PassCursor: Equatable {
    /// When the last whole pass began; nil before the first.
    private(set) var last: Timestamp?
    /// When the pass under way began.
    private(set) var begun: Timestamp
    /// From 1.
    private(set) var page: Int

    /// `2026-11-23T21:09:00.000000Z`, or within a pass `last;begun;page`.
    init(_ text: String?, now: Timestamp) {
        let parts = (text ?? "").split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        last = parts.first.flatMap { Timestamp($0) }
        begun = now
        page = 1
        if parts.count == 3, let start = Timestamp(parts[1]), let number = Int(parts[2]), number > 1 {
            begun = start
            page = number
        }
    }

    func since(overlap: Duration) -> Timestamp? { last.map { $0 - overlap } }

    mutating func turned(hasMore: Bool) {
        if hasMore {
            page += 1
        } else {
            last = begun
            page = 1
        }
    }

    var text: String {
        let start = last?.description ?? ""
        return page > 1 ? "\(start);\(begun);\(page)" : start
    }
}
