import AndonDecide
import AndonModel
import AndonSPC

/// Reads `rules.charts`.
struct ChartsReader {
    let plant: Plant
    let faults: SettingsFaults
    let classes: Set<String>
    let criticalities: Criticalities

    func read(_ reader: SettingsReader) -> [Chart] {
        let all = reader.entries("charts").map { (entry: $0, charts: charts($0, reader.sub($0.value))) }
        for (entry, found) in all where found.count > 1 {
            for taken in all.map(\.entry.key) where found.contains(where: { $0.name == taken }) {
                faults.add("by class makes a chart \(taken), and there is another one of that name", at: entry)
            }
        }
        return all.flatMap(\.charts).sorted { $0.name < $1.name }
    }

    /// One chart, or one for each class where it is by class.
    private func charts(_ entry: Settings.Entry, _ reader: SettingsReader) -> [Chart] {
        guard reader.raw("kind") != nil else {
            // What the other options should be depends on it: they are no mistakes yet.
            reader.missing("kind")
            return []
        }
        defer { reader.finish() }
        let before = faults.faults.count
        let kind = kind(reader)
        var chart = Chart(name: entry.key, kind: kind, quantity: quantity(kind, reader))
        chart.classes = known("classes", classes, reader)
        chart.assets = known("assets", Set(plant.assets.keys), reader)
        chart.cameras = known("cameras", Set(plant.cameras.keys), reader)
        chart.zones = known("zones", Set(plant.zones.keys), reader)
        let strata = strata(reader)
        chart.strata = strata.compactMap(\.stratum)
        var labels: [String] = []
        if strata.contains(.defectClass) {
            labels = (chart.classes.isEmpty ? classes : chart.classes).sorted()
            if labels.isEmpty { faults.add("by class needs classes: in the chart, or in rules.classes", at: entry) }
            // The first is read like a chart of that class alone, and the others after it.
            chart.classes = Set(labels.prefix(1))
        }
        chart.subgroup = subgroup(kind, isMeasured: chart.isMeasured, reader)
        chart.dispersion =
            reader.choice("dispersion", default: DispersionName.range) == .range ? .range : .standardDeviation
        chart.baseline = reader.integer("baseline", in: 2...1000) ?? chart.baseline
        chart.width = reader.number("width", in: 1...10) ?? chart.width
        chart.rules = rules(kind, reader)
        chart.memory = memory(reader)
        chart.given = given(chart, reader)
        chart.signalClass = signalClass(chart, reader)
        chart.specification = specification(chart, reader)
        chart.trend = TrendReader(faults: faults, classes: classes, criticalities: criticalities).read(
            reader.section("trend"), of: chart)
        chart.resetBy = reader.choice("resetBy", default: .asset)
        let hasOwnSignal = reader.raw("signal") == nil
        let hasOwnOrder = reader.section("trend")?.raw("class") == nil && (hasOwnSignal || chart.signalClass == nil)
        let charts =
            labels.isEmpty
            ? [chart]
            : labels.map { label in
                var own = chart
                (own.name, own.classes) = ("\(chart.name).\(label)", [label])
                if hasOwnSignal { own.signalClass = label }
                if hasOwnOrder { own.trend?.orderClass = label }
                return own
            }
        for chart in charts { check(entry, chart) }
        return faults.faults.count == before ? charts : []
    }

    /// What tells streams apart. A class does too, by a chart of its own for each: a report without a defect of it is a
    /// report of none.
    private enum By: Equatable {
        case stratum(Chart.Stratum)
        case defectClass

        init?(_ text: String) {
            guard text != Self.className else {
                self = .defectClass
                return
            }
            guard let stratum = Chart.Stratum(rawValue: text) else { return nil }
            self = .stratum(stratum)
        }

        var stratum: Chart.Stratum? {
            if case .stratum(let stratum) = self { return stratum }
            return nil
        }

        static let className = "class"
        static let names = Chart.Stratum.allCases.map(\.rawValue) + [className]
    }

    private enum DispersionName: String, CaseIterable {
        case range
        case standardDeviation = "standard-deviation"
    }

    /// Ranges, standard deviations and moving ranges stand beside their charts, and are none of their own.
    private static let kinds: [ChartKind] = [.p, .np, .c, .u, .pPrime, .uPrime, .g, .t, .individuals, .mean]

    private func kind(_ reader: SettingsReader) -> ChartKind {
        guard let node = reader.raw("kind"), let text = reader.text(of: node) else { return .u }
        if let kind = ChartKind(rawValue: text), Self.kinds.contains(kind) { return kind }
        faults.add("should be one of \(allowed(Self.kinds.map(\.rawValue))); found \(node.kindName)", at: node)
        return .u
    }

