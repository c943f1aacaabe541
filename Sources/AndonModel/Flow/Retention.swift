/// How long pictures are kept, by what they belong to. A picture that belongs to several reports has the longest right.
public struct Retention: Sendable, Equatable {
    /// Behind the end of the order; a picture of an order that has not ended is never removed.
    public var orders: Duration
    /// Behind the newest report whose defects made no order.
    public var recorded: Duration
    /// Behind the newest report without a defect. The newest such picture of each camera always stays.
    public var good: Duration
    /// Drawn files: what is made anew when it is asked for.
    public var derived: Duration

    /// A year that is never shorter than one of the calendar.
    public static let year: Duration = .seconds(366 * 86_400)
    public static let day: Duration = .seconds(86_400)

    public init(
        orders: Duration = year * 10, recorded: Duration = day * 90, good: Duration = day * 30,
        derived: Duration = day * 30
    ) {
        self.orders = orders
        self.recorded = recorded
        self.good = good
        self.derived = derived
    }

    public func duration(of kind: PictureClass) -> Duration {
        switch kind {
        case .order: orders
        case .recorded: recorded
        case .good: good
        }
    }
}

/// What a picture is kept for.
public enum PictureClass: String, Sendable, CaseIterable {
    /// A report of its has a defect that raised or joined an order.
    case order
    /// Its reports have defects, and none made an order.
    case recorded
    /// Its reports have no defect.
    case good
}

/// Why a picture's bytes are not here.
public enum RemovalReason: String, Sendable, CaseIterable {
    /// Its retention ended.
    case retention
    /// The disk was short of space.
    case space
    /// It never was kept: the disk was short of space when it came.
    case notKept

    public var words: String {
        switch self {
        case .retention: "its retention had ended (evidence.retention)"
        case .space: "the disk was short of space (evidence.freeSpace), and no order had it"
        case .notKept: "it was not kept when it came, because the disk was short of space and its report made no order"
        }
    }
}

/// How much room a file system has, in bytes.
public struct DiskSpace: Sendable, Equatable {
    public var free: Int
    public var total: Int

    public init(free: Int, total: Int) {
        self.free = free
        self.total = total
    }
}

/// Where the free-space guard begins: at the smaller of the two. Zero bytes switch it off.
public struct FreeSpaceLimit: Sendable, Equatable {
    public var bytes: Int
    /// Of the file system, 0...1.
    public var share: Double

    public init(bytes: Int = 5 << 30, share: Double = 0.1) {
        self.bytes = bytes
        self.share = share
    }

    public func bytes(of disk: DiskSpace) -> Int { min(bytes, Int(share * Double(disk.total))) }

    /// What has to be free again before the shortage is over: a tenth more, so that it does not come and go.
    public func bytesToReach(on disk: DiskSpace) -> Int { bytes(of: disk) + bytes(of: disk) / 10 }
}
