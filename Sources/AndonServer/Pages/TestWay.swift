import AndonLedger
import AndonModel
import AndonWeb

/// How far a test detection has come on its way to an order.
struct TestWay: Sendable {
    let record: InspectionRecord
    let detection: DetectionRecord
    let order: OrderRecord?
    let attempts: [AttemptRecord]

    /// Nothing more will happen by itself.
    var isOver: Bool { order.map { $0.delivery != .waiting } ?? true }

    /// For the template.
    func values(_ texts: Texts, _ formats: Formats) -> [String: Any] {
        let words = Words(texts: texts, formats: formats)
        var values: [String: Any] = [:]
        values["over"] = isOver ? "true" : "false"
        values["steps"] = [received(words), decided(words)] + orderSteps(words)
        values["verdict"] = false
        if let (key, style) = verdict {
            values["verdict"] = texts["setup", key]
            values["verdictClass"] = style
        }
        return values
    }

    private var verdict: (key: String, style: String)? {
        switch order?.delivery {
        case .acknowledged?: ("verdict-acknowledged", "done")
        case .dead?: ("verdict-dead", "problem")
        case .waiting?: nil
        case nil: ("verdict-recorded", "note")
        }
    }

    private struct Words {
        let texts: Texts
        let formats: Formats

        enum State: String {
            case done
            case open
            case failed

            var mark: String {
                switch self {
                case .done: "good"
                case .open: "warn"
                case .failed: "bad"
                }
            }
        }

        subscript(key: String) -> String { texts["setup", key] }

        func step(_ state: State, _ key: String, _ words: String, at time: Timestamp? = nil) -> [String: Any] {
            var step: [String: Any] = [:]
            step["state"] = self["state-\(state.rawValue)"]
            step["mark"] = state.mark
            step["name"] = self["way-\(key)"]
            step["words"] = words
            for name in ["at", "machineAt", "link", "linkName", "isEnglish"] { step[name] = false }
            if let time {
                step["at"] = formats.second(time)
                step["machineAt"] = Formats.machine(time)
            }
            return step
        }
    }

    private func received(_ words: Words) -> [String: Any] {
        words.step(
            .done, "received", words[record.picture == nil ? "way-received-none" : "way-received-words"],
            at: record.receivedAt)
    }

    /// The reason was kept as a sentence, and is told in the language that it was kept in.
    private func decided(_ words: Words) -> [String: Any] {
        var step = words.step(.done, "decided", detection.reason)
        step["isEnglish"] = true
        return step
    }

    private func orderSteps(_ words: Words) -> [[String: Any]] {
        guard let order else { return [] }
        let joined = detection.outcome == .grouped ? " " + words["way-joined"] : ""
        var raised = words.step(.done, "raised", order.reference.text + joined, at: order.raisedAt)
        raised["link"] = "/orders/\(order.reference)"
        raised["linkName"] = words["open-order"]
        return [raised, sent(order, words)] + (order.delivery == .acknowledged ? [acknowledged(order, words)] : [])
    }

    /// What the last attempt said, where it did not succeed.
    private func sent(_ order: OrderRecord, _ words: Words) -> [String: Any] {
        let own = attempts.filter { $0.effect == .create }
        let state: Words.State =
            switch order.delivery {
            case .acknowledged: .done
            case .waiting: .open
            case .dead: .failed
            }
        let count = own.isEmpty ? words["way-waits"] : words.texts.count("setup", "way-attempts", own.count)
        let said = state == .done ? nil : own.last?.answer?.detail
        let parts = ["\(order.connector):", count, said].compactMap { $0 }
        return words.step(state, "sent", parts.joined(separator: " "), at: own.last?.startedAt)
    }

    private func acknowledged(_ order: OrderRecord, _ words: Words) -> [String: Any] {
        let seconds = order.acknowledgedAt.map { words.formats.duration(($0 - order.document.receivedAt).seconds) }
        let text = words.texts.text(
            "setup", "way-number", ["number": order.remoteNumber ?? order.remoteID ?? "?", "seconds": seconds ?? "?"])
        var step = words.step(.done, "acknowledged", text, at: order.acknowledgedAt)
        if let link = order.remoteLink {
            step["link"] = link
            step["linkName"] = words["open-there"]
        }
        return step
    }
}
