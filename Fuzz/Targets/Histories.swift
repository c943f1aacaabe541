import AndonLearn
import AndonLedger
import AndonModel

/// Files of a CMMS's old orders, and how their columns are to be read.
extension FuzzTarget {
    static let histories = [historyFile, historyMapping]

    private static let now = Timestamp(microseconds: 1_790_000_000_000_000)

    /// What is taken in is written and read again as the same orders; what is not is told in bounded words.
    private static let historyFile = FuzzTarget(
        "history-file",
        seeds: {
            let rows = [
                "Order;Equipment;Problem;Reported;Finished;Status;Prio;Hours;Parts\r\n"
                    + "1;P1;crack;05.01.2026 8:00;05.01.2026 12:30;;2;1.5;SEAL*2|RING\r\n"
                    + "2;P2;\"dent; \"\"deep\"\"\";2026-01-06T08:00:00Z;;cancelled;;;\r\n",
                "sep=,\nAsset,Class,Detected,Closed\nP1,crack,2026-01-05,2026-01-06\n",
                "\u{FEFF}Anlage\tSchaden\tErfasst\tAbgeschlossen\n\u{D6}lpumpe\tRi\u{DF}\t2026-01-05 08:00\t\n",
            ]
            return rows.map { Array($0.utf8) }
        },
        check: { input in
            let result = Result { () throws(HistoryFileError) in try HistoryImport(now: now).plan(input) }
            guard case .success(let plan) = result else {
                return try promise("\(result)".utf8.count < 8000, "the refusal is long")
            }
            try promise(
                plan.rows <= input.count && plan.faults.count <= 200 && plan.reasons.count <= 100,
                "more is kept of the file than is bounded")
            // A part may be worth so little that it is written with an exponent, which is not read.
            guard !plan.orders.isEmpty, plan.orders.allSatisfy({ $0.parts.isEmpty && $0.labourHours == nil }) else {
                return
            }
            let again = try? HistoryImport(now: now).plan(Array(HistoryFile.csv(plan.orders).utf8))
            try promise(again?.orders == plan.orders, "written and read again they are other orders")
        })

    private static let historyMapping = FuzzTarget(
        "history-mapping",
        seeds: {
            [
                Array(
                    "{\"columns\":{\"asset\":\"A\"},\"dates\":[\"dd.MM.yy H:mm\",\"M/d/yyyy hh:mm a\"],\"timeZone\":\"Europe/Berlin\",\"decimalComma\":true,\"separator\":\";\",\"encoding\":\"windows-1252\",\"unfitMax\":0.1,\"exportedAt\":\"2026-01-01T00:00:00Z\"}"
                        .utf8)
            ]
        },
        check: { input in
            guard let json = try? JSON(parsing: input) else { return }
            let result = Result { () throws(HistoryFileError) in try HistoryMapping(json) }
            guard case .success(let mapping) = result else {
                return try promise("\(result)".utf8.count < 4000, "the refusal is long")
            }
            let file = Array("A;Class;Detected;Closed\nP1;crack;1/5/2026 08:00 pm;05.01.26 9:15\n".utf8)
            _ = try? HistoryImport(mapping, now: now).plan(file)
        })
}
