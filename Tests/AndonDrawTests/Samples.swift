import AndonDraw

extension ChartFigure {
    /// Steady values between limits of 4 and 28, the last of them `value`.
    static func sample(
        last value: Double = 16, signals: [String] = [], marked: Int = 19, axis: Axis = .number
    ) -> ChartFigure {
        let steady: [Double] = [16, 14, 20, 12, 18, 15, 17, 13, 19, 16, 14, 18, 12, 17, 15, 16, 20, 13, 17]
        let points = (steady + [value]).enumerated().map { index, value in
            Point(
                number: index + 1, value: value, time: 1_795_000_000_000_000 + Int64(index) * 3_600_000_000, centre: 16,
                lower: 4, upper: 28, signals: index == 19 ? signals : [], isMarked: index == marked)
        }
        return ChartFigure(
            title: "c chart: scratches on PRESS-07", subtitles: ["asset=PRESS-07"], valueLabel: "defects a wafer",
            points: points, axis: axis)
    }

    static let degrading: ChartFigure = {
        let day: Int64 = 86_400_000_000
        let start: Int64 = 1_795_000_000_000_000
        let points = (0..<30).map { (index: Int) -> Point in
            let value = 1 + 0.05 * Double(index) + (index % 3 == 0 ? 0.1 : -0.05)
            return Point(
                number: index + 1, value: value, time: start + Int64(index) * day,
                annotation: index == 8 ? "repair MQSC0YO2ZN" : nil)
        }
        let path = (29...70).map { (index: Int) -> Forecast.Step in
            let value = 1 + 0.05 * Double(index)
            return Forecast.Step(
                time: start + Int64(index) * day, value: value, lower: value - 0.3 - 0.005 * Double(index),
                upper: value + 0.3 + 0.005 * Double(index))
        }
        return ChartFigure(
            title: "Degradation of BEARING-12", valueLabel: "pits a unit", points: points, threshold: 4,
            forecast: Forecast(
                first: start + 49 * day, expected: start + 60 * day, last: start + 70 * day, slopePerDay: 0.05,
                path: path))
    }()
}

/// Anything that the type allows.
struct Hostile {
    var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    mutating func one(in chances: Int) -> Bool { Int.random(in: 0..<chances, using: &random) == 0 }

    mutating func number() -> Double {
        let wild: [Double] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0,
            -0.0, 1e15, 1e15 + 0.125, 1e-300, -1e300, 9.9999999, 1e7, 0.1 + 0.2,
        ]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return wild[Int.random(in: 0..<wild.count, using: &random)]
        case 1: return Double(bitPattern: random.next())
        default: return Double.random(in: -50...50, using: &random)
        }
    }

    mutating func maybe() -> Double? { one(in: 4) ? nil : number() }

    mutating func time() -> Int64 {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Int64(bitPattern: random.next())
        case 1: [Int64.min, .max, 0, -1].randomElement(using: &random) ?? 0
        default: 1_795_000_000_000_000 + Int64.random(in: 0...100_000_000_000_000, using: &random)
        }
    }

    mutating func text() -> String {
        var scalars = String.UnicodeScalarView()
        let length = one(in: 10) ? 3000 : Int.random(in: 0...40, using: &random)
        for _ in 0..<length {
            let value: UInt32 =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: UInt32.random(in: 0...0x1F, using: &random)
                case 1:
                    [0xFDD0, 0xFFFE, 0xFFFF, 0x10FFFF, 0x202E, 0x200D, 0xFEFF, 0x2028].randomElement(using: &random)
                        ?? 0
                case 2: UInt32.random(in: 0...0x10FFFF, using: &random)
                case 3: UInt32.random(in: 0x300...0x36F, using: &random)
                default: UInt32.random(in: 0x20...0x7E, using: &random)
                }
            if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    mutating func point() -> ChartFigure.Point {
        ChartFigure.Point(
            number: one(in: 5) ? Int(truncatingIfNeeded: random.next()) : Int.random(in: -3...200, using: &random),
            value: maybe(), time: one(in: 3) ? nil : time(), label: one(in: 2) ? nil : text(), centre: maybe(),
            lower: maybe(), upper: maybe(), sigmas: maybe(), signals: (0..<(one(in: 3) ? 5 : 0)).map { _ in text() },
            isMarked: one(in: 8), isInPattern: one(in: 3), isExcluded: one(in: 6), isLate: one(in: 6),
            phase: one(in: 5) ? Int(truncatingIfNeeded: random.next()) : Int.random(in: 1...2, using: &random),
            annotation: one(in: 6) ? text() : nil)
    }

    mutating func figure() -> ChartFigure {
        let count = [0, 1, 2, 3, 30, 300].randomElement(using: &random) ?? 0
        let forecast = ChartFigure.Forecast(
            first: one(in: 3) ? nil : time(), expected: one(in: 3) ? nil : time(), last: one(in: 3) ? nil : time(),
            slopePerDay: number(), confidence: number(),
            path: (0..<Int.random(in: 0...6, using: &random)).map { _ in
                .init(time: time(), value: number(), lower: number(), upper: number())
            })
        return ChartFigure(
            title: text(), subtitles: (0..<Int.random(in: 0...5, using: &random)).map { _ in text() },
            valueLabel: text(), points: (0..<count).map { _ in point() }, sigmaWidth: one(in: 4) ? number() : 3,
            specification: one(in: 2) ? .init(lower: maybe(), upper: maybe()) : nil, threshold: maybe(),
            forecast: one(in: 2) ? forecast : nil, axis: one(in: 2) ? .time : .number)
    }
}
