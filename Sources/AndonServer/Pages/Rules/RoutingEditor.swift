import AndonDecide
import AndonModel

/// The form of who is called when: which orders go on call, the shifts of the week, and other people on single dates.
struct RoutingEditor: RulesEditor {
    static let name = "routing"

    /// When the roster that the page shows begins.
    let now: Timestamp

    private static let section = "/onCall"
    private static let shiftsMax = 60
    private static let overridesMax = 400
    /// Empty rows for what is to be added.
    private static let blank = 2
    private static let days = OnCallSchedule.Weekday.allCases.map(\.name)

    func title(_ ground: EditGround) -> String { ground.words["edit-routing"] }

    // MARK: Showing

    func values(_ ground: EditGround, _ form: PageForm?, _ faults: [Problem.Fault]) -> [String: Any] {
        let own = ground.document["onCall"]
        var values: [String: Any] = ["isAbsent": own == nil]
        values["priorities"] = priorities(own, form, ground)
        values["ranks"] = ranks(own, form, ground)
        values["allRanks"] = form?.flag("all-ranks") ?? (own?["criticalities"] == nil)
        values["shifts"] = shifts(own, form, faults, ground.words)
        values["shiftCount"] = count("shifts", own, form)
        values["overrides"] = overrides(own, form, faults, ground)
        values["overrideCount"] = count("overrides", own, form)
        values["zone"] = ground.plant.timeZone
        values["roster"] = RulesOverview.roster(ground.rules.routing.schedule, from: now, ground.words)
        return values
    }

    private func priorities(_ own: JSON?, _ form: PageForm?, _ ground: EditGround) -> [[String: Any]] {
        let said = Set(own?["priorities"]?.array?.compactMap(\.integer) ?? (own == nil ? [] : [1]))
        return (1...max(1, ground.rules.priorities.leastUrgent)).map { priority -> [String: Any] in
            let field = "priority-\(priority)"
            return ["field": field, "number": priority, "isChosen": form?.flag(field) ?? said.contains(priority)]
        }
    }

    private func ranks(_ own: JSON?, _ form: PageForm?, _ ground: EditGround) -> [[String: Any]] {
        let said = Set(own?["criticalities"]?.array?.compactMap(\.string) ?? [])
        return ground.rules.criticalities.names.enumerated().map { index, name -> [String: Any] in
            let field = "rank-\(index)"
            return ["field": field, "name": name, "isChosen": form?.flag(field) ?? said.contains(name)]
        }
    }

    /// Rows of a list, with empty ones at its end.
    private func count(_ list: String, _ own: JSON?, _ form: PageForm?) -> Int {
        let most = list == "shifts" ? Self.shiftsMax : Self.overridesMax
        if let form { return min(most, max(0, form[list].flatMap { Int($0) } ?? 0)) }
        return min(most, (own?[list]?.array?.count ?? 0) + Self.blank)
    }

    private func shifts(
        _ own: JSON?, _ form: PageForm?, _ faults: [Problem.Fault], _ words: RuleWords
    ) -> [[String: Any]] {
        let places = form.map { kept("shifts", $0) } ?? [:]
        return (0..<count("shifts", own, form)).map { index -> [String: Any] in
            let said = own?["shifts"]?[index]
            var row: [String: Any] = ["index": index, "number": index + 1]
            for key in ["name", "from", "to", "assignee"] {
                row[key] = form?.typed("shift-\(index)-\(key)") ?? RuleWords.text(said?[key])
            }
            let names = said?["days"]?.array?.compactMap(\.string).map { $0.lowercased() }
            row["days"] = Self.days.map { day -> [String: Any] in
                let field = "shift-\(index)-\(day)"
                let isChosen = form?.flag(field) ?? names?.contains(day) ?? true
                return ["field": field, "name": words["day-\(day)"], "isChosen": isChosen]
            }
            let place = form == nil ? index : places[index]
            row["error"] = place.flatMap { faults.words(at: "\(Self.section)/shifts/\($0)") }
            return row
        }
    }

