import AndonModel
import Foundation

/// A standard's clauses with the evidence that each asks for. Numbers and editions are data (`Editions/*.json`): a new
/// edition of a standard is a new file.
public struct Standard: Sendable, Decodable {
    public var id: String
    public var name: String
    public var edition: String
    public var note: String
    /// What a single record is called and how it is laid out.
    public var form: Form
    public var clauses: [Clause]

    public enum Form: String, Sendable, Decodable {
        case nonconformity
        case capa
        /// The eight disciplines.
        case eightD = "8d"

        public var title: String {
            switch self {
            case .nonconformity: "Nonconformity and corrective action record"
            case .capa: "Nonconforming product and CAPA record"
            case .eightD: "8D report"
            }
        }
    }

    public struct Clause: Sendable, Decodable {
        public var number: String
        public var title: String
        public var asks: String
        /// What each record must show.
        public var record: [EvidenceKind]
        /// What the system as a whole must show.
        public var system: [SystemEvidence]
        /// The number that this requirement had before.
        public var formerly: String?
        /// What is kept by the plant outside Andon.
        public var plant: String?

        private enum CodingKeys: CodingKey {
            case number, title, asks, record, system, formerly, plant
        }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            number = try box.decode(String.self, forKey: .number)
            title = try box.decode(String.self, forKey: .title)
            asks = try box.decode(String.self, forKey: .asks)
            formerly = try box.decodeIfPresent(String.self, forKey: .formerly)
            plant = try box.decodeIfPresent(String.self, forKey: .plant)
            system = try box.decodeIfPresent([SystemEvidence].self, forKey: .system) ?? []
            record = try (box.decodeIfPresent([String].self, forKey: .record) ?? []).map { word in
                guard let kind = EvidenceKind.allCases.first(where: { $0.word == word }) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .record, in: box, debugDescription: "no evidence is called \"\(word)\"")
                }
                return kind
            }
        }

        /// `820.35 (formerly 820.180)`.
        public var fullNumber: String { formerly.map { "\(number) (formerly \($0))" } ?? number }
    }

    /// Evidence that is not of one record.
    public enum SystemEvidence: String, Sendable, Decodable, CaseIterable {
        /// The ledger is whole, everything received is accounted for, and its checkpoint is signed.
        case ledger
        /// Silent cameras are reported.
        case silence
        /// The versions of the rules that decided, and who signed for them.
        case rules
        /// The tests of this version that really ran.
        case validation
        /// Who may do what.
        case accounts

        /// Within a sentence.
        public var phrase: String {
            switch self {
            case .ledger: "whole ledger"
            case .silence: "silent cameras"
            case .rules: "rules in force"
            case .validation: "validation of this version"
            case .accounts: "accounts and their rights"
            }
        }
    }

    public static let ids = ["iso-9001", "iso-13485", "as9100", "iatf-16949", "fda-qmsr"]

    /// - Throws: ``Problem`` for an unknown id.
    public init(named id: String) throws {
        guard Self.ids.contains(id),
            let file = Bundle.module.url(forResource: id, withExtension: "json", subdirectory: "Editions")
        else {
            throw Problem(
                status: 400, type: "unknown-standard", title: "No such standard",
                detail: "\"\(id.prefix(40))\" is none of \(Self.ids.joined(separator: ", ")).")
        }
        self = try JSONDecoder().decode(Standard.self, from: try Data(contentsOf: file))
    }
}
