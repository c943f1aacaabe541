import AndonModel
import Foundation

/// Our order as the parameters of `BAPI_ALM_NOTIF_CREATE`.
struct ECCOrder {
    let configuration: ECCConfiguration

    func parameters(_ order: WorkOrder) throws(ConnectorError) -> [(String, SOAPValue)] {
        let filled = try configuration.fields.filled(with: values(of: order))
        var header: [(String, String)] = []
        var item: [(String, String)] = []
        var type = ""
        var text = ""
        for (name, value) in filled.sorted(by: { $0.key < $1.key }) {
            let value = value.string ?? value.canonicalText
            switch name {
            case "NOTIF_TYPE": type = value
            case "LONGTEXTS": text = value
            case "EQUIPMENT": header.append((name, ECCConfiguration.key(value, 18)))
            case let name where name.hasPrefix("item."): item.append((String(name.dropFirst(5)), value))
            default: header.append((name, value))
            }
        }
        var parameters: [(String, SOAPValue)] = []
        if let prefix = configuration.externalNumberPrefix {
            parameters.append(("EXTERNAL_NUMBER", .text(prefix + order.reference.text.uppercased())))
        }
        parameters += [
            ("NOTIF_TYPE", .text(type)), ("NOTIFHEADER", .structure(header)), ("LONGTEXTS", .table(lines(text))),
        ]
        if !item.isEmpty { parameters.append(("NOTITEM", .table([[("ITEM_SORT_NO", "0001")] + item]))) }
        return parameters + [("RETURN", .table([]))]
    }

    /// The values that are the planned date.
    static let planned: Set<String> = ["scheduledAt", "requiredDate", "requiredTime"]

    /// The parameters of `BAPI_ALM_NOTIF_DATA_MODIFY`: a member of the header counts only when it is marked in
    /// `NOTIFHEADER_X` as well.
    func planned(
        of order: WorkOrder, number: String
    ) throws(ConnectorError) -> [(String, SOAPValue)] {
        let filled = try configuration.fields.planned(by: Self.planned, values(of: order))
            .filter { !$0.key.hasPrefix("item.") }.sorted { $0.key < $1.key }
        guard !filled.isEmpty else { throw .refused("no field of the header holds the planned date") }
        return [
            ("NUMBER", .text(number)),
            ("NOTIFHEADER", .structure(filled.map { ($0.key, $0.value.string ?? $0.value.canonicalText) })),
            ("NOTIFHEADER_X", .structure(filled.map { ($0.key, "X") })), ("RETURN", .table([])),
        ]
    }

    private func values(of order: WorkOrder) -> [String: String] {
        var values = configuration.system.values(of: order)
        values["workCenterID"] = configuration.workCenterID
        values["originCodeGroup"] = configuration.originCodeGroup
        values["originCode"] = configuration.originCode
        let local = LocalTime(zone: TimeZone(identifier: order.timeZone) ?? .gmt)
        (values["malfunctionDate"], values["malfunctionTime"]) = Self.parts(local.text(order.detectedAt))
        if let due = order.scheduledAt {
            (values["requiredDate"], values["requiredTime"]) = Self.parts(local.text(due))
        }
        return values
    }

    private static func parts(_ local: String) -> (String, String) {
        (String(local.prefix(10)), String(local.suffix(8)))
    }

    // MARK: Long text

    static let lineMax = 132

    /// Rows of SAPscript: a paragraph each line, and what is longer goes on in rows that follow without a break.
    func lines(_ text: String) -> [[(String, String)]] {
        text.replacing("\r\n", with: "\n").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap
        { line in
            Self.pieces(String(line)).enumerated().map { index, piece in
                [
                    (configuration.longTextTypeField, "QMEL"), ("OBJKEY", ""), ("FORMAT_COL", index == 0 ? "*" : "="),
                    ("TEXT_LINE", piece),
                ]
            }
        }
    }

    /// Pieces that make the line again when they are joined: 132 units of UTF-16 each, broken behind a blank where
    /// there is one, never within a character.
    static func pieces(_ line: String) -> [String] {
        var pieces: [String] = []
        var rest = Substring(line)
        while rest.utf16.count > lineMax {
            var end = rest.startIndex
            var units = 0
            while end < rest.endIndex, units + rest[end].utf16.count <= lineMax {
                units += rest[end].utf16.count
                end = rest.index(after: end)
            }
            if end == rest.startIndex { end = rest.index(after: end) }
            // A row must not end in a blank, which the table would lose: it begins the next one.
            if let blank = rest[..<end].lastIndex(of: " "), blank > rest.startIndex { end = blank }
            pieces.append(String(rest[..<end]))
            rest = rest[end...]
        }
        return pieces + [String(rest)]
    }
}
