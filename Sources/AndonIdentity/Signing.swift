import AndonLedger
import AndonModel
import AndonSQL
import AndonTransparency
import Foundation

/// A person's wish to sign.
public struct SignatureRequest: Sendable {
    public var credentials: Credentials
    public var meaning: SignatureMeaning
    public var reason: String?

    public static let reasonMax = 1000

    /// - Throws: ``Problem`` for a meaning that there is none of.
    public init(login: String?, password: String?, meaning: String?, reason: String?) throws {
        guard let login, !login.isEmpty, let password, !password.isEmpty else {
            throw Self.fault("A signature has two components, login and password; both are asked for each time.")
        }
        guard let meaning = meaning.flatMap(SignatureMeaning.init) else {
            let words = SignatureMeaning.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.fault("\"meaning\" is one of \(words): what you say by signing.")
        }
        let line = reason?.replacing("\r", with: " ").replacing("\n", with: " ").trimmed ?? ""
        guard line.count <= Self.reasonMax else {
            throw Self.fault("\"reason\" has at most \(Self.reasonMax) characters.")
        }
        credentials = Credentials(login: login.trimmed, password: password)
        self.meaning = meaning
        self.reason = line.isEmpty ? nil : line
    }

    static func fault(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-signature", title: "It cannot be signed like this", detail: detail)
    }
}

extension Accounts {
    /// A person who may sign, with the key at hand.
    public func signer(_ request: SignatureRequest, of thing: SignedThing) async throws -> Unlocked {
        let purpose = "\(request.meaning.rawValue) of \(thing.rawValue)"
        let unlocked = try await unlock(request.credentials, for: purpose)
        let allowed = thing.roles(for: request.meaning)
        guard !Set(allowed).isDisjoint(with: unlocked.account.roles) else {
            try await store.write { try $0.refuse(unlocked.account, "no role that may", purpose) }
            throw AccountProblem.notAllowed(
                "To sign \(purpose) needs the role \(allowed.map(\.rawValue).joined(separator: " or ")); "
                    + "\(unlocked.account.login) is \(unlocked.account.roles.map(\.rawValue).joined(separator: ", ")).")
        }
        return unlocked
    }
}

extension Unlocked {
    /// A further signature line under a note, by the person's key.
    public func sign(note text: String) throws -> NoteSignature { try key.sign(text) }

    /// The public key.
    public var verifier: VerifierKey { key.verifier }
}

extension Transaction {
    /// Signs the entries that make up a thing.
    ///
    /// - Parameter entries: where they stand in the ledger.
    /// - Throws: ``Problem``: the account was changed since its password was checked; the same person signed the same
    ///   before; an author approves the own work.
    /// - Returns: the index of the signature's entry.
    @discardableResult
    public func sign(
        _ thing: SignedThing, of subject: String, entries: [Int64], as unlocked: Unlocked, _ request: SignatureRequest
    ) throws -> Int64 {
        let account = unlocked.account
        guard let current = try reader.account(account.number), current.state == .active,
            current.sealed == account.sealed
        else { throw AccountProblem.conflict("The account was changed meanwhile; sign again.") }
        guard !entries.isEmpty, entries.count <= IndexList.countMax else {
            throw SignatureRequest.fault(
                "There are \(entries.count) entries to sign; a signature is over 1 to \(IndexList.countMax).")
        }
        let sorted = Set(entries).sorted()
        try checkEarlier(signaturesOf: subject, thing, request.meaning, by: account, over: sorted)
        let leaves = try sorted.map { index -> (Int64, [UInt8]) in
            guard let leaf = try reader.leaf(of: index) else {
                throw StoreError.inconsistent("the ledger's entry \(index) is missing")
            }
            return (index, leaf)
        }
        let statement = SignatureStatement(
            subject: subject, thing: thing, meaning: request.meaning, reason: request.reason, account: account.number,
            at: now, entries: sorted, digest: SignatureStatement.digest(leaves))
        let note = try SignedNote(text: statement.text, signatures: [unlocked.sign(note: statement.text)])
        return try record(
            SignatureCheck.entryKind, of: subject,
            .object(present: [
                "account": .integer(account.number), "printedName": .string(account.printedName),
                "what": .string(thing.rawValue), "meaning": .string(request.meaning.rawValue),
                "reason": request.reason.map { .string($0) }, "recordSha256": .string(Hex.text(statement.digest)),
                "note": .string(note.description),
            ]), names: ["/printedName"])
    }

    /// The same twice says nothing new, unless the record went on in between; authors do not approve their own work.
    private func checkEarlier(
        signaturesOf subject: String, _ thing: SignedThing, _ meaning: SignatureMeaning, by account: Account,
        over entries: [Int64]
    ) throws {
        let own = try reader.signatures(of: subject).filter {
            $0.statement.account == account.number && $0.statement.thing == thing
        }
        if let last = own.last(where: { $0.statement.meaning == meaning }) {
            let later = try entries.contains { index in
                try index > last.index
                    && reader.count(
                        "SELECT COUNT(*) FROM ledger WHERE idx = ? AND kind <> ?", [index, SignatureCheck.entryKind])
                        > 0
            }
            guard later else {
                throw AccountProblem.conflict(
                    "You signed this with the same meaning on \(last.statement.at), and it has not changed since.")
            }
        }
        guard meaning == .approval || meaning == .review else { return }
        if own.contains(where: { [.authorship, .responsibility].contains($0.statement.meaning) }) {
            throw AccountProblem.conflict("You signed this as its author: somebody else reviews and approves it.")
        }
    }
}
