import AndonModel
import Foundation

extension InforDesk {
    private static let gridMembers: Set<String> = [
        "GRID", "GRID_TYPE", "REQUEST_TYPE", "LOCALIZE_RESULT", "DATASPY", "MULTIADDON_FILTERS", "ADDON_SORT", "LOV",
    ]
    /// What the dataspy shows of work orders: no other column can be filtered or sorted by.
    private static let jobColumns: Set<String> = [
        "workordernum", "organization", "evt_rstatus", "workorderstatus_display", "datecreated", "udfchar01",
        "udfchar02",
    ]

    func grid(_ books: InforStandIn.Books) throws -> StandInAnswer {
        let body = try json()
        let head = body["GRID"]
        guard let name = head?["GRID_NAME"]?.string, head?["USER_FUNCTION_NAME"]?.string != nil,
            body["REQUEST_TYPE"]?.string == "LIST.HEAD_DATA.STORED",
            Self.gridMembers.isSuperset(of: (body.object ?? [:]).keys)
        else { throw InforFault(message: "The grid request is not valid.") }
        let parameters = (body["LOV"]?["LOV_PARAMETERS"]?["LOV_PARAMETER"]?.array ?? []).reduce(
            into: [String: String]()
        ) { $0[$1["ALIAS_NAME"]?.string ?? ""] = $1["VALUE"]?.string }
        var rows = try self.rows(name, parameters, dataspy: body["DATASPY"]?["DATASPY_ID"]?.string, books)
        let columns = name == "WSJOBS" ? Self.jobColumns : []
        for filter in body["MULTIADDON_FILTERS"]?["MADDON_FILTER"]?.array ?? [] {
            let condition = try InforCondition(filter, columns: columns, dateFormat: setup.dateFormat)
            rows = rows.filter { condition.holds($0) }
        }
        if let sort = body["ADDON_SORT"] { rows = try sorted(rows, by: sort, columns: columns) }
        // Counted from 1; 0 is the beginning as well.
        let start = max((head?["CURSOR_POSITION"]?.integer ?? 0) - 1, 0)
        let size = head?["NUMBER_OF_ROWS_FIRST_RETURNED"]?.integer ?? 10
        return page(Array(rows.dropFirst(start).prefix(size)), hasMore: rows.count > start + size)
    }

    private func page(_ rows: [[String: String]], hasMore: Bool) -> StandInAnswer {
        var data: [String: JSON] = ["METADATA": ["MORERECORDPRESENT": hasMore ? "+" : "-"]]
        if !rows.isEmpty {
            data["DATARECORD"] = .array(
                rows.map { row in
                    [
                        "DATAFIELD": .array(
                            row.sorted { $0.key < $1.key }.map {
                                ["FIELDNAME": .string($0.key), "FIELDVALUE": .string($0.value), "DATATYPE": "VARCHAR"]
                            })
                    ]
                })
        }
        return Self.result(["ResultData": .object(data)])
    }

    /// Numbers of orders are texts there, and sorted as such.
    private func sorted(
        _ rows: [[String: String]], by sort: JSON, columns: Set<String>
    ) throws -> [[String: String]] {
        guard let alias = sort["ALIAS_NAME"]?.string, columns.contains(alias), let type = sort["TYPE"]?.string,
            ["ASC", "DESC"].contains(type)
        else { throw InforFault(message: "The sort is not valid.", location: "ADDON_SORT") }
        let rising = rows.sorted { ($0[alias] ?? "") < ($1[alias] ?? "") }
        return type == "ASC" ? rising : rising.reversed()
    }

    private func rows(
        _ name: String, _ parameters: [String: String], dataspy: String?, _ books: InforStandIn.Books
    ) throws -> [[String: String]] {
        switch name {
        case "WSJOBS":
            if let dataspy, dataspy != setup.dataspy { throw InforFault(message: "Dataspy \(dataspy) is not valid.") }
            let clock = clock
            let all = books.orders.sorted { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }.map { number, order in
                jobRow(number, order, clock)
            }
            // The account's own dataspy shows open orders only.
            return dataspy == nil ? all.filter { ["Q", "R"].contains($0["evt_rstatus"]) } : all
        case "WSJOBS_BOO": return books.orders[parameters["param.jobnum"] ?? ""]?.labour ?? []
        case "WSJOBS_PAR": return books.orders[parameters["param.workordernum"] ?? ""]?.parts ?? []
        case "BSDOCP":
            guard parameters["param.daerentity"] == "EVNT" else { return [] }
            return (books.orders[parameters["param.daecode"] ?? ""]?.documents ?? []).map { code in
                [
                    "doccode": code, "docfilepath": "D:\\eam\\docs\\\(books.documents[code]?.name ?? "")",
                    "docdescription": "Picture",
                ]
            }
        case "OSOBJA":
            return setup.equipment.sorted().map {
                ["equipmentno": $0, "equipmentdesc": "\($0) name", "class": "PRESS", "location": "BR100"]
            }
        default: throw InforFault(message: "Grid \(name) is not valid.")
        }
    }

    private func jobRow(_ number: String, _ order: InforStandIn.Order, _ clock: InforClock) -> [String: String] {
        let status = order.body["STATUS"]?["STATUSCODE"]?.string ?? ""
        let organization = order.body["WORKORDERID"]?["ORGANIZATIONID"]?["ORGANIZATIONCODE"]?.string
        let fields = order.body["UserDefinedFields"]
        return [
            "workordernum": number, "organization": organization ?? "",
            "evt_rstatus": setup.statuses[status] ?? "R", "workorderstatus_display": status,
            "datecreated": clock.wall(order.createdAt), "udfchar01": fields?["UDFCHAR01"]?.string ?? "",
            "udfchar02": fields?["UDFCHAR02"]?.string ?? "",
        ]
    }
}

/// A condition of a grid request on one column.
private struct InforCondition {
    private let alias: String
    private let relation: String
    private let value: String

    init(_ filter: JSON, columns: Set<String>, dateFormat: String) throws {
        guard let alias = filter["ALIAS_NAME"]?.string, let relation = filter["OPERATOR"]?.string,
            let text = filter["VALUE"]?.string, filter["JOINER"]?.string == "AND", filter["LPAREN"]?.bool == false,
            filter["RPAREN"]?.bool == false, filter["SEQNUM"]?.integer != nil
        else { throw InforFault(message: "The filter is not valid.") }
        guard columns.contains(alias) else {
            throw InforFault(message: "Column \(alias) is not valid.", location: "ALIAS_NAME")
        }
        let isDate = alias == "datecreated"
        guard (isDate ? [">=", "<"] : ["="]).contains(relation) else {
            throw InforFault(message: "Operator \(relation) is not valid for \(alias).", location: "OPERATOR")
        }
        self.alias = alias
        self.relation = relation
        value = try isDate ? Self.day(text, dateFormat) : text
    }

    /// A row's date sorts as text: `2026-11-23 22:09:00` is not before `2026-11-23`.
    func holds(_ row: [String: String]) -> Bool {
        guard let found = row[alias] else { return false }
        switch relation {
        case ">=": return found >= value
        case "<": return found < value
        default: return found == value
        }
    }

    /// Only in the form of the account's dates.
    private static func day(_ text: String, _ dateFormat: String) throws -> String {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = .gmt
        form.isLenient = false
        form.dateFormat = dateFormat
        guard let date = form.date(from: text), form.string(from: date) == text else {
            throw InforFault(message: "The date \(text) is not valid.", location: "VALUE")
        }
        form.dateFormat = "yyyy-MM-dd"
        return form.string(from: date)
    }
}
