import AndonLedger
import AndonModel
import AndonSQL

/// A step that a phone sends with a key of its own, which it made when the form was filled in: sent again, because no
/// answer came, it is answered as the first time, and done once.
public struct DeskStep: Sendable {
    /// A random name: 16 to 64 letters, digits and hyphens.
    public let key: String
    /// Of who sends it; nil where the server asks nobody who they are.
    let account: Int64?
    /// SHA-256 over what is to be done, without names of people and without passwords.
    let digest: String

    static let keyCharacters = 16...64

    /// - Parameter content: each field of the form with its text.
    /// - Throws: ``Problem`` 422 `invalid-step` for a key that is none.
    public init(key: String, account: Int64?, content: [String: String]) throws {
        let isKey = key.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45: true
            default: false
            }
        }
        guard isKey, Self.keyCharacters.contains(key.utf8.count) else {
            throw Problem(
                status: 422, type: "invalid-step", title: "The step's key is none",
                detail: "The key of a step is a random name of 16 to 64 letters, digits and hyphens; a UUID is one.",
                errors: [.init(pointer: "/step", detail: "16 to 64 letters, digits and hyphens")])
        }
        self.key = key
        self.account = account
        digest = Hex.sha256(JSON.object(content.mapValues { .string($0) }).canonicalBytes)
    }
}

/// What became of a step; a step that comes again gets the same.
public struct StepAnswer: Sendable, Equatable {
    public var reference: Reference
    /// The state of the order behind it.
    public var state: OrderState
    public var at: Timestamp

    public var json: JSON {
        ["order": .string(reference.text), "state": .string(state.rawValue), "at": .time(at)]
    }

    init(reference: Reference, state: OrderState, at: Timestamp) {
        (self.reference, self.state, self.at) = (reference, state, at)
    }

    init?(_ json: JSON) {
        guard let reference = json["order"]?.string.flatMap({ Reference($0) }),
            let state = json["state"]?.string.flatMap({ OrderState(rawValue: $0) }),
            let at = json["at"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        self.init(reference: reference, state: state, at: at)
    }
}

extension Reader {
    /// The answer to a step that was done before; nil for a new one.
    ///
    /// - Throws: ``Problem`` 409 `step-taken` when the key was another step's.
    func answer(to step: DeskStep, _ action: String, of reference: Reference) throws -> StepAnswer? {
        guard let row = try row("SELECT * FROM desk_step WHERE key = ?", [step.key]) else { return nil }
        let told: (String, String, Int64?, String) = (row["reference"], row["action"], row["account"], row["digest"])
        guard told == (reference.text, action, step.account, step.digest) else {
            throw Problem(
                status: 409, type: "step-taken", title: "The key belongs to another step",
                detail:
                    "Something else was sent with this key before, and was done. Look at the order, and send what is "
                    + "still to be done once more.")
        }
        guard let answer = StepAnswer(try JSON(parsing: row["answer"] as String)) else {
            throw StoreError.inconsistent("the answer to the step \(step.key) cannot be read")
        }
        return answer
    }
}

extension Transaction {
    /// A phone that was without a network for longer sends its steps anew, and is told what it did.
    private static var stepsAgeMax: Duration { .seconds(90 * 86_400) }

    func keep(_ answer: StepAnswer, to step: DeskStep?, _ action: String) throws {
        guard let step else { return }
        try run("DELETE FROM desk_step WHERE at < ?", [(now - Self.stepsAgeMax).microseconds])
        try run(
            "INSERT INTO desk_step (key, reference, action, account, digest, at, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                step.key, answer.reference.text, action, step.account, step.digest, now.microseconds,
                answer.json.canonicalText,
            ])
    }
}
