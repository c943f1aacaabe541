import AndonModel

/// How long pictures are kept, and how much of the disk they leave free.
public struct EvidenceSettings: Sendable, Equatable {
    public var retention = Retention()
    public var freeSpace = FreeSpaceLimit()
    /// How often pictures that are due are looked for.
    public var sweepEvery: Duration = .seconds(6 * 3600)

    public init() {}

    init(reading reader: SettingsReader) {
        self.init()
        if let section = reader.section("retention") { retention = Self.retention(section) }
        if let section = reader.section("freeSpace") {
            freeSpace.bytes = section.byteCount("bytes") ?? freeSpace.bytes
            freeSpace.share = section.number("share", in: 0...1) ?? freeSpace.share
            section.finish()
        }
        sweepEvery = reader.duration("sweepEvery", in: .seconds(60) ... .seconds(86_400)) ?? sweepEvery
        reader.finish()
    }

    private static func retention(_ reader: SettingsReader) -> Retention {
        var retention = Retention()
        let range = Retention.day...Retention.year * 100
        retention.orders = reader.duration("orders", in: range) ?? retention.orders
        retention.recorded = reader.duration("recorded", in: range) ?? retention.recorded
        retention.good = reader.duration("good", in: range) ?? retention.good
        retention.derived = reader.duration("derived", in: range) ?? retention.derived
        order(reader, "recorded", retention.recorded, isAtMost: "orders", retention.orders)
        order(reader, "good", retention.good, isAtMost: "recorded", retention.recorded)
        reader.finish()
        return retention
    }

    /// What tells less is not kept longer; the fault stands where an option is written.
    private static func order(
        _ reader: SettingsReader, _ shorter: String, _ short: Duration, isAtMost longer: String, _ long: Duration
    ) {
        guard short > long else { return }
        reader.faults.add(
            "pictures of \"\(shorter)\" (\(Quantity.text(short))) would be kept longer than those of \"\(longer)\" "
                + "(\(Quantity.text(long))); make \"\(shorter)\" at most as long",
            at: reader.raw(shorter) ?? reader.raw(longer) ?? reader.node)
    }
}
