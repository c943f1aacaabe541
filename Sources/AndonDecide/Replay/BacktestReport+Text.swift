import AndonModel

extension BacktestReport {
    /// For a terminal of 100 columns.
    public var text: String {
        var lines = ["From \(from) to \(to): \(Self.figure(days)) days", ""]
        lines.append(Self.row("", "real", "candidate", "change"))
        lines.append(Self.counts("detections", tally.detections, tally.detections))
        for outcome in Outcome.allCases {
            lines.append(Self.counts("  \(outcome.rawValue)", tally.really(outcome), tally.candidate(outcome)))
        }
        let (realSigns, ownSigns) = (realSignals.values.reduce(0, +), tally.signals.values.reduce(0, +))
        if realSigns + ownSigns > 0 { lines.append(Self.counts("signals of control charts", realSigns, ownSigns)) }
        lines += ["", Self.counts("orders", real.total, tally.raised.total)]
        lines += section("kind", real.byKind.named(\.rawValue), tally.raised.byKind.named(\.rawValue))
        lines += section(
            "priority", real.byPriority.named { String($0) }, tally.raised.byPriority.named { String($0) })
        lines += section("class", real.byClass, tally.raised.byClass)
        lines += section("asset", real.byAsset, tally.raised.byAsset)
        lines += ["", Self.row("orders a day", Self.figure(mean(real)), Self.figure(mean(tally.raised)), "")]
        lines += peaks("busiest day", real.busiestDay, tally.raised.busiestDay, perDay: 1)
        lines += peaks("busiest hour", real.busiestHour, tally.raised.busiestHour, perDay: 24)
        lines += [""] + list("Real orders that would have been missed", missed)
        lines += [""] + list("Orders that found no fault and would not have been raised", spared)
        lines += ["", "New orders that nothing real corresponds to: \(Self.figure(newOrders))"]
        lines += newByClass.prefix(Self.rowsMax).map { "  \(Self.figure($0.count).padded(to: 8))  \($0.name)" }
        lines += ["", "Detections by the candidate's rule that decided:"] + rules
        lines += ["", "Taken for granted:"] + assumptions.flatMap { Self.wrapped($0) }
        return lines.joined(separator: "\n")
    }

    /// Rows of one table; the rest is added up in a last one.
    private static let rowsMax = 15

    private func section(_ name: String, _ real: [String: Int], _ candidate: [String: Int]) -> [String] {
        let names = Set(real.keys).union(candidate.keys).sorted { one, other in
            let weights = [one, other].map { max(real[$0] ?? 0, candidate[$0] ?? 0) }
            if name == "priority" || weights[0] == weights[1] { return one < other }
            return weights[0] > weights[1]
        }
        var lines = names.prefix(Self.rowsMax).map {
            Self.counts("  \(name) \($0)", real[$0] ?? 0, candidate[$0] ?? 0)
        }
        let rest = names.dropFirst(Self.rowsMax)
        if !rest.isEmpty {
            lines.append(
                Self.counts(
                    "  \(rest.count) more", rest.reduce(0) { $0 + (real[$1] ?? 0) },
                    rest.reduce(0) { $0 + (candidate[$1] ?? 0) }))
        }
        return lines
    }

    private func peaks(_ name: String, _ real: OrderTally.Peak?, _ own: OrderTally.Peak?, perDay: Int) -> [String] {
        func when(_ peak: OrderTally.Peak?) -> String {
            guard let peak else { return "none" }
            return perDay == 1 ? peak.name : "\(peak.name), \(Self.figure(peak.orders * perDay)) a day at that rate"
        }
        return [
            Self.counts(name, real?.orders ?? 0, own?.orders ?? 0), "  really: \(when(real))",
            "  candidate: \(when(own))",
        ]
    }

    private func list(_ title: String, _ orders: [PastOrder]) -> [String] {
        let verdicts: [(Closure.Verdict?, String)] = [
            (.confirmed, "confirmed"), (.wrongClass, "wrong class"), (nil, "without a verdict"),
        ]
        let parts = verdicts.compactMap { verdict, words in
            let count = orders.filter { $0.verdict == verdict }.count
            return count > 0 ? "\(Self.figure(count)) \(words)" : nil
        }
        var lines = [
            "\(title): \(Self.figure(orders.count))" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
        ]
        lines += orders.prefix(Self.listMax).map { order in
            "  \(order.reference)  \(order.raisedAt.description.prefix(16))Z  priority \(order.priority)  "
                + "\(order.defectClass) on \(order.asset), \(order.verdict.map(Self.words) ?? "no verdict")"
        }
        if orders.count > Self.listMax {
            lines.append("  and \(Self.figure(orders.count - Self.listMax)) more that are not listed")
        }
        return lines
    }

    private static func words(_ verdict: Closure.Verdict) -> String {
        switch verdict {
        case .confirmed: "confirmed"
        case .wrongClass: "wrong class"
        case .falseAlarm: "no fault found"
        }
    }

    private var rules: [String] {
        let all = byRule.map { (rule: $0.key, counts: $0.value, sum: $0.value.values.reduce(0, +)) }
            .sorted { ($1.sum, $0.rule) < ($0.sum, $1.rule) }
        var lines = all.prefix(Self.rowsMax).map { entry in
            let parts = Outcome.allCases.compactMap { outcome in
                entry.counts[outcome].map { "\(Self.figure($0)) \(outcome.rawValue)" }
            }
            return "  \(entry.rule): \(parts.joined(separator: ", "))"
        }
        if all.count > Self.rowsMax { lines.append("  and \(all.count - Self.rowsMax) more rules") }
        return lines
    }

    // MARK: Columns

    private static func counts(_ name: String, _ real: Int, _ candidate: Int) -> String {
        let change = candidate - real
        return row(name, figure(real), figure(candidate), change == 0 ? "" : (change > 0 ? "+" : "") + figure(change))
    }

    private static func row(_ name: String, _ real: String, _ candidate: String, _ change: String) -> String {
        let columns = "\(real.padded(to: 14))\(candidate.padded(to: 14))\(change.padded(to: 14))"
        let head = name.count > 40 ? "\(name.prefix(39))…" : name + String(repeating: " ", count: 40 - name.count)
        let line = head + columns
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// With a comma at every third digit.
    static func figure(_ value: Int) -> String {
        var groups: [String] = []
        var rest = String(value.magnitude)
        while rest.count > 3 {
            groups.insert(String(rest.suffix(3)), at: 0)
            rest.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }

    /// One digit behind the point.
    static func figure(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.magnitude < 1e15 else { return value.description }
        let whole = Int(tenths) / 10
        return "\(figure(whole)).\((Int(tenths) % 10).magnitude)"
    }

    /// A paragraph of a list, at most 96 columns wide.
    static func wrapped(_ words: String) -> [String] {
        var lines: [String] = []
        var line = "  -"
        for word in words.split(separator: " ") {
            if line.count + 1 + word.count > 96 {
                lines.append(line)
                line = "   "
            }
            line += " \(word)"
        }
        return lines + [line]
    }
}

extension String {
    /// With spaces before it.
    func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
