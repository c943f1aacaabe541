/// The tables that `RFC_READ_TABLE` gives, with the widths of their columns.
struct ECCTable {
    var widths: [(String, Int)]
    var rows: [ECCStandIn.Row]

    static func all(_ setup: ECCStandIn.Setup, _ books: ECCStandIn.Books) -> [String: ECCTable] {
        var tables = plain(setup, books)
        // No order can be asked for: this view has another one than the table.
        tables["VIQMEL"] = ECCTable(
            widths: [
                ("QMNUM", 12), ("QMART", 2), ("QMTXT", 40), ("EQUNR", 18), ("TPLNR", 30), ("IWERK", 4), ("WARPL", 12),
                ("AUFNR", 12), ("ERDAT", 8), ("ERZEIT", 6), ("AEDAT", 8), ("AEZEIT", 6),
            ], rows: books.notifications.sorted { $0.key > $1.key }.map { viewRow(of: $0.value) })
        return tables
    }

    private static func plain(_ setup: ECCStandIn.Setup, _ books: ECCStandIn.Books) -> [String: ECCTable] {
        [
            "QMEL": ECCTable(
                widths: [
                    ("QMNUM", 12), ("QMART", 2), ("QMTXT", 40), ("DEVICEID", 40), ("AUFNR", 12), ("ERDAT", 8),
                    ("ERZEIT", 6), ("AEDAT", 8), ("AEZEIT", 6), ("QMDAB", 8),
                ], rows: books.notifications.sorted { $0.key < $1.key }.map { row(of: $0.value) }),
            "AUFK": ECCTable(
                widths: [
                    ("AUFNR", 12), ("AUTYP", 2), ("AEDAT", 8), ("PHAS1", 1), ("PHAS2", 1), ("PHAS3", 1), ("LOEKZ", 1),
                    ("IDAT2", 8), ("IDAT3", 8),
                ], rows: books.orders.sorted { $0.key < $1.key }.map(\.value.row)),
            "AFRU": ECCTable(
                widths: [
                    ("AUFNR", 12), ("ISMNW", 14), ("ISMNE", 3), ("PERNR", 8), ("LTXA1", 40), ("STOKZ", 1),
                    ("STZHL", 8),
                ], rows: books.confirmations),
            "RESB": ECCTable(
                widths: [("AUFNR", 12), ("MATNR", 18), ("ENMNG", 16), ("XLOEK", 1)], rows: books.reservations),
            "V_EQUI": ECCTable(
                widths: [
                    ("EQUNR", 18), ("EQKTX", 40), ("EQART", 10), ("ABCKZ", 1), ("TPLNR", 30), ("HEQUI", 18),
                    ("DATBI", 8), ("SPRAS", 1),
                ],
                rows: setup.equipment.sorted().map {
                    [
                        "EQUNR": $0, "EQKTX": "\($0) name", "ABCKZ": "A", "TPLNR": "BR100", "DATBI": "99991231",
                        "SPRAS": "E",
                    ]
                }),
        ]
    }

    private static func row(of notification: ECCStandIn.Notification) -> ECCStandIn.Row {
        let header = notification.header
        func text(_ name: String) -> String { header[name] ?? "" }
        func digits(_ name: String, _ zero: String) -> String {
            header[name].map { $0.filter(\.isNumber) } ?? zero
        }
        return [
            "QMNUM": text("NOTIF_NO"), "QMART": text("NOTIF_TYPE"), "QMTXT": text("SHORT_TEXT"),
            "DEVICEID": text("DEVICEDATA"), "AUFNR": text("ORDERID"), "ERDAT": digits("CREATED_ON", "00000000"),
            "ERZEIT": digits("CREATED_AT", "000000"), "AEDAT": digits("CHANGED_ON", "00000000"),
            "AEZEIT": digits("CHANGED_AT", "000000"), "QMDAB": digits("COMPDATE", "00000000"),
        ]
    }

