import AndonModel

/// The answer to a question, for a page, a command and a program alike. What it says are phrases; programs read their
/// English.
public struct Report: Sendable {
    public var title: String
    /// What is counted, and how, so that two answers can be compared.
    public var defined: Phrase
    public var basis: Basis
    /// The sites whose assets alone were counted; nil for everything, what is of no asset of the plant file as well.
    public var sites: [String]?
    public var sections: [Section]

    public struct Section: Sendable {
        /// The heading.
        public var called: Phrase
        /// Whole sentences with their figures.
        public var said: [Phrase]
        public var table: Table?
        public var curves: [Curve]
        /// Where the table goes from the greatest down: for pages, which draw it; the table says the same.
        public var pareto: Pareto?

        public init(
            _ called: Phrase, said: [Phrase] = [], table: Table? = nil, curves: [Curve] = [], pareto: Pareto? = nil
        ) {
            self.called = called
            self.said = said
            self.table = table
            self.curves = curves
            self.pareto = pareto
        }

        public var heading: String { called.english }
        public var sentences: [String] { said.map(\.english) }
    }

    /// The greatest of something, each with the share that it and those before it have of the whole.
    public struct Pareto: Sendable, Hashable {
        /// What is counted, with its unit.
        public var measure: Phrase
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

        public init(measure: Phrase, bars: [Bar]) {
            self.measure = measure
            self.bars = bars
        }
    }

    public struct Table: Sendable {
        /// Names with their units: `repairs`, `median, days`.
        public var heads: [Phrase]
        public var rows: [[Cell]]

        public init(_ heads: [Phrase], _ rows: [[Cell]] = []) {
            self.heads = heads
            self.rows = rows
        }

        public var columns: [String] { heads.map(\.english) }
    }

    public enum Cell: Sendable, Hashable {
        /// A name of the plant.
        case text(String)
        case phrase(Phrase)
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

        /// What stands in the cell where that is a text.
        public var words: String? {
            switch self {
            case .text(let text): text
            case .phrase(let phrase): phrase.english
            case .count, .number, .share, .none: nil
            }
        }
    }

    /// A line of a chart, with its band where it has one.
    public struct Curve: Sendable {
        public var called: Phrase
        /// What lies along the axes, with the unit.
        public var across: Phrase
        public var up: Phrase
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

        public init(_ called: Phrase, across: Phrase, up: Phrase, points: [Point]) {
            self.called = called
            self.across = across
            self.up = up
            self.points = points
        }

        public var name: String { called.english }
    }

    public init(_ title: String, defined: Phrase, basis: Basis, sections: [Section] = []) {
        self.title = title
        self.defined = defined
        self.basis = basis
        self.sections = sections
    }

    public var definition: String { defined.english }
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
                            "name": .string(curve.name), "across": .string(curve.across.english),
                            "up": .string(curve.up.english),
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
        case .phrase(let phrase): .string(phrase.english)
        case .count(let count): .integer(count)
        case .number(let value, _), .share(let value): .number(value)
        case .none: .null
        }
    }
}
