import AndonModel

/// Makes our report of a source's fields. Pure: the same fields make the same report, byte for byte, however often they
/// are delivered.
public struct InspectionMapper: Sendable {
    public let mapping: FieldMapping
    /// Defects of one report; more are left to the intake's own limit, so that its refusal says it.
    private static let defectsMax = 100_000

    public init(_ mapping: FieldMapping) {
        self.mapping = mapping
    }

    /// - Parameters:
    ///   - id: the report's, stable for the event.
    ///   - origin: which system and which event, kept in the report's attributes.
    /// - Returns: an inspection document as the HTTP intake takes it.
    /// - Throws: the first place that does not make a report.
    public func document(of fields: FieldValue, id: String, origin: JSON) throws(MappingRefusal) -> JSON {
        var fields = fields
        for step in mapping.decode { fields = try step.decoded(fields) }
        var attributes = mapping.attributes.compactMapValues { $0.value(in: fields)?.json }
        attributes["source"] = origin
        return .object(present: [
            "id": .string(id), "detectedAt": .time(try detectedAt(fields)), "camera": .string(try camera(fields)),
            "asset": text(mapping.asset, fields), "zone": text(mapping.zone, fields), "lot": text(mapping.lot, fields),
            "unit": text(mapping.unit, fields), "model": model(fields), "inspected": try inspected(fields),
            "defects": .array(try defects(fields)), "attributes": .object(attributes),
        ])
    }

    /// The fields with what the mapping decodes, for people who look at them.
    public func decoded(_ fields: FieldValue) throws(MappingRefusal) -> FieldValue {
        var fields = fields
        for step in mapping.decode { fields = try step.decoded(fields) }
        return fields
    }

    private func text(_ place: FieldText?, _ fields: FieldValue) -> JSON? {
        place?.words(in: fields).map { .string($0) }
    }

    private func model(_ fields: FieldValue) -> JSON? {
        guard let name = mapping.model?.words(in: fields) else { return nil }
        return .object(present: ["name": .string(name), "version": text(mapping.modelVersion, fields)])
    }

    private func camera(_ fields: FieldValue) throws(MappingRefusal) -> String {
        guard let words = mapping.camera.words(in: fields) else {
            throw missing(mapping.camera, fields, "mapping.camera")
        }
        return mapping.cameras[words] ?? words
    }

    private func detectedAt(_ fields: FieldValue) throws(MappingRefusal) -> Timestamp {
        guard let value = mapping.detectedAt.value(in: fields), value.words != nil else {
            throw missing(mapping.detectedAt, fields, "mapping.detectedAt")
        }
        guard let time = mapping.time.time(value) else {
            let form =
                mapping.time.unit == .text
                ? "a time with its offset like 2026-11-23T10:00:00Z" : "\(mapping.time.unit.rawValue) since 1970"
            throw MappingRefusal(
                place: mapping.detectedAt.source, what: "is \(value.kindName), not \(form)",
                remedy: "set mapping.detectedAt to a field with such a time, or its form by mapping.detectedAtUnit and "
                    + "mapping.detectedAtOffset")
        }
        return time
    }

    private func inspected(_ fields: FieldValue) throws(MappingRefusal) -> JSON? {
        guard let place = mapping.inspected, let value = place.value(in: fields) else { return nil }
        guard let number = value.number, let parts = Int(exactly: number), parts >= 1 else {
            throw MappingRefusal(
                place: place.source, what: "is \(value.kindName), not a number of parts",
                remedy: "set mapping.inspected to the field that counts the parts of one report, or leave it out")
        }
        return .integer(parts)
    }

    private func missing(_ text: FieldText, _ fields: FieldValue, _ option: String) -> MappingRefusal {
        let place = text.places.first { fields.value(at: $0)?.words == nil } ?? text.source
        let found = fields.value(at: place).map { "is \($0.kindName), not a text or a number" } ?? "is not there"
        return MappingRefusal(
            place: place, what: found, remedy: "andon source check shows what the system sends; mend \(option)")
    }

