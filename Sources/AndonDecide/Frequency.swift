import AndonModel

/// How many qualifying detections of a class on an asset, within which window, make an order.
public struct Frequency: Sendable, Hashable {
    /// At least 1; the detection that is being decided counts among them.
    public var count: Int
    /// An earlier detection that is exactly one window old is outside.
    public var within: FactsWanted.Window

    public init(count: Int, within: FactsWanted.Window) {
        self.count = count
        self.within = within
    }

    /// Every qualifying detection is enough.
    public static let off = Frequency(count: 1, within: .time(.zero))

    /// Whether there is anything to count.
    public var isOn: Bool { count > 1 }
}
