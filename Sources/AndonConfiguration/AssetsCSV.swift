import AndonModel

/// The asset list as a spreadsheet writes it (RFC 4180): a header row, then an asset a row. Each row becomes a
/// section with the places of its cells, so that the same checks and messages serve both ways to list assets.
enum AssetsCSV {
    static let columns = [
        "id", "name", "type", "group", "criticality", "line", "station", "location", "grid", "parent", "connector",
        "site",
    ]
    static let rowsMax = 100_000

    private struct Cell {
        var text: String
        var line: Int
        var column: Int
    }

    static func rows(_ text: String, faults: SettingsFaults) -> [Settings] {
        var rows: [[Cell]]
        do {
            rows = try parse(text)
        } catch {
            faults.add(error)
            return []
        }
        guard !rows.isEmpty else {
            faults.add(fault(1, 1, "is empty; its first row should be \(columns.joined(separator: ","))"))
            return []
        }
        let header = rows.removeFirst()
        guard check(header, faults: faults) else { return [] }
        return rows.enumerated().compactMap { index, row in
            section(row, index: index, header: header.map(\.text), faults: faults)
        }
    }

    private static func check(_ header: [Cell], faults: SettingsFaults) -> Bool {
        let before = faults.faults.count
        var seen: Set<String> = []
        for cell in header {
            if !columns.contains(cell.text) {
                faults.add(
                    fault(
                        cell.line, cell.column,
                        "\"\(cell.text.cut(to: 40))\" is not a column; known are \(columns.joined(separator: ", "))"))
            } else if !seen.insert(cell.text).inserted {
                faults.add(fault(cell.line, cell.column, "the column \(cell.text) stands here a second time"))
            }
        }
        if !seen.contains("id") {
            faults.add(fault(1, 1, "the first row should name the columns, and \"id\" among them"))
        }
        return faults.faults.count == before
    }

    private static func section(_ row: [Cell], index: Int, header: [String], faults: SettingsFaults) -> Settings? {
        guard let first = row.first else { return nil }
        guard row.count == header.count else {
            faults.add(
                fault(first.line, first.column, "has \(row.count) cells where the first row has \(header.count)"))
            return nil
        }
        let path = "assets[\(index)]"
        let entries = zip(header, row).map { name, cell in
            let value: Settings.Value = cell.text.isEmpty ? .null : .scalar(cell.text, quoted: true)
            let settings = Settings(value, line: cell.line, column: cell.column, path: "\(path).\(name)")
            return Settings.Entry(key: name, keyLine: cell.line, keyColumn: cell.column, value: settings)
        }
        return Settings(.map(entries), line: first.line, column: first.column, path: path)
    }

    private static func fault(_ line: Int, _ column: Int, _ message: String) -> SettingsFault {
        SettingsFault(line: line, column: column, path: "", message: message)
    }

    /// Cells with the line and column where they begin. Rows without any text are left out.
    private static func parse(_ text: String) throws(SettingsFault) -> [[Cell]] {
        var scanner = Scanner(text)
        var rows: [[Cell]] = []
        while let row = try scanner.row() {
            if !(row.count == 1 && row[0].text.isEmpty) { rows.append(row) }
            guard rows.count <= rowsMax else { throw fault(scanner.line, 1, "has more than \(rowsMax) rows") }
        }
        return rows
    }

    private struct Scanner {
        private let scalars: [Unicode.Scalar]
        private var position = 0
        private(set) var line = 1
        private var column = 1

        init(_ text: String) {
            scalars = Array(text.unicodeScalars)
            // Spreadsheets put a byte order mark before UTF-8.
            if scalars.first == "\u{FEFF}" { position = 1 }
        }

        mutating func row() throws(SettingsFault) -> [Cell]? {
            guard position < scalars.count else { return nil }
            var cells: [Cell] = []
            while true {
                cells.append(try cell())
                guard take(",") else { break }
            }
            _ = take("\r")
            if position < scalars.count, !take("\n") {
                throw fault(line, column, "a cell in quotes should end at its closing quote")
            }
            return cells
        }

        private mutating func cell() throws(SettingsFault) -> Cell {
            var cell = Cell(text: "", line: line, column: column)
            guard take("\"") else {
                while position < scalars.count, ![",", "\r", "\n"].contains(scalars[position]) {
                    if scalars[position] == "\"" {
                        throw fault(line, column, "a quote inside a cell needs the whole cell in quotes")
                    }
                    cell.text.unicodeScalars.append(step())
                }
                cell.text = String(trimmed(cell.text))
                return cell
            }
            while position < scalars.count {
                let scalar = step()
                guard scalar == "\"" else {
                    cell.text.unicodeScalars.append(scalar)
                    continue
                }
                guard take("\"") else { return cell }
                cell.text.append("\"")
            }
            throw fault(cell.line, cell.column, "the quote that opens here is never closed")
        }

        private func trimmed(_ text: String) -> Substring {
            guard let first = text.firstIndex(where: { $0 != " " }), let last = text.lastIndex(where: { $0 != " " })
            else { return "" }
            return text[first...last]
        }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard position < scalars.count, scalars[position] == scalar else { return false }
            _ = step()
            return true
        }

        private mutating func step() -> Unicode.Scalar {
            let scalar = scalars[position]
            position += 1
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
            return scalar
        }
    }
}