    private func quantity(_ kind: ChartKind, _ reader: SettingsReader) -> Chart.Quantity {
        let units: Set<ChartKind> = [.p, .np, .pPrime, .g]
        let usual = units.contains(kind) ? Chart.Quantity.defectiveUnits : .defects
        guard let node = reader.raw("of"), let text = reader.text(of: node) else {
            if kind == .mean { reader.missing("of") }
            return usual
        }
        let found: Chart.Quantity =
            switch text {
            case "defects": .defects
            case "defective-units": .defectiveUnits
            case "confidence": .confidence
            case "severity": .severity
            case "area": .area
            default: .measured(text)
            }
        let counts = [.defects, .defectiveUnits].contains(found)
        switch kind {
        case .mean where counts:
            faults.add(
                "a chart of means needs a measured value: the name of a measurement or attribute, confidence, severity"
                    + " or area; found \(node.kindName)", at: node)
        case .individuals, .mean: break
        case _ where found != usual:
            faults.add(
                "a \(kind.rawValue) chart is of \(units.contains(kind) ? "defective-units" : "defects"); for measured"
                    + " values take individuals or mean; found \(node.kindName)", at: node)
        default: break
        }
        return found
    }

    private func known(_ key: String, _ names: Set<String>, _ reader: SettingsReader) -> Set<String> {
        for node in reader.list(key) {
            guard case .scalar(let text, _) = node.value, !names.contains(text) else { continue }
            faults.add("should be one of the \(key) \(allowed(names.sorted())); found \(node.kindName)", at: node)
        }
        return Set(reader.texts(key))
    }

    private func strata(_ reader: SettingsReader) -> [By] {
        guard reader.raw("by") != nil else { return [.stratum(.asset)] }
        var found: [By] = []
        for node in reader.list("by") {
            guard case .scalar(let text, _) = node.value, let stratum = By(text), !found.contains(stratum) else {
                faults.add("should be one of \(allowed(By.names)), each once; found \(node.kindName)", at: node)
                continue
            }
            found.append(stratum)
        }
        return found
    }

    private func subgroup(_ kind: ChartKind, isMeasured: Bool, _ reader: SettingsReader) -> Chart.Subgroup {
        let usual = Chart.Subgroup.units(kind == .mean ? 5 : kind == .individuals && isMeasured ? 1 : 50)
        guard let section = reader.section("subgroup") else { return usual }
        defer { section.finish() }
        let parts = section.integer("parts", in: kind == .mean ? 2...1000 : 1...10_000_000)
        let time = section.duration("time", in: .seconds(1) ... .seconds(31 * 86_400))
        switch (parts, time) {
        case (let parts?, nil): return .units(parts)
        case (nil, let time?):
            if [.np, .c, .mean].contains(kind) {
                faults.add(
                    "a \(kind.rawValue) chart needs subgroups of one size; give { parts: 50 }, or take"
                        + " \(kind == .np ? "p" : kind == .c ? "u" : "individuals")", at: section.node)
            }
            return .time(time.microseconds)
        default:
            if section.raw("parts") == nil || section.raw("time") == nil, parts == nil, time == nil,
                section.raw("parts") != nil || section.raw("time") != nil
            {
                return usual
            }
            faults.add("should have either \"parts\" (a number) or \"time\" (a span)", at: section.node)
            return usual
        }
    }

    private func rules(_ kind: ChartKind, _ reader: SettingsReader) -> RunRuleSettings {
        let sets: [(String, RunRuleSettings)] = [
            ("rule-1", .rule1), ("western-electric", .westernElectric), ("nelson", .nelson), ("aiag", .aiag),
        ]
        var settings = RunRuleSettings.rule1
        if let node = reader.raw("rules") {
            if case .scalar(let text, _) = node.value {
                if let found = sets.first(where: { $0.0 == text }) {
                    settings = found.1
                } else {
                    faults.add(
                        "should be one of \(allowed(sets.map(\.0))), or a list of"
                            + " \(allowed(RunRule.all.map(\.name))); found \(node.kindName)", at: node)
                }
            } else {
                settings.rules = []
                for item in reader.list("rules") {
                    guard case .scalar(let text, _) = item.value,
                        let rule = RunRule.all.first(where: { $0.name == text })
                    else {
                        faults.add(
                            "should be one of \(allowed(RunRule.all.map(\.name))); found \(item.kindName)", at: item)
                        continue
                    }
                    if !kind.rules.contains(rule.rule) {
                        faults.add(
                            "\(text) does not hold for a \(kind.rawValue) chart, whose counts are far from normal; take"
                                + " \(allowed(kind.rules.names))", at: item)
                    }
                    settings.rules.insert(rule.rule)
                }
            }
        }
        if let lengths = reader.section("runLengths") {
            settings.sideLength = lengths.integer("run-on-one-side", in: 2...64) ?? settings.sideLength
            settings.trendLength = lengths.integer("steady-trend", in: 3...64) ?? settings.trendLength
            settings.alternatingLength = lengths.integer("alternating", in: 3...64) ?? settings.alternatingLength
            settings.huggingLength = lengths.integer("hugging-the-centre", in: 2...64) ?? settings.huggingLength
            settings.mixtureLength = lengths.integer("mixture", in: 2...64) ?? settings.mixtureLength
            lengths.finish()
        }
        return settings
    }

