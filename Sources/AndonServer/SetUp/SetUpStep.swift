import AndonConfiguration

/// The steps of the set-up, in their order.
enum SetUpStep: String, CaseIterable, Sendable {
    case administrator
    case plant
    case cameras
    case connector
    case rules
    case summary

    var address: String { "/set-up/\(rawValue)" }

    var next: SetUpStep? { Self.allCases.first { $0.index == index + 1 } }
    var previous: SetUpStep? { Self.allCases.first { $0.index == index - 1 } }

    /// From 0.
    var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The step whose page has a field; nil for what is nowhere.
    static func owner(of field: String) -> SetUpStep? {
        switch field.split(separator: ".").first.map(String.init) {
        case "administrator"?: .administrator
        case "plant"?, "server"?: .plant
        case "cameras"?: .cameras
        case "connector"?, "network"?: .connector
        case "rules"?: .rules
        default: nil
        }
    }
}
