/// What somebody may do. Every route asks for exactly one of them, or for none; the table is docs/access.md.
public enum Permission: String, Sendable, CaseIterable, Comparable {
    /// To see what was detected, raised and done.
    case read
    /// To bring detections and frame counts in: cameras and programs.
    case report
    /// A technician's steps: start, note, close, report what a camera missed.
    case work
    /// A planner's steps: assign, cancel, send dead letters again, propose.
    case plan
    /// What decides about orders: rules, limits of charts, zones.
    case tune
    /// To look at the evidence: search, proofs, verification, exports. It changes nothing.
    case audit
    /// Legal holds, evidence that people add, validations that they record.
    case retain
    /// Accounts, keys, connectors' certificates, names to erase.
    case administer
    /// To forward a site's records to this server: the site's own server alone, and no person.
    case forward

    public static func < (left: Permission, right: Permission) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

extension Role {
    /// What a person of this role may do. An auditor reads and proves, and changes nothing: what they ask for leaves its
    /// trace in the ledger, and nothing else.
    public var permissions: Set<Permission> {
        switch self {
        case .viewer: [.read]
        case .technician: [.read, .work]
        case .planner: [.read, .work, .plan]
        case .qualityEngineer: [.read, .work, .tune, .audit, .retain]
        case .auditor: [.read, .audit]
        case .administrator: Set(Permission.allCases).subtracting([.forward])
        }
    }
}

/// A role, everywhere or at one site: `planner`, `planner@BEDFORD`. An account has several.
public struct Grant: Sendable, Hashable {
    public var role: Role
    /// The site's code as the plant file has it; nil for all of them.
    public var site: String?

    public init(_ role: Role, at site: String? = nil) { (self.role, self.site) = (role, site) }

    /// - Parameter text: as ``description`` has it. A site's code has 1 to 40 letters, digits, dots, hyphens, underscores.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let role = parts.first.flatMap({ Role(rawValue: String($0)) }) else { return nil }
        self.init(role)
        guard parts.count == 2 else { return }
        let code = parts[1]
        guard (1...40).contains(code.count),
            code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) })
        else { return nil }
        site = String(code)
    }
}

extension Grant: CustomStringConvertible {
    public var description: String { role.rawValue + (site.map { "@\($0)" } ?? "") }
}