    // MARK: Defects

    private func defects(_ fields: FieldValue) throws(MappingRefusal) -> [JSON] {
        if let good = mapping.good, let words = good.field.words(in: fields), good.values.contains(words) { return [] }
        guard let place = mapping.defects else {
            return try defect(.object([:]), fields, at: "").map { [$0] } ?? []
        }
        switch fields.value(at: place) {
        case .list(let entries)?:
            guard entries.count <= Self.defectsMax else {
                throw MappingRefusal(
                    place: place, what: "has \(entries.count) entries",
                    remedy: "let the system send its worst defects only")
            }
            var found: [JSON] = []
            for (index, entry) in entries.enumerated() {
                if let one = try defect(entry, fields, at: "\(place)/\(index)") { found.append(one) }
            }
            return found
        case .object?: return try defect(fields.value(at: place) ?? .null, fields, at: place).map { [$0] } ?? []
        case nil:
            // An empty list and one that is left out are the same to many systems, but not to one that was misspelt.
            guard isThere(place, in: fields) || mapping.good != nil else {
                throw MappingRefusal(
                    place: place, what: "is not there",
                    remedy: "andon source check shows what the system sends; mend mapping.defects, or tell by "
                        + "mapping.good which parts have none")
            }
            return []
        case .some(let other):
            throw MappingRefusal(
                place: place, what: "is \(other.kindName), not a list of defects",
                remedy: "mend mapping.defects, or name in mapping.decode the text that holds the list")
        }
    }

    /// Whether the place is there and says null.
    private func isThere(_ place: String, in fields: FieldValue) -> Bool {
        guard let slash = place.lastIndex(of: "/"), let name = FieldValue.tokens(String(place[slash...])).first,
            case .object(let members)? = fields.value(at: String(place[..<slash]))
        else { return false }
        return members[name] == .null
    }

    /// Looks in the defect's own entry first.
    private struct Scope {
        let entry: FieldValue
        let whole: FieldValue

        func value(_ text: FieldText) -> FieldValue? { text.value(in: entry) ?? text.value(in: whole) }
        func words(_ text: FieldText) -> String? { value(text)?.words }
    }

    private func defect(_ entry: FieldValue, _ whole: FieldValue, at place: String) throws(MappingRefusal) -> JSON? {
        let scope = Scope(entry: entry, whole: whole)
        let rules = mapping.defect
        guard let words = scope.words(rules.defectClass) else {
            throw MappingRefusal(
                place: place + rules.defectClass.source, what: "does not name a class",
                remedy: "andon source check shows what the system sends; mend mapping.class, or tell by mapping.good "
                    + "which parts have no defect")
        }
        let defectClass = rules.classes[words] ?? words
        guard defectClass != DefectMapping.noDefect else { return nil }
        let polygon = try polygon(scope, at: place)
        return .object(present: [
            "class": .string(defectClass),
            "confidence": try share(rules.confidence, rules.confidenceMax, scope, at: place, "mapping.confidence"),
            "severity": severity(scope), "box": try box(scope, at: place),
            "polygon": polygon, "polygonUnit": polygon == nil ? nil : rules.box.map { .string($0.unit.rawValue) },
            "segmentation": try mask(scope, at: place),
            "measurement": try measurement(scope, at: place),
            "attributes": rules.attributes.isEmpty
                ? nil : .object(rules.attributes.compactMapValues { scope.value($0)?.json }),
        ])
    }

    private func share(
        _ text: FieldText?, _ most: Double, _ scope: Scope, at place: String, _ option: String
    ) throws(MappingRefusal) -> JSON? {
        guard let text, let value = scope.value(text) else { return nil }
        guard let number = value.number else {
            throw MappingRefusal(
                place: place + text.source, what: "is \(value.kindName), not a number", remedy: "mend \(option)")
        }
        return .number(number / most)
    }

