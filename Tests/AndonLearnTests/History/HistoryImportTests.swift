import AndonLedger
import AndonModel
import AndonTesting
import Testing

@testable import AndonLearn

enum BadHistories {
    static let head = "Order;Equipment;Problem;Reported at;Created at;Started;Finished;Closed;Status;Prio;Hours;Parts"
    static let good = "4711;P1;crack;2026-01-05T08:00:00Z;;;2026-01-05T12:00:00Z;;;2;1.5;SEAL*2|O-RING"

    /// A row that replaces the good one, or what follows it, and the words of the refusal.
    static let rows: [(row: String, reason: String)] = [
        ("1;;crack;2026-01-05T08:00:00Z;;;;;;;;", "is empty; an order needs it"),
        ("1;P1;;2026-01-05T08:00:00Z;;;;;;;;", "is empty; give defaultClass"),
        ("1;P1;crack;;;;2026-01-05T12:00:00Z;;;;;", "is empty; an order needs its time"),
        ("1;P1;crack;05/01/2026;;;;;;;;", "is no date that is known"),
        ("1;P1;crack;2026-02-30;;;;;;;;", "is no date that is known"),
        ("1;P1;crack;2026-01-05 25:00;;;;;;;;", "is no date that is known"),
        ("1;P1;crack;1900-01-01;;;;;;;;", "is before 1990"),
        ("1;P1;crack;2027-01-01;;;;;;;;", "is in the future"),
        ("1;P1;crack;2026-01-05T08:00:00Z;;;2026-01-05T07:00:00Z;;;;;", "is before the order was detected"),
        (
            "1;P1;crack;2026-01-05T08:00:00Z;;2026-01-05T10:00:00Z;2026-01-05T09:00:00Z;;;;;",
            "is before the work started"
        ),
        ("1;P1;crack;2026-01-05T08:00:00Z;;;2026-01-05T09:00:00Z;2026-01-05T08:30:00Z;;;;", "is before the work ended"),
        ("1;P1;crack;2026-01-05T08:00:00Z;;;;;;high;;", "is no whole number from 0 to 99"),
        ("1;P1;crack;2026-01-05T08:00:00Z;;;;;;;1,5;", "state decimalComma"),
        ("1;P1;crack;2026-01-05T08:00:00Z;;;;;;;-2;", "is no number from 0"),
        ("1;P1;crack;2026-01-05T08:00:00Z;;;;;;;;SEAL*none", "is no list of parts"),
        ("1;P1;crack;2026-01-05T08:00:00Z", "does not have as many fields"),
        ("1;P1;\"cr\"ack;2026-01-05T08:00:00Z;;;;;;;;", "text follows a closing quote"),
        ("1;P1;\"cr\nack\";2026-01-05T08:00:00Z;;;;;;;;", "has a control character"),
        ("1;P1;\(String(repeating: "x", count: 201));2026-01-05T08:00:00Z;;;;;;;;", "is longer than 200 bytes"),
        (good, "stands in the file a second time"),
    ]

    /// Files that cannot be read as a whole.
    static let files: [(bytes: [UInt8], reason: String)] = [
        ([], "The file is empty"), (Array("\n\n\r\n".utf8), "The file is empty"),
        (Array("\u{FEFF}\n".utf8), "The file is empty"),
        ([0xFF, 0xFE, 0x41, 0x00], "UTF-16"),
        (Array("Problem;Reported;Finished\n".utf8), "No column is the asset"),
        (Array("Asset;Reported;Finished\n".utf8), "No column is the class"),
        (Array("Asset;Problem;Finished\n".utf8), "No column is when an order was detected"),
        (Array("Asset;Problem;Reported\n".utf8), "No column is when an order was finished"),
        (Array("\(head)\n1;\"P1;crack".utf8), "a quote opens in column 2 and never closes"),
        (Array(String(repeating: ";", count: 600).utf8), "has more than 500 columns"),
        (Array("\(head)\n\(String(repeating: "x", count: 40_000))".utf8), "has more than 32768 bytes"),
    ]
}

