import AndonLedger
import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// A signature as it stands in the ledger, and whether it holds.
public struct CheckedSignature: Sendable {
    /// Of its entry.
    public var index: Int64
    public var statement: SignatureStatement
    /// Nil when it was erased.
    public var printedName: String?
    /// Why it does not hold; nil when it does.
    public var fault: String?

    /// `K. Sommer, approval, 2026-11-27T10:00:00.000000Z`, as it stands under a record (21 CFR 11.50).
    public var words: String {
        let name = printedName ?? "name withheld, account \(statement.account)"
        let reason = statement.reason.map { " (\($0))" } ?? ""
        let state = fault.map { "; NOT VALID: \($0)" } ?? ""
        return
            "\(name), \(statement.meaning.rawValue) of the \(statement.thing.rawValue)\(reason), \(statement.at)\(state)"
    }

    public var json: JSON {
        .object(present: [
            "entry": .integer(index), "printedName": printedName.map { .string($0) },
            "account": .integer(statement.account), "what": .string(statement.thing.rawValue),
            "meaning": .string(statement.meaning.rawValue), "reason": statement.reason.map { .string($0) },
            "at": .time(statement.at), "entries": .string(IndexList.text(statement.entries)),
            "recordSha256": .string(Hex.text(statement.digest)), "valid": .bool(fault == nil),
            "fault": fault.map { .string($0) },
        ])
    }
}

/// Holds a signature's entry against what it signs. Needs nothing but the ledger's entries.
public enum SignatureCheck {
    public static let entryKind = "record.signed"

    /// - Parameters:
    ///   - entry: the whole entry as it is hashed: `at`, `body`, `index`, `subject`.
    ///   - key: the key of an account that was in force before an index.
    ///   - leaf: the leaf hash of an entry.
    /// - Returns: why it does not hold; nil when it does.
    public static func fault(
        of entry: JSON, key: (_ account: Int64, _ before: Int64) throws -> VerifierKey?,
        leaf: (Int64) throws -> [UInt8]?
    ) rethrows -> String? {
        guard let text = entry["body"]?["note"]?.string, let note = try? SignedNote(parsing: text),
            let statement = SignatureStatement(parsing: note.text), let index = entry["index"]?.integer.map(Int64.init)
        else { return "it is not a signature in the one form" }
        guard says(entry, statement) else { return "its entry says something else than what was signed" }
        guard let key = try key(statement.account, index) else {
            return "account \(statement.account) had no key then"
        }
        guard note.signatures.count == 1, let verified = try? note.verified(by: [key]), verified.count == 1 else {
            return "it is not by the key of account \(statement.account)"
        }
        var leaves: [(index: Int64, leaf: [UInt8])] = []
        for signed in statement.entries {
            guard signed < index, let leaf = try leaf(signed) else {
                return "entry \(signed), which it signs, is missing"
            }
            leaves.append((signed, leaf))
        }
        return SignatureStatement.digest(leaves) == statement.digest ? nil : "what it signs is not what is there"
    }

    /// Whether what people read in the entry is what the key signed.
    private static func says(_ entry: JSON, _ statement: SignatureStatement) -> Bool {
        let body = entry["body"]
        return entry["subject"]?.string == statement.subject && entry["at"]?.string == "\(statement.at)"
            && body?["account"]?.integer.map(Int64.init) == statement.account
            && body?["what"]?.string == statement.thing.rawValue
            && body?["meaning"]?.string == statement.meaning.rawValue && body?["reason"]?.string == statement.reason
            && body?["recordSha256"]?.string == Hex.text(statement.digest)
    }
}

extension Reader {
    /// The signatures of a subject, oldest first, each held against what it signs.
    public func signatures(of subject: String) throws -> [CheckedSignature] {
        try ledgerEntries(of: subject, kinds: [SignatureCheck.entryKind]).compactMap { entry in
            guard let text = entry.body["note"]?.string, let note = try? SignedNote(parsing: text),
                let statement = SignatureStatement(parsing: note.text)
            else { return nil }
            let fault = try SignatureCheck.fault(of: entry.json, key: accountKey) { try leaf(of: $0) }
            return CheckedSignature(
                index: entry.index, statement: statement, printedName: entry.body["printedName"]?.string, fault: fault)
        }
    }

    /// The key of an account that was in force before an entry.
    public func accountKey(_ account: Int64, before index: Int64) throws -> VerifierKey? {
        let key = try ledgerEntries(of: Account.subject(account), kinds: ["account.key"]).last { $0.index < index }
        return key?.body["key"]?.string.flatMap { try? VerifierKey(parsing: $0) }
    }

    func leaf(of index: Int64) throws -> [UInt8]? {
        try row("SELECT leaf FROM ledger WHERE idx = ?", [index]).flatMap { Data.fromDatabaseValue($0["leaf"]) }
            .map { Array($0) }
    }
}
