import AndonModel

/// The answer to a question, for a page, a command and a program alike.
public struct Report: Sendable {
    public var title: String
    /// What is counted, and how, so that two answers can be compared.
    public var definition: String
    public var basis: Basis
    /// The sites whose assets alone were counted; nil for everything, what is of no asset of the plant file as well.
    public var sites: [String]?
    public var sections: [Section]

    public struct Section: Sendable {
        public var heading: String
        /// Whole sentences with their figures.
        public var sentences: [String]
        public var table: Table?
        public var curves: [Curve]
        /// Where the table goes from the greatest down: for pages, which draw it; the table says the same.
        public var pareto: Pareto?

        public init(
            _ heading: String, sentences: [String] = [], table: Table? = nil, curves: [Curve] = [],
            pareto: Pareto? = nil
        ) {
            self.heading = heading
            self.sentences = sentences
            self.table = table
            self.curves = curves
            self.pareto = pareto
        }
    }

    /// The greatest of something, each with the share that it and those before it have of the whole.
    public struct Pareto: Sendable, Hashable {
        /// What is counted, with its unit.
        public var measure: String
        /// The greatest first.
        public var bars: [Bar]

        public struct Bar: Sendable, Hashable {
            public var name: String
            /// 0 or more.
            public var value: Double
            /// 0...1.
            public var cumulated: Double

            public init(name: String, value: Double, cumulated: Double) {
                self.name = name
                self.value = value
                self.cumulated = cumulated
            }
        }

        public init(measure: String, bars: [Bar]) {
            self.measure = measure
            self.bars = bars
        }
    }

    public struct Table: Sendable {
        /// Names with their units: `repairs`, `median, days`.
        public var columns: [String]
        public var rows: [[Cell]]

        public init(_ columns: [String], _ rows: [[Cell]] = []) {
            self.columns = columns
            self.rows = rows
        }
    }

    public enum Cell: Sendable, Hashable {
        case text(String)
        case count(Int)
        /// Shown with so many digits behind the point.
        case number(Double, digits: Int)
        /// 0...1, shown in percent.
        case share(Double)
        /// Not known, or not to be had from so few cases.
        case none

        /// A number, or none where there is no finite one.
        public static func number(_ value: Double?, digits: Int) -> Cell {
            guard let value, value.isFinite else { return .none }
            return .number(value, digits: digits)
        }

        public static func share(_ value: Double?) -> Cell {
            guard let value, value.isFinite else { return .none }
            return .share(value)
        }
    }

    /// A line of a chart, with its band where it has one.
    public struct Curve: Sendable {
        public var name: String
        /// What lies along the axes, with the unit.
        public var across: String
        public var up: String
        public var points: [Point]

        public struct Point: Sendable {
            public var x: Double
            public var y: Double
            public var lower: Double?
            public var upper: Double?

            public init(x: Double, y: Double, lower: Double? = nil, upper: Double? = nil) {
                self.x = x
                self.y = y
                self.lower = lower
                self.upper = upper
            }
        }

        public init(_ name: String, across: String, up: String, points: [Point]) {
            self.name = name
            self.across = across
            self.up = up
            self.points = points
        }
    }

    public init(_ title: String, definition: String, basis: Basis, sections: [Section] = []) {
        self.title = title
        self.definition = definition
        self.basis = basis
        self.sections = sections
    }
}

extension Report {
    public var json: JSON {
        .object(present: [
            "title": .string(title), "definition": .string(definition), "basis": basis.json,
            "sites": sites.map { .array($0.map { .string($0) }) }, "sections": .array(sections.map(\.json)),
        ])
    }
}

extension Report.Section {
    var json: JSON {
        .object(present: [
            "heading": .string(heading), "sentences": .array(sentences.map { .string($0) }),
            "table": table.map { table in
                [
                    "columns": .array(table.columns.map { .string($0) }),
                    "rows": .array(table.rows.map { .array($0.map(\.json)) }),
                ]
            },
            "curves": curves.isEmpty
                ? nil
                : .array(
                    curves.map { curve in
                        [
                            "name": .string(curve.name), "across": .string(curve.across), "up": .string(curve.up),
                            "points": .array(
                                curve.points.map { point in
                                    .object(present: [
                                        "x": .number(point.x), "y": .number(point.y),
                                        "lower": point.lower.map { .number($0) },
                                        "upper": point.upper.map { .number($0) },
                                    ])
                                }),
                        ]
                    }),
        ])
    }
}

extension Report.Cell {
    var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .count(let count): .integer(count)
        case .number(let value, _), .share(let value): .number(value)
        case .none: .null
        }
    }
}
