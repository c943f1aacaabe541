import AndonLedger
import AndonModel
import AndonTransparency
import Crypto
import Foundation
import GRDB

/// What opens a commitment of an entry: with the salt anybody can see that the value is the one that the entry commits to.
///
/// Values that were erased have none: the entry stays, and says nothing of what the name was.
struct NameOpening: Sendable, Equatable {
    /// Of the entry.
    var index: Int64
    /// A JSON Pointer into the entry's body.
    var member: String
    var salt: [UInt8]
    var value: String

    var json: JSON {
        [
            "entry": .integer(index), "member": .string(member), "salt": .string(Base64.text(salt)),
            "value": .string(value),
        ]
    }

    /// nil for what is no opening.
    init?(_ json: JSON) {
        guard let index = json["entry"]?.integer, let member = json["member"]?.string,
            let salt = json["salt"]?.string.flatMap(Base64.bytes), let value = json["value"]?.string
        else { return nil }
        self.init(index: Int64(index), member: member, salt: salt, value: value)
    }

    init(index: Int64, member: String, salt: [UInt8], value: String) {
        (self.index, self.member, self.salt, self.value) = (index, member, salt, value)
    }

    /// The member of a commitment (`docs/ledger.md`, "Names of persons").
    static let commitment = "saltedSha256"

    /// Whether it is of the commitment that stands in the body at its member: SHA-256 over salt and value.
    func opens(_ body: JSON) -> Bool {
        body.value(at: member)?[Self.commitment]?.string == Hex.text(SHA256.hash(data: salt + Array(value.utf8)))
    }
}

extension Reader {
    /// What is kept beside the entries.
    func openings(of indexes: [Int64]) throws -> [NameOpening] {
        try indexes.flatMap { index in
            try rows("SELECT member, salt, value FROM ledger_value WHERE idx = ? ORDER BY member", [index]).map {
                NameOpening(index: index, member: $0["member"], salt: Array($0["salt"] as Data), value: $0["value"])
            }
        }
    }
}
