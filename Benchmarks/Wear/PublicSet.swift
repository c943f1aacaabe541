import Foundation

/// Lives out of a file, with columns unit, time, value.
enum PublicSet {
    /// Nobody knows the level of a real stream. What stands for it is the median of this many values about a time, from
    /// before it and after it.
    static let values = 11

    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    static func lives(_ path: String, threshold: Double, rising: Bool) throws -> [Life] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var order: [String] = []
        var units: [String: Life] = [:]
        for (number, line) in text.split(whereSeparator: \.isNewline).enumerated().dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count == 3, let time = Double(cells[1]), let value = Double(cells[2]) else {
                throw Problem(description: "\(path), line \(number + 1): needs unit,time,value with two numbers")
            }
            let unit = String(cells[0])
            if units[unit] == nil { order.append(unit) }
            units[unit, default: Life(threshold: threshold, start: time)].times.append(time)
            units[unit]?.values.append(value)
        }
        return order.compactMap { units[$0].map { crossed($0, rising: rising) } }
    }

    /// Ends a life where its level crosses.
    private static func crossed(_ life: Life, rising: Bool) -> Life {
        let half = values / 2
        let count = life.values.count
        guard count > values else { return life }
        for place in half..<count - half {
            let level = life.values[place - half...place + half].sorted()[half]
            guard rising ? level >= life.threshold : level <= life.threshold else { continue }
            var life = life
            life.crossing = life.times[place]
            life.times = Array(life.times.prefix(place))
            life.values = Array(life.values.prefix(place))
            return life
        }
        return life
    }
}