@Suite("Files of old orders")
struct HistoryImportTests {
    private static let now = Timestamp("2026-11-24T02:00:00Z") ?? Timestamp(microseconds: 0)
    private static func plan(
        _ text: String, _ mapping: HistoryMapping = HistoryMapping(), limits: CSVLimits = CSVLimits()
    ) throws -> HistoryPlan {
        try HistoryImport(mapping, limits: limits, now: now).plan(Array(text.utf8))
    }

    @Test("Usual headings are found, and an order is read with all that it says")
    func usual() throws {
        let plan = try Self.plan("\(BadHistories.head)\r\n\(BadHistories.good)\r\n")
        let order = try #require(plan.orders.first)
        #expect(plan.unfit == 0 && plan.fits && order.number == "4711" && order.asset == "P1")
        #expect(order.outcome == .repaired && order.priority == 2 && order.labourHours == 1.5)
        #expect(order.parts == ["SEAL": 2, "O-RING": 1])
        #expect(order.detectedAt == Timestamp("2026-01-05T08:00:00Z")?.microseconds)
        #expect(order.raisedAt == order.detectedAt && order.startedAt == nil)
        #expect(plan.columns[.defectClass] == "Problem" && plan.columns[.detected] == "Reported at")
    }

    @Test(
        "An order that does not fit is named with its line, its column and what to do",
        arguments: BadHistories.rows.indices)
    func unfit(_ index: Int) throws {
        let (row, reason) = BadHistories.rows[index]
        let plan = try Self.plan("\(BadHistories.head)\n\(BadHistories.good)\n\(row)\n")
        #expect(plan.orders.count == 1 && plan.unfit == 1 && !plan.fits)
        let fault = try #require(plan.faults.first)
        #expect(fault.line == 3 && fault.reason.contains(reason), "\(fault)")
    }

