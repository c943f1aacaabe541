import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb

/// A part of the list, and what the word that it was asked for was found to be.
struct OrdersFound: Sendable {
    /// Nil where nothing is called as the word says.
    var page: OrderPage?
    var meaning: OrderWord?
}

/// The list of orders as its template shows it.
struct OrdersPage {
    let query: OrdersQuery
    let views: [OrderView]
    /// What whoever looks sees of the plant.
    let scope: SiteScope
    let connectors: [(name: String, system: String)]
    let texts: Texts
    let formats: Formats
    var found = OrdersFound()
    /// What is wrong with the query.
    var problem: String?

    private var words: OrderTexts { OrderTexts(texts: texts, formats: formats) }

    func values(_ caller: Caller) -> [String: Any] {
        let orders = found.page?.orders ?? []
        var values: [String: Any] = [:]
        values["orders"] = orders.map(words.row)
        values["count"] = texts.count("orders", "count", orders.count)
        values["isEmpty"] = orders.isEmpty && problem == nil
        if let problem { values["problem"] = problem }
        if let understood { values["understood"] = understood }
        values["isNarrowed"] = query.isNarrowed
        values["all"] = "/orders?show=all"
        if let word = query.word { values["find"] = "/find?q=\(OrdersQuery.encoded(word))" }
        values["here"] = here
        values["file"] = query.address("/orders.csv")
        values["query"] = query.query()
        values["shows"] = shows
        values["columns"] = columns
        values["form"] = form
        for (name, value) in ways { values[name] = value }
        let maySave = caller.account != nil || caller.may(.plan)
        values["maySave"] = maySave
        values["mayShare"] = caller.account != nil && caller.may(.plan)
        values["views"] = views.map { view($0, caller) }
        values["hasViews"] = !views.isEmpty
        return values
    }

    /// This part of the list, for those who look again.
    private var here: String { query.address("/orders", ["after": query.after, "ahead": query.ahead]) }

    private var ways: [String: String] {
        var ways: [String: String] = [:]
        if let next = found.page?.next { ways["next"] = query.address("/orders", ["after": next.text]) }
        if let previous = found.page?.previous { ways["previous"] = query.address("/orders", ["ahead": previous.text]) }
        if query.after != nil || query.ahead != nil { ways["first"] = query.address() }
        return ways
    }

    /// What the box's word was taken for.
    private var understood: String? {
        guard let word = query.word, problem == nil else { return nil }
        guard let meaning = found.meaning else { return texts.text("orders", "unknown", ["word": word]) }
        switch meaning {
        case .number(let number): return texts.text("orders", "as-number", ["word": number])
        case .asset(let asset): return texts.text("orders", "as-asset", ["word": asset])
        case .defectClass(let name): return texts.text("orders", "as-class", ["word": name])
        case .lot(let lot): return texts.text("orders", "as-lot", ["word": lot])
        case .time(let from, _): return texts.text("orders", "as-day", ["word": formats.day(from)])
        }
    }

    private var shows: [[String: Any]] {
        OrdersQuery.Show.allCases.map { show in
            var entry: [String: Any] = [:]
            entry["label"] = texts["orders", "show-\(show.rawValue)"]
            entry["address"] = query.address("/orders", ["show": show.rawValue])
            entry["isShown"] = show == query.show
            return entry
        }
    }

    // MARK: Sorting

    /// The table's head: columns that sort have an address.
    private var columns: [[String: Any]] {
        let named: [(String, OrderSearch.Sort?)] = [
            ("order", nil), ("asset", nil), ("priority", .priority), ("state", .state), ("number", nil),
            ("raised", .raised), ("seen", .seen), ("occurrences", .occurrences),
        ]
        return named.map { name, sort in
            var column: [String: Any] = ["label": texts["orders", "column-\(name)"]]
            column["isSortable"] = sort != nil
            column["isNumber"] = name == "occurrences" || name == "priority"
            if let sort { column["sortBy"] = sorting(sort) }
            return column
        }
    }

    /// Sorting by the same again turns it round. Of priorities the most urgent is the first at first.
    private func sorting(_ sort: OrderSearch.Sort) -> [String: Any] {
        let isHere = query.sort == sort
        let goesDown = isHere ? !query.isDescending : sort != .priority
        var entry: [String: Any] = [:]
        entry["address"] = query.address("/orders", ["sort": sort.rawValue, "order": goesDown ? "desc" : "asc"])
        entry["aria"] = isHere ? (query.isDescending ? "descending" : "ascending") : "none"
        entry["mark"] = isHere ? (query.isDescending ? "▼" : "▲") : ""
        entry["hint"] = texts["orders", goesDown ? "sort-down" : "sort-up"]
        return entry
    }

    // MARK: The form

    private var form: [String: Any] {
        var form: [String: Any] = [:]
        for name in OrdersQuery.names { form[name] = query[name] ?? "" }
        form["states"] = options(OrderState.allCases.map { ($0.rawValue, words.state($0)) }, "state")
        form["deliveries"] = options(Delivery.allCases.map { ($0.rawValue, words.delivery($0)) }, "delivery")
        form["connectors"] = options(connectors.map { ($0.name, "\($0.name) (\($0.system))") }, "connector")
        form["priorities"] = options((1...5).map { ("\($0)", "\($0)") }, "priority")
        form["assets"] = Array(scope.plant.assets.keys.filter { scope.sees(asset: $0) }.sorted().prefix(500))
        form["isOpen"] = ["state", "delivery", "connector", "asset", "class", "lot", "priority", "from", "to"].contains
        {
            query[$0] != nil
        }
        return form
    }