    /// The view has what stands beside the table: the object, the planning plant and the maintenance plan.
    private static func viewRow(of notification: ECCStandIn.Notification) -> ECCStandIn.Row {
        let header = notification.header
        var wide = row(of: notification)
        wide["EQUNR"] = header["EQUIPMENT"] ?? ""
        wide["TPLNR"] = header["FUNCT_LOC"] ?? ""
        wide["IWERK"] = header["PLANPLANT"] ?? ""
        wide["WARPL"] = notification.maintenancePlan
        return wide
    }
}

/// A condition of Open SQL as far as `OPTIONS` is used here: `A EQ 'x' AND ( B GE 'y' OR C LIKE 'z%' )`.
struct RowCondition {
    private indirect enum Node {
        case always
        case compare(String, String, String)
        case both(Node, Node)
        case either(Node, Node)
    }

    private var root = Node.always

    /// Nil when it is not valid.
    init?(_ text: String, columns: Set<String>) {
        guard var tokens = Self.tokens(text) else { return nil }
        guard !tokens.isEmpty else { return }
        tokens.reverse()
        guard let node = Self.either(&tokens, columns), tokens.isEmpty else { return nil }
        root = node
    }

    func holds(_ row: [String: String]) -> Bool { Self.holds(root, row) }

    private static func holds(_ node: Node, _ row: [String: String]) -> Bool {
        switch node {
        case .always: true
        case .both(let one, let other): holds(one, row) && holds(other, row)
        case .either(let one, let other): holds(one, row) || holds(other, row)
        case .compare(let column, let sign, let value):
            switch sign {
            case "EQ": (row[column] ?? "") == value
            case "GE": (row[column] ?? "") >= value
            case "LE": (row[column] ?? "") <= value
            default: (row[column] ?? "").hasPrefix(value.dropLast())
            }
        }
    }

    /// Blanks part tokens, but not within quotes; a quote within is doubled.
    private static func tokens(_ text: String) -> [String]? {
        var tokens: [String] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first == " " {
                rest.removeFirst()
            } else if first == "'" {
                var value = "'"
                rest.removeFirst()
                while true {
                    guard let next = rest.popFirst() else { return nil }
                    if next != "'" {
                        value.append(next)
                    } else if rest.first == "'" {
                        value.append(rest.removeFirst())
                    } else {
                        break
                    }
                }
                tokens.append(value)
            } else {
                let word = rest.prefix { $0 != " " && $0 != "'" }
                tokens.append(String(word))
                rest = rest.dropFirst(word.count)
            }
        }
        return tokens
    }

    private static func either(_ tokens: inout [String], _ columns: Set<String>) -> Node? {
        guard var node = both(&tokens, columns) else { return nil }
        while tokens.last == "OR" {
            tokens.removeLast()
            guard let other = both(&tokens, columns) else { return nil }
            node = .either(node, other)
        }
        return node
    }

    private static func both(_ tokens: inout [String], _ columns: Set<String>) -> Node? {
        guard var node = single(&tokens, columns) else { return nil }
        while tokens.last == "AND" {
            tokens.removeLast()
            guard let other = single(&tokens, columns) else { return nil }
            node = .both(node, other)
        }
        return node
    }

    private static func single(_ tokens: inout [String], _ columns: Set<String>) -> Node? {
        if tokens.last == "(" {
            tokens.removeLast()
            guard let node = either(&tokens, columns), tokens.popLast() == ")" else { return nil }
            return node
        }
        guard let column = tokens.popLast(), columns.contains(column), let sign = tokens.popLast(),
            ["EQ", "GE", "LE", "LIKE"].contains(sign), let value = tokens.popLast(), value.hasPrefix("'"),
            sign != "LIKE" || value.hasSuffix("%")
        else { return nil }
        return .compare(column, sign, String(value.dropFirst()))
    }
}