    private func memory(_ reader: SettingsReader) -> Chart.Memory? {
        if let ewma = reader.section("ewma") {
            defer { ewma.finish() }
            if let node = reader.raw("cusum") { faults.add("take either ewma or cusum for a chart", at: node) }
            return .ewma(
                lambda: ewma.number("lambda", in: 0.001...1) ?? 0.2, width: ewma.number("width", in: 0.5...10) ?? 3)
        }
        guard let cusum = reader.section("cusum") else { return nil }
        defer { cusum.finish() }
        return .cusum(
            allowance: cusum.number("k", in: 0...10) ?? 0.5, decision: cusum.number("h", in: 0.1...100) ?? 5)
    }

    /// Limits of the plant's own, in place of a baseline.
    private func given(_ chart: Chart, _ reader: SettingsReader) -> ChartLimits? {
        guard let section = reader.section("limits") else { return nil }
        defer { section.finish() }
        let ownSigma: Set<ChartKind> = [.individuals, .mean, .t, .pPrime, .uPrime]
        let centre = section.number("centre", in: -1e12...1e12)
        if section.raw("centre") == nil { section.missing("centre") }
        var limits = ChartLimits(kind: chart.kind, centre: centre ?? 0, width: chart.width)
        if ownSigma.contains(chart.kind) {
            if section.raw("sigma") == nil { section.missing("sigma") }
            limits.spread = section.number("sigma", in: 1e-12...1e12) ?? 1
        }
        if case .units(let size) = chart.subgroup, [.np, .mean].contains(chart.kind) { limits.size = Double(size) }
        if centre != nil, limits.plot(Sample(limits.centre, of: max(1, limits.size))) == nil {
            faults.add("no limits can be made of this centre: sigma would be zero or no number", at: section.node)
        }
        return limits
    }

    private func signalClass(_ chart: Chart, _ reader: SettingsReader) -> String? {
        guard let node = reader.raw("signal"), let text = reader.text(of: node) else {
            // A true signal always makes an order; of one class where the chart is of one.
            return chart.classes.count == 1 ? chart.classes.first : chart.name
        }
        guard !["off", "false"].contains(text) else { return nil }
        if !classes.contains(text) {
            faults.add(
                "should be off or one of the classes \(allowed(classes.sorted())); found \(node.kindName)", at: node)
        }
        return text
    }

    private func specification(_ chart: Chart, _ reader: SettingsReader) -> Chart.Specification? {
        guard let section = reader.section("specification") else { return nil }
        defer { section.finish() }
        let range = -1e12...1e12
        let found = Chart.Specification(
            lower: section.number("lower", in: range), upper: section.number("upper", in: range),
            target: section.number("target", in: range))
        if !chart.isMeasured { faults.add("only measured values have a specification", at: section.node) }
        if section.raw("lower") == nil, section.raw("upper") == nil {
            faults.add("give lower, upper or both", at: section.node)
        }
        if let lower = found.lower, let upper = found.upper, lower >= upper {
            faults.add("lower should be below upper", at: section.node)
        }
        return found
    }

    private func check(_ entry: Settings.Entry, _ chart: Chart) {
        if chart.name.utf8.count > 60 || chart.name.contains(where: { "#/(),|".contains($0) }) {
            faults.add("\(chart.name): a chart's name has at most 60 letters, and none of # / ( ) , |", at: entry)
        }
        if chart.rules.rules.isEmpty, chart.memory == nil {
            faults.add("a chart without a rule says nothing; name at least beyond-3-sigma", at: entry)
        }
    }
}
