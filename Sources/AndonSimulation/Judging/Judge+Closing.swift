import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting

/// What people in the CMMS have done to one order.
struct Works {
    /// Every state that it has had there.
    private(set) var had: Set<OrderState> = [.open]
    private(set) var now = OrderState.open

    init(of before: Works? = nil, now state: OrderState) {
        if let before { had = before.had }
        had.insert(state)
        now = state
    }

    /// Whether an order that we have in `state` has nothing more to be told. One that was closed or cancelled is not asked for any
    /// more, and so not missed.
    func isHeard(_ state: OrderState) -> Bool {
        state == now || (now == .missing && !state.isFollowed && had.contains(state))
    }
}

/// Whether what is done in the CMMS comes back, all of it and nothing else.
extension Judge {
    func worked(_ reference: String, _ state: OrderState) {
        if state == .inProgress, works[reference]?.now == .done { reopened.insert(reference) }
        works[reference] = Works(of: works[reference], now: state)
    }

    /// After each commit: no order has a state that it has not had there, and none that has ended takes a further occurrence.
    func repairs(_ reader: Reader) throws {
        for row in try reader.rows("SELECT reference, state, occurrences FROM work_order") {
            let reference: String = row["reference"]
            guard let state = OrderState(rawValue: row["state"]) else { continue }
            check(
                state == .open || works[reference]?.had.contains(state) == true, .closing,
                "\(reference) is \(state.rawValue) here, and never was in the CMMS")
            let occurrences: Int = row["occurrences"]
            if state.takesOccurrences {
                endedWith[reference] = nil
            } else if let before = endedWith[reference] {
                check(
                    occurrences == before, .closing,
                    "\(reference) is \(state.rawValue) and had \(before) occurrences; now it has \(occurrences)")
            } else {
                endedWith[reference] = occurrences
            }
            switch state {
            case .done, .closed: reach(.repaired)
            case .missing: reach(.missed)
            case .inProgress where works[reference]?.had.contains(.done) == true: reach(.reopened)
            case .open, .inProgress, .cancelled, .merged: break
            }
        }
        if try reader.count("SELECT COUNT(*) FROM alarm WHERE kind = 'poll-failed'") > 0 { reach(.pollFailed) }
    }

    /// Orders of which the CMMS has more to tell; where it could not be asked, that.
    func notHeard(_ store: Store) -> [String] {
        guard !works.isEmpty else { return [] }
        var found: [String] = []
        asking(store) { reader in
            for row in try reader.rows(
                "SELECT reference, state FROM work_order WHERE delivery = 'acknowledged' ORDER BY reference")
            {
                guard let state = OrderState(rawValue: row["state"]), let works = works[row["reference"]],
                    !works.isHeard(state)
                else { continue }
                found.append("\(row["reference"] as String) is \(works.now.rawValue) there, and \(state.rawValue) here")
            }
            let failed = try reader.count(
                "SELECT COUNT(*) FROM alarm WHERE kind = 'poll-failed' AND cleared_at IS NULL")
            if failed > 0 { found.append("the last poll failed") }
        }
        return found
    }

    /// What joined an order that had ended there is said loudly.
    private func seenAfterEnd(_ order: OrderRecord, _ reader: Reader) throws {
        guard works[order.reference.text]?.had.isDisjoint(with: [.missing]) == true,
            !reopened.contains(order.reference.text),
            let end = order.closure?.closedAt, try reader.occurrences(of: order.reference, after: end) > 0
        else { return }
        reach(.seenAfterEnd)
        let alarms = try reader.count(
            "SELECT COUNT(*) FROM alarm WHERE kind = 'seen-after-end' AND subject = ?", [order.reference.text])
        check(
            alarms > 0, .closing,
            "\(order.reference) was \(order.state.rawValue) at \(end), had a detection after that, and no alarm")
    }

    /// In the end: the facts of each repair.
    func heard(_ reader: Reader) throws {
        for reference in works.keys.sorted() {
            if let works = works[reference], works.had.contains(.missing), works.now != .missing { reach(.raisedAgain) }
            guard let reference = Reference(reference), let order = try reader.order(reference),
                order.state == .done || order.state == .closed, let record = cmms.record(reference)
            else { continue }
            let words = (record.fields["worklog"]?.array ?? []).compactMap { $0["description"]?.string }
                .filter { !$0.contains("[\(reference)/") }
            let closure = order.closure
            check(
                closure?.labourHours == 1.5 && closure?.technician == "WILSON" && closure?.causeCode == "WEAR"
                    && closure?.notes == words.joined(separator: "\n\n"), .closing,
                "of the repair of \(reference) came back \(closure.map { "\($0)" } ?? "nothing"), with the notes \(words)"
            )
            try seenAfterEnd(order, reader)
            let later = try reader.count(
                "SELECT COUNT(*) FROM work_order WHERE asset = ? AND class = ? AND seq > ?",
                [order.asset, order.defectClass, order.seq])
            if later > 0 { reach(.raisedAnew) }
        }
    }
}