    private func overrides(
        _ own: JSON?, _ form: PageForm?, _ faults: [Problem.Fault], _ ground: EditGround
    ) -> [[String: Any]] {
        let places = form.map { kept("overrides", $0) } ?? [:]
        let names = ground.rules.routing.schedule.shifts.map(\.name)
        return (0..<count("overrides", own, form)).map { index -> [String: Any] in
            let said = own?["overrides"]?[index]
            var row: [String: Any] = ["index": index, "number": index + 1]
            for key in ["date", "assignee"] {
                row[key] = form?.typed("override-\(index)-\(key)") ?? RuleWords.text(said?[key])
            }
            let shift = form?.typed("override-\(index)-shift") ?? RuleWords.text(said?["shift"])
            let known = names + (shift.isEmpty || names.contains(shift) ? [] : [shift])
            let all = FormChoice("", ground.words["every-shift"])
            row["choices"] = FormChoice.all([all] + known.map { FormChoice($0) }, chosen: shift)
            let place = form == nil ? index : places[index]
            row["error"] = place.flatMap { faults.words(at: "\(Self.section)/overrides/\($0)") }
            return row
        }
    }

    // MARK: Reading

    /// Where each row that says something stands in the document: rows without a word are none.
    private func kept(_ list: String, _ form: PageForm) -> [Int: Int] {
        let (row, keys) =
            list == "shifts" ? ("shift", ["name", "from", "to", "assignee"]) : ("override", ["date", "assignee"])
        var places: [Int: Int] = [:]
        for index in 0..<count(list, nil, form) where keys.contains(where: { form["\(row)-\(index)-\($0)"] != nil }) {
            places[index] = places.count
        }
        return places
    }

    func document(_ form: PageForm, _ ground: EditGround) throws -> JSON {
        var own = ground.document["onCall"]?.object ?? [:]
        let priorities = (1...9).filter { form.flag("priority-\($0)") }
        let ranks = ground.rules.criticalities.names
        let names = ranks.indices.filter { form.flag("rank-\($0)") }.map { ranks[$0] }
        let shifts = kept("shifts", form).keys.sorted().map { shift($0, own["shifts"]?[$0], form) }
        let overrides = kept("overrides", form).keys.sorted().map { override($0, own["overrides"]?[$0], form) }
        let isSaid = !(priorities.isEmpty && shifts.isEmpty && overrides.isEmpty)
        guard isSaid || ground.document["onCall"] != nil else { return ground.document }
        own["priorities"] = .array(priorities.map { .integer($0) })
        for key in ["criticalities", "shifts", "overrides"] { own[key] = nil }
        if !form.flag("all-ranks") { own["criticalities"] = .array(names.map { .string($0) }) }
        if !shifts.isEmpty { own["shifts"] = .array(shifts) }
        if !overrides.isEmpty { own["overrides"] = .array(overrides) }
        var members = ground.document.object ?? [:]
        members["onCall"] = .object(own)
        return .object(members)
    }

    private func shift(_ index: Int, _ said: JSON?, _ form: PageForm) -> JSON {
        var shift: [String: JSON] = [:]
        for key in ["name", "from", "to", "assignee"] {
            shift[key] = form.text("shift-\(index)-\(key)", said?[key])
        }
        let days = Self.days.filter { form.flag("shift-\(index)-\($0)") }
        // Every day is said by no word.
        if days.count < Self.days.count { shift["days"] = .array(days.map { .string($0) }) }
        return .object(shift)
    }

    private func override(_ index: Int, _ said: JSON?, _ form: PageForm) -> JSON {
        var override: [String: JSON] = [:]
        for key in ["date", "shift", "assignee"] {
            override[key] = form.text("override-\(index)-\(key)", said?[key])
        }
        return .object(override)
    }
}
