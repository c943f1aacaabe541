import AndonLedger
import AndonModel
import AndonTransparency

/// What opens a commitment of an entry, as a package has it (`docs/ledger.md`, "Names of persons").
struct NameOpening: Sendable, Equatable {
    /// Of the entry.
    var index: Int64
    var value: Commitment.Value

    var json: JSON {
        [
            "entry": .integer(index), "member": .string(value.member), "salt": .string(Base64.text(value.salt)),
            "value": .string(value.text),
        ]
    }

    init(index: Int64, value: Commitment.Value) { (self.index, self.value) = (index, value) }

    /// nil for what is no opening.
    init?(_ json: JSON) {
        guard let index = json["entry"]?.integer, let member = json["member"]?.string,
            let salt = json["salt"]?.string.flatMap(Base64.bytes), let text = json["value"]?.string
        else { return nil }
        self.init(index: Int64(index), value: Commitment.Value(member: member, salt: salt, text: text))
    }
}
