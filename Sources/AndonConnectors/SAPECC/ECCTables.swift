import AndonModel
import Foundation

/// Rows of SAP's tables by `RFC_READ_TABLE`, or a function of the customer's with the same parameters.
struct ECCTables: Sendable {
    let client: ECCClient

    typealias Row = [String: String]

    /// A line of a condition has 72 characters.
    private static let lineMax = 72

    /// - Parameter conditions: Each is one comparison, or several with their own `OR`; all of them hold.
    func rows(
        _ table: String, _ fields: [String], where conditions: [String], skip: Int = 0, count: Int = 0,
        over wire: any Wire
    ) async throws(ConnectorError) -> [Row] {
        let lines = conditions.enumerated().flatMap { index, condition in
            Self.lines((index == 0 ? "" : "AND ") + condition)
        }
        let answer = try await client.call(
            client.configuration.readTableFunction,
            [
                ("QUERY_TABLE", .text(table)), ("ROWSKIPS", .text(String(skip))), ("ROWCOUNT", .text(String(count))),
                ("OPTIONS", .table(lines.map { [("TEXT", $0)] })),
                ("FIELDS", .table(fields.map { [("FIELDNAME", $0)] })), ("DATA", .table([])),
            ], over: wire)
        let columns = answer.rows("FIELDS").compactMap { row -> (name: String, offset: Int, length: Int)? in
            guard let name = row.value("FIELDNAME"), let offset = row.value("OFFSET").flatMap({ Int($0) }),
                let length = row.value("LENGTH").flatMap({ Int($0) }), (0...10_000).contains(offset),
                (1...10_000).contains(length)
            else { return nil }
            return (name, offset, length)
        }
        guard Set(columns.map(\.name)).isSuperset(of: fields) else {
            throw .answerLost("SAP's answer of table \(table) does not say where its columns begin")
        }
        return answer.rows("DATA").map { item in
            let text = Array((item["WA"]?.text ?? "").unicodeScalars)
            return columns.reduce(into: Row()) { row, column in
                var value = String.UnicodeScalarView()
                value.append(contentsOf: text.dropFirst(column.offset).prefix(column.length))
                row[column.name] = String(value).trimmingCharacters(in: .whitespaces)
            }
        }
    }

    /// Conditions `field EQ 'a' OR field EQ 'b'` for so many values at once.
    static func anyOf(_ field: String, _ values: [String]) -> [String] {
        stride(from: 0, to: values.count, by: 40).map { start in
            let part = values[start..<min(start + 40, values.count)]
            return "( " + part.map { "\(field) EQ \(literal($0))" }.joined(separator: " OR ") + " )"
        }
    }

    /// The moment of a date `20261123` and a time `160905`; midnight where there is no time.
    static func time(_ date: String?, _ time: String?, of clock: LocalTime) -> Timestamp? {
        guard let date, date.count == 8 else { return nil }
        let time = time.flatMap { $0.count == 6 ? $0 : nil } ?? "000000"
        let day = [date.prefix(4), date.dropFirst(4).prefix(2), date.suffix(2)].joined(separator: "-")
        let hour = [time.prefix(2), time.dropFirst(2).prefix(2), time.suffix(2)].joined(separator: ":")
        return clock.time("\(day)T\(hour)")
    }

    static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// Broken at blanks. No value of ours has a blank in it.
    private static func lines(_ condition: String) -> [String] {
        var lines: [String] = []
        for word in condition.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= lineMax {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
