import AndonModel

/// What the stand-in refuses in a new order: the widths and domains of the sheet.
struct MaximoRules {
    let setup: MaximoStandIn.Setup

    private static let widths: [String: Int] = [
        "siteid": 8, "assetnum": 12, "location": 12, "description": 100, "description_longdescription": 32_000,
        "worktype": 5, "externalrefid": 10, "sourcesysid": 10, "failurecode": 8, "problemcode": 8, "lead": 30,
        "classstructureid": 20,
    ]
    private static let numbers: Set<String> = ["wopriority"]
    private static let times: Set<String> = ["reportdate", "faildate", "targstartdate", "schedstart"]

    func check(_ fields: [String: JSON]) throws {
        guard let site = fields["siteid"]?.string else {
            throw MaximoFault(400, "BMXAA4195E", "A value is required for the Site field on the WORKORDER object.")
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { try check(name, value) }
        guard setup.sites.contains(site) else { throw MaximoFault(400, "BMXAA4153E", "\(site) is not a valid site.") }
        if let asset = fields["assetnum"]?.string, !setup.takesAnyAsset {
            guard let known = setup.assets[asset], known["status"]?.string ?? "OPERATING" == "OPERATING" else {
                throw MaximoFault(
                    400, "BMXAA0090E", "Asset \(asset) is not a valid asset, or its status is not an operating status.")
            }
        }
        if let location = fields["location"]?.string, !setup.locations.contains(location) {
            throw MaximoFault(400, "BMXAA2661E", "\(location) is not a valid location.")
        }
        if let type = fields["worktype"]?.string, !setup.workTypes.contains(type) {
            throw MaximoFault(400, "BMXAA4191E", "The value \(type) is not valid for Work Type.")
        }
        if fields["problemcode"] != nil, fields["failurecode"] == nil {
            throw MaximoFault(400, "BMXAA4195E", "A value is required for the Failure Class field.")
        }
    }

    /// A change is held to the same widths and forms.
    func checkChange(_ fields: [String: JSON]) throws {
        for name in ["wonum", "status", "workorderid", "siteid"] where fields[name] != nil {
            throw MaximoFault(400, "BMXAA4211E", "The field \(name) is read-only.")
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { try check(name, value) }
    }

    private func check(_ name: String, _ value: JSON) throws {
        if let width = Self.widths[name] {
            guard let text = value.string else {
                throw MaximoFault(400, "BMXAA4190E", "\(name) takes a text.")
            }
            guard text.count <= width else {
                throw MaximoFault(
                    400, "BMXAA4049E",
                    "The value specified \(text.prefix(30)) exceeds the maximum field length \(width).")
            }
            if ["siteid", "assetnum", "location"].contains(name), text != text.uppercased() {
                throw MaximoFault(400, "BMXAA4190E", "\(name) is upper case.")
            }
        } else if Self.numbers.contains(name) {
            guard let number = value.integer, (0...999).contains(number) else {
                throw MaximoFault(400, "BMXAA4161E", "\(name) takes a whole number 0...999.")
            }
        } else if Self.times.contains(name) {
            guard let text = value.string, text.count == 25, Timestamp(text) != nil else {
                throw MaximoFault(400, "BMXAA4150E", "\(name) is not a valid date.")
            }
        }
    }
}

/// `a="x" and b>="y"`: all that the sheet allows, and nothing else.
struct MaximoWhere {
    private struct Term {
        var name: String
        var relation: String
        var value: String
    }

    private var terms: [Term] = []

    init(_ text: String) throws {
        guard !text.isEmpty else { return }
        for part in text.split(separator: " and ") {
            guard let match = part.wholeMatch(of: /([a-z_]+)(>=|<|=)"([^"]*)"/) else {
                throw MaximoFault(400, "BMXAA8740E", "the where clause \(part) cannot be read")
            }
            terms.append(Term(name: String(match.1), relation: String(match.2), value: String(match.3)))
        }
    }

    func equal(_ name: String) -> String? { terms.first { $0.name == name && $0.relation == "=" }?.value }

    func holds(_ row: [String: JSON]) -> Bool {
        terms.allSatisfy { term in
            guard let value = row[term.name]?.string else { return false }
            guard term.relation != "=" else { return value == term.value }
            guard let left = Timestamp(value), let right = Timestamp(term.value) else { return false }
            return term.relation == "<" ? left < right : left >= right
        }
    }

    static func less(_ left: JSON?, _ right: JSON?) -> Bool {
        guard let left = left?.string, let right = right?.string else { return false }
        if let first = Timestamp(left), let second = Timestamp(right) { return first < second }
        return left < right
    }
}

/// `a,b{c,d}`: the attributes and related objects that an answer has.
struct MaximoSelection {
    private var names: [String: [String]] = [:]

    init(names: [String]) {
        for name in names { self.names[name] = [] }
    }

    init(_ text: String) {
        for match in text.matches(of: /([a-z0-9_]+)(?:\{([^}]*)\})?/) {
            names[String(match.1)] = (match.2 ?? "").split(separator: ",").map(String.init)
        }
    }

    func of(_ value: JSON) -> JSON {
        guard let object = value.object else { return value }
        var kept: [String: JSON] = [:]
        for (name, inner) in names {
            guard let value = object[name] else { continue }
            if inner.isEmpty {
                kept[name] = value
            } else {
                let selection = MaximoSelection(names: inner)
                kept[name] = .array((value.array ?? []).map { selection.of($0) })
            }
        }
        return .object(kept)
    }
}