    /// What is chosen is among them, whatever it is.
    private func options(_ all: [(value: String, label: String)], _ name: String) -> [[String: Any]] {
        let chosen = query[name]
        var options = all
        if let chosen, !all.contains(where: { $0.value == chosen }) { options.append((chosen, chosen)) }
        return options.map { option in
            ["value": option.value, "label": option.label, "isChosen": option.value == chosen] as [String: Any]
        }
    }

    // MARK: Views

    private func view(_ view: OrderView, _ caller: Caller) -> [String: Any] {
        var entry: [String: Any] = [:]
        entry["id"] = view.id
        entry["name"] = view.name
        entry["address"] = view.query.isEmpty ? "/orders" : "/orders?\(view.query)"
        entry["isHere"] = view.query == query.query()
        entry["isShared"] = view.owner == nil
        entry["mayChange"] = view.owner != nil || caller.may(.plan)
        entry["confirm"] = texts.text("orders", "view-confirm", ["name": view.name])
        return entry
    }
}

/// The words that lists and pages of orders share.
struct OrderTexts {
    let texts: Texts
    let formats: Formats

    func state(_ state: OrderState) -> String { texts["orders", "state-\(state.rawValue)"] }
    func delivery(_ delivery: Delivery) -> String { texts["orders", "delivery-\(delivery.rawValue)"] }

    /// The class of `style.css` beside the word.
    static func tone(_ state: OrderState) -> String {
        switch state {
        case .open: "warn"
        case .done, .closed: "good"
        case .missing: "bad"
        case .inProgress, .cancelled, .merged: ""
        }
    }

    static func tone(_ delivery: Delivery) -> String {
        switch delivery {
        case .waiting: "warn"
        case .acknowledged: "good"
        case .dead: "bad"
        }
    }

    /// One order of a list.
    func row(_ order: OrderRecord) -> [String: Any] {
        let document = order.document
        var row: [String: Any] = [:]
        row["reference"] = order.reference.text
        let title: String = document.className.prefix(1).uppercased() + document.className.dropFirst()
        row["title"] = title
        row["isPredicted"] = order.kind == .predictive
        row["asset"] = order.asset
        row["assetName"] = document.place.assetName ?? ""
        row["priority"] = order.priority
        row["isUrgent"] = order.priority == 1
        row["state"] = state(order.state)
        row["tone"] = Self.tone(order.state)
        row["isUndelivered"] = order.delivery != .acknowledged
        row["delivery"] = delivery(order.delivery)
        row["deliveryTone"] = Self.tone(order.delivery)
        row["number"] = order.remoteNumber ?? order.remoteID ?? "–"
        row["connector"] = order.connector
        row["raised"] = formats.time(order.raisedAt)
        row["raisedAt"] = Formats.machine(order.raisedAt)
        row["seen"] = formats.time(order.lastSeenAt)
        row["seenAt"] = Formats.machine(order.lastSeenAt)
        row["occurrences"] = formats.number(order.occurrences)
        return row
    }
}

/// Everything that a word leads to, as its template shows it.
struct FindPage {
    let word: String
    let texts: Texts
    let formats: Formats
    var found: FoundByWord?

    private var words: OrderTexts { OrderTexts(texts: texts, formats: formats) }

    var values: [String: Any] {
        var values: [String: Any] = ["q": word]
        guard let found else { return values }
        values["isAsked"] = true
        if found.isEmpty { values["nothing"] = texts.text("find", "nothing", ["word": word]) }
        values["orders"] = found.orders.map(words.row)
        if !found.orders.isEmpty { values["list"] = "/orders?show=all&q=\(OrdersQuery.encoded(word))" }
        values["inspections"] = found.inspections.map(inspection)
        values["detections"] = found.detections.map(detection)
        values["pictures"] = found.pictures.map { ["digest": $0] }
        values["hasOrders"] = !found.orders.isEmpty
        values["hasInspections"] = !found.inspections.isEmpty
        values["hasDetections"] = !found.detections.isEmpty
        values["hasPictures"] = !found.pictures.isEmpty
        if case .lot(let lot) = found.word { values["lot"] = lot }
        if case .lot(let lot) = found.word { values["lotAddress"] = "/api/v1/lots/\(OrdersQuery.encoded(lot))" }
        values["count"] = texts.text(
            "find", "count",
            [
                "orders": formats.number(found.orders.count), "reports": formats.number(found.inspections.count),
                "detections": formats.number(found.detections.count),
                "pictures": formats.number(found.pictures.count),
            ])
        return values
    }

    private func inspection(_ record: InspectionRecord) -> [String: Any] {
        var values: [String: Any] = [:]
        values["id"] = record.id
        values["address"] = "/api/v1/inspections/\(OrdersQuery.encoded(record.id))"
        values["asset"] = record.asset
        values["camera"] = record.camera
        values["lotOf"] = record.lot ?? "–"
        values["at"] = formats.second(record.detectedAt)
        values["atMachine"] = Formats.machine(record.detectedAt)
        values["picture"] = record.pictureRemovedAt == nil ? record.picture ?? "" : ""
        values["hasPicture"] = record.picture != nil && record.pictureRemovedAt == nil
        return values
    }

    private func detection(_ record: DetectionRecord) -> [String: Any] {
        let id = "\(record.inspectionID)#\(record.ordinal)"
        var values: [String: Any] = [:]
        values["id"] = id
        values["address"] = "/api/v1/detections/\(OrdersQuery.encoded(id))"
        values["class"] = record.defectClass
        values["asset"] = record.asset
        values["at"] = formats.second(record.detectedAt)
        values["atMachine"] = Formats.machine(record.detectedAt)
        values["outcome"] = texts["orders", "outcome-\(record.outcome.rawValue)"]
        values["reference"] = record.reference?.text ?? ""
        values["hasOrder"] = record.reference != nil
        return values
    }
}
