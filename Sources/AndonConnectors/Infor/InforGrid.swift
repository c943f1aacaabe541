import AndonModel

/// The grid service: the lists of EAM's screens, with filters.
struct InforGrid {
    let client: InforClient

    struct Page {
        var rows: [[String: String]]
        var hasMore: Bool
    }

    /// A condition on a column.
    struct Filter {
        /// Of those in the vendor's schema (`OPERATOR_TYPE` of the grid requests), the ones that are needed here.
        enum Relation: String {
            case equal = "="
            case from = ">="
            case before = "<"
        }

        var alias: String
        var relation = Relation.equal
        var value: String
    }

    /// - Parameters:
    ///   - filters: all of which must hold.
    ///   - parameters: `param.` values of a dependent list.
    ///   - order: the column by which the rows go up; that of the dataspy when nil.
    ///   - from: how many rows were read before.
    func page(
        _ name: String, function: String, type: String = "LIST", dataspy: String? = nil, filters: [Filter] = [],
        parameters: [(String, String)] = [], order: String? = nil, size: Int = 100, from: Int = 0,
        over wire: any Wire
    ) async throws(ConnectorError) -> Page {
        // Counted from 1: after 50 rows the next call begins at 51 (HxGN EAM Rest Web Services 12.3, "CSV Grid"). The
        // beginning is 0 as well: CERN's REST client sends that.
        let position = from == 0 ? 0 : from + 1
        var body: [String: JSON] = [
            "GRID": [
                "GRID_NAME": .string(name), "USER_FUNCTION_NAME": .string(function),
                "NUMBER_OF_ROWS_FIRST_RETURNED": .integer(size), "WSGRIDSZ_OVERRIDE": .integer(size),
                "CURSOR_POSITION": .integer(position),
            ],
            "GRID_TYPE": ["TYPE": .string(type)], "REQUEST_TYPE": "LIST.HEAD_DATA.STORED", "LOCALIZE_RESULT": "false",
        ]
        if let dataspy { body["DATASPY"] = ["DATASPY_ID": .string(dataspy)] }
        if !filters.isEmpty {
            let rows = filters.enumerated().map { index, filter -> JSON in
                [
                    "ALIAS_NAME": .string(filter.alias), "OPERATOR": .string(filter.relation.rawValue),
                    "VALUE": .string(filter.value), "JOINER": "AND", "LPAREN": false, "RPAREN": false,
                    "SEQNUM": .integer(index),
                ]
            }
            body["MULTIADDON_FILTERS"] = ["MADDON_FILTER": .array(rows)]
        }
        // One column at most (cern-eam/eam-rest-tools, GridRequest.js).
        if let order { body["ADDON_SORT"] = ["ALIAS_NAME": .string(order), "TYPE": "ASC"] }
        if !parameters.isEmpty {
            let rows = parameters.map {
                ["ALIAS_NAME": .string($0.0), "TYPE": "VARCHAR", "VALUE": .string($0.1)] as JSON
            }
            body["LOV"] = ["LOV_PARAMETERS": ["LOV_PARAMETER": .array(rows)]]
        }
        let result = try await client.send("POST", "/grids", .object(body), over: wire)
        guard let data = result["ResultData"], data.object != nil else {
            throw .answerLost("EAM's grid \(name) has no result data")
        }
        let rows = (data["DATARECORD"]?.array ?? []).map { record in
            (record["DATAFIELD"]?.array ?? []).reduce(into: [String: String]()) { row, field in
                guard let name = field["FIELDNAME"]?.string?.lowercased() else { return }
                row[name] = field["FIELDVALUE"]?.string ?? field["FIELDVALUE"]?.number.map(JSON.ecmaScriptText(of:))
            }
        }
        let more = data["METADATA"]?["MORERECORDPRESENT"]
        return Page(rows: rows, hasMore: more?.string == "+" || more?.bool == true)
    }

    /// All rows, page by page.
    func all(
        _ name: String, function: String, type: String = "LIST", dataspy: String? = nil, filters: [Filter] = [],
        parameters: [(String, String)] = [], over wire: any Wire
    ) async throws(ConnectorError) -> [[String: String]] {
        var rows: [[String: String]] = []
        while rows.count < 100_000 {
            let page = try await page(
                name, function: function, type: type, dataspy: dataspy, filters: filters, parameters: parameters,
                from: rows.count, over: wire)
            rows += page.rows
            if !page.hasMore || page.rows.isEmpty { break }
        }
        return rows
    }
}
