import AndonModel

/// A part of a picture that is unusual.
public struct AnomalyRegion: Sendable, Hashable {
    /// In pixels of the frame.
    public var box: Box
    /// The highest value of the map in it.
    public var peak: Double
}

/// Turns a map into regions with boxes.
public struct AnomalyRegions: Sendable, Hashable {
    /// A box holds what is at least this share of its region's peak: smoothing makes a defect's skirts wider than it is.
    public var peakShare: Double
    /// The highest so many.
    public var regionsMax: Int
    /// Regions of fewer places do not count.
    public var placesMin: Int

    public init(peakShare: Double = 0.6, regionsMax: Int = 20, placesMin: Int = 1) {
        self.peakShare = peakShare
        self.regionsMax = regionsMax
        self.placesMin = placesMin
    }

    /// Each set of places above the level that hang together, also over corners, is one region.
    ///
    /// - Parameters:
    ///   - level: a raw value of the map, such as `AnomalyThreshold.score`.
    ///   - width: of the frame in pixels, over all of which the map lies.
    /// - Returns: from the highest peak down.
    public func find(in map: AnomalyMap, above level: Double, width: Int, height: Int) -> [AnomalyRegion] {
        var isSeen = [Bool](repeating: false, count: map.values.count)
        var regions: [AnomalyRegion] = []
        for start in map.values.indices where !isSeen[start] && Double(map.values[start]) > level {
            let places = Self.grow(from: start, map) { Double($0) > level }
            for place in places { isSeen[place] = true }
            guard places.count >= placesMin, let top = places.max(by: { map.values[$0] < map.values[$1] }) else {
                continue
            }
            let cut = map.values[top] * Float(peakShare)
            let core = Self.grow(from: top, map) { Double($0) > level && $0 >= cut }
            regions.append(
                AnomalyRegion(box: Self.box(of: core, map, width, height), peak: Double(map.values[top])))
        }
        return Array(regions.sorted { $0.peak > $1.peak }.prefix(max(0, regionsMax)))
    }

    private static func grow(from start: Int, _ map: AnomalyMap, while isIn: (Float) -> Bool) -> [Int] {
        var found: Set<Int> = [start]
        var open = [start]
        while let place = open.popLast() {
            let (row, column) = (place / map.columns, place % map.columns)
            for y in max(0, row - 1)...min(map.rows - 1, row + 1) {
                for x in max(0, column - 1)...min(map.columns - 1, column + 1) {
                    let other = y * map.columns + x
                    if isIn(map.values[other]), found.insert(other).inserted { open.append(other) }
                }
            }
        }
        return Array(found)
    }

    private static func box(of places: [Int], _ map: AnomalyMap, _ width: Int, _ height: Int) -> Box {
        let columns = places.map { $0 % map.columns }
        let rows = places.map { $0 / map.columns }
        let (left, right) = (columns.min() ?? 0, (columns.max() ?? 0) + 1)
        let (top, bottom) = (rows.min() ?? 0, (rows.max() ?? 0) + 1)
        let (across, down) = (Double(width) / Double(map.columns), Double(height) / Double(map.rows))
        return Box(
            x: Double(left) * across, y: Double(top) * down, width: Double(right - left) * across,
            height: Double(bottom - top) * down)
    }
}