    private func severity(_ scope: Scope) -> JSON? {
        guard let text = mapping.defect.severity, let value = scope.value(text) else { return nil }
        if let words = value.words, let named = mapping.defect.severities[words] {
            return FieldValue.text(named).number.map { .number($0) } ?? .string(named)
        }
        return value.number.map { .number($0 / mapping.defect.severityMax) } ?? value.words.map { .string($0) }
    }

    private func measurement(_ scope: Scope, at place: String) throws(MappingRefusal) -> JSON? {
        guard let rules = mapping.defect.measurement, let value = scope.value(rules.value) else { return nil }
        guard let number = value.number else {
            throw MappingRefusal(
                place: place + rules.value.source, what: "is \(value.kindName), not a number",
                remedy: "mend mapping.measurement.value")
        }
        guard let name = scope.words(rules.name) else {
            throw MappingRefusal(
                place: place + rules.name.source, what: "does not name what was measured",
                remedy: "mend mapping.measurement.name")
        }
        return .object(present: [
            "name": .string(name), "value": .number(number),
            "limit": rules.limit.flatMap { scope.value($0)?.number }.map { .number($0) },
            "unit": rules.unit.flatMap { scope.words($0) }.map { .string($0) },
        ])
    }

    private func box(_ scope: Scope, at place: String) throws(MappingRefusal) -> JSON? {
        guard let rules = mapping.defect.box else { return nil }
        let (found, shown): ([FieldValue?], String)
        switch rules.place {
        case .list(let text):
            guard let value = scope.value(text) else { return nil }
            guard case .list(let elements) = value, elements.count == 4 else {
                throw MappingRefusal(
                    place: place + text.source, what: "is \(value.kindName), not a list of four numbers",
                    remedy: "mend mapping.box, or give its four fields one by one")
            }
            (found, shown) = (elements, text.source)
        case .four(let x, let y, let width, let height):
            found = [x, y, width, height].map { scope.value($0) }
            guard found.contains(where: { $0 != nil }) else { return nil }
            shown = x.source
        }
        let numbers = found.compactMap { $0?.number }
        guard numbers.count == 4 else {
            throw MappingRefusal(
                place: place + shown, what: "and its neighbours are not four numbers", remedy: "mend mapping.box")
        }
        let box = rules.box(numbers)
        // A system that has nothing to mark sends a box of nothing.
        guard box.contains(where: { $0 != 0 }) else { return nil }
        return [
            "x": .number(box[0]), "y": .number(box[1]), "width": .number(box[2]), "height": .number(box[3]),
            "unit": .string(rules.unit.rawValue),
        ]
    }

    /// Nil where there is a mask, which says it more exactly.
    private func polygon(_ scope: Scope, at place: String) throws(MappingRefusal) -> JSON? {
        guard let rules = mapping.defect.polygon, maskValue(scope) == nil,
            let value = scope.value(.fixed(rules))
        else { return nil }
        guard case .list(let points) = value else {
            throw MappingRefusal(
                place: place + rules, what: "is \(value.kindName), not a list of points", remedy: "mend mapping.polygon"
            )
        }
        // Fewer than three points cover nothing.
        return points.count < 3 ? nil : value.json
    }

    private func maskValue(_ scope: Scope) -> FieldValue? {
        mapping.defect.mask.flatMap { scope.value(.fixed($0)) }
    }

    private func mask(_ scope: Scope, at place: String) throws(MappingRefusal) -> JSON? {
        guard let value = maskValue(scope) else { return nil }
        guard case .object(let members) = value, members["size"] != nil, members["counts"] != nil else {
            throw MappingRefusal(
                place: place + (mapping.defect.mask ?? ""), what: "is \(value.kindName), not a mask of size and counts",
                remedy: "mend mapping.mask")
        }
        return value.json
    }
}