    @Test("A file that cannot be read is refused as a whole, with the reason", arguments: BadHistories.files.indices)
    func broken(_ index: Int) {
        let (bytes, reason) = BadHistories.files[index]
        let error = #expect(throws: HistoryFileError.self) {
            try HistoryImport(now: Self.now).plan(bytes)
        }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("Bytes, rows and a stated encoding are held to")
    func limits() {
        let text = "\(BadHistories.head)\n\(BadHistories.good)\n\(BadHistories.good)\n"
        for (limits, reason) in [
            (CSVLimits(bytesMax: 20), "more than 20 bytes"), (CSVLimits(rowsMax: 2), "is beyond 2 orders"),
        ] {
            let error = #expect(throws: HistoryFileError.self) { try Self.plan(text, limits: limits) }
            #expect(error?.description.contains(reason) == true)
        }
        var mapping = HistoryMapping()
        mapping.encoding = .utf8
        let error = #expect(throws: HistoryFileError.self) {
            try HistoryImport(mapping, now: Self.now).plan(Array(text.utf8) + [0xE4])
        }
        #expect(error?.description.contains("not UTF-8") == true)
    }

    @Test("Windows-1252, semicolons, decimal commas and the plant's own dates and zone are read")
    func german() throws {
        let mapping = try HistoryMapping(
            JSON(
                parsing: """
                    {"columns": {"asset": "Anl", "class": "Schadensbild", "detected": "Meldung", "finished": "Fertig"},
                     "dates": ["dd.MM.yy HH:mm"], "timeZone": "Europe/Berlin", "decimalComma": true,
                     "assets": {"Presse 1": "P1"}, "classes": {"Riß": "crack"}}
                    """))
        let text = "Anl;Schadensbild;Meldung;Fertig;Stunden\nPresse 1;Riß;05.07.26 08:00;05.01.26 08:30;0,5\n"
            .replacing("05.01.26", with: "05.07.26")
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        let plan = try HistoryImport(mapping, now: Self.now).plan(bytes)
        let order = try #require(plan.orders.first)
        #expect(order.asset == "P1" && order.defectClass == "crack" && order.labourHours == 0.5)
        #expect(Timestamp(microseconds: order.detectedAt) == Timestamp("2026-07-05T06:00:00Z"))
        #expect(plan.notes.first?.contains("windows-1252") == true)
    }

    @Test(
        "A mapping says what is wrong with it",
        arguments: [
            "[]", "{\"columns\": {\"machine\": \"A\"}}", "{\"separator\": \"x\"}", "{\"dates\": [\"MM/dd\"]}",
            "{\"timeZone\": \"Mars\"}", "{\"unfitMax\": 2}", "{\"colour\": 1}", "{\"encoding\": \"ebcdic\"}",
        ])
    func mapping(_ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: HistoryFileError.self) { try HistoryMapping(json) }
    }

    static func orders(_ count: Int, _ random: inout SeededRandom) -> [HistoryOrder] {
        let words = ["P1", "a,b", "semi;colon", "tab\tless", "\"quoted\"", "Ölpumpe", "x"].map {
            $0.replacing("\t", with: " ")
        }
        return (1...count).map { index in
            let detected = Int64(random.int(1_500_000_000...1_790_000_000)) * 1_000_000 + Int64(random.int(0...999_999))
            func some(_ word: String) -> String? { random.chance(70) ? word : nil }
            var order = HistoryOrder(
                number: "\(index)", asset: random.pick(words), defectClass: random.pick(words), outcome: .open,
                detectedAt: detected, raisedAt: detected + Int64(random.int(0...9)) * 1_000_000)
            order.startedAt = random.chance(50) ? detected + 1_000_000 : nil
            if random.chance(80) {
                order.endedAt = detected + Int64(random.int(10...99_000)) * 1_000_000
                order.closedAt = random.chance(50) ? order.endedAt.map { $0 + 5_000_000 } : nil
                order.outcome = random.pick([.repaired, .repaired, .falseAlarm, .dropped])
            }
            order.priority = random.int(0...9)
            order.technician = some(random.pick(words))
            order.crew = some(random.pick(words))
            order.cause = some(random.pick(words))
            order.action = some(random.pick(words))
            order.labourHours = random.chance(50) ? Double(random.int(0...80)) / 4 : nil
            order.parts = random.chance(40) ? ["A-1": Double(random.int(1...4)), "B": 0.5] : [:]
            return order
        }
    }

    @Test("What was written as a file comes back as it was", arguments: [UInt64(91), 92, 93])
    func comesBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let orders = Self.orders(200, &random)
        for separator in [Character(","), ";", "\t"] {
            let plan = try Self.plan(HistoryFile.csv(orders, separator: separator))
            #expect(plan.unfit == 0, "seed \(seed): \(plan.faults)")
            #expect(plan.orders == orders, "seed \(seed)")
        }
    }

    @Test("Whatever is in the file, it is read or refused, and no more is kept of it than is bounded")
    func anything() throws {
        let seed: UInt64 = 94
        var random = SeededRandom(seed: seed)
        let pieces = [
            ";", ",", "\t", "\"", "\"\"", "\n", "\r", "\r\n", "Asset", "Problem", "Reported", "Finished", "P1",
            "2026-01-05",
            "05.01.2026 8:00", "é", "\u{1F600}", "\u{0}", "99999999999999999999", "-", "sep=;", "",
        ]
        var read = 0
        for round in 0..<3000 {
            var text = random.chance(70) ? "Asset;Problem;Reported;Finished\n" : ""
            for _ in 0..<random.int(0...60) { text += random.pick(pieces) }
            var bytes = Array(text.utf8)
            if random.chance(20), !bytes.isEmpty { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
            guard let plan = try? HistoryImport(now: Self.now).plan(bytes) else { continue }
            read += 1
            #expect(
                plan.faults.count <= HistoryPlan.faultsMax && plan.rows <= bytes.count, "seed \(seed), round \(round)")
            #expect(
                plan.faults.allSatisfy { $0.value.count <= 80 && !$0.reason.isEmpty }, "seed \(seed), round \(round)")
        }
        #expect(read > 100)
    }
}
