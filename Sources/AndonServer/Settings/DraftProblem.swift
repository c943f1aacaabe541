import AndonLedger
import AndonModel

/// What stands in the way of a draft, with what to do about it.
enum DraftProblem {
    static let changed = Problem(
        status: 409, type: "draft-changed", title: "Somebody else was faster",
        detail:
            "The draft was changed meanwhile and is as the other one left it. Look at it again, and send yours then.")

    static let tooMany = Problem(
        status: 409, type: "too-many-drafts", title: "There are too many drafts",
        detail: "\(RuleDrafting.aliveMax) drafts are under way. Discard those that nobody needs any more.")

    static let noChange = Problem(
        status: 422, type: "no-change", title: "Nothing would change",
        detail: "The draft says what the rules in force say. Change something first.")

    static let noObject = Problem(
        status: 422, type: "invalid-settings", title: "The settings have faults",
        detail: "The document is the section rules as an object, as the configuration has it.",
        errors: [.init(pointer: "", detail: "should be an object with options")])

    static let tooLarge = Problem(
        status: 413, type: "too-large", title: "The rules are too large",
        detail: "Send at most \(RuleDrafting.documentBytesMax) bytes.")

    static let waits = Problem(
        status: 409, type: "draft-waits", title: "The draft waits already",
        detail: "It was submitted, and a second person has to let it pass. Who changes it takes it back.")

    static let doesNotWait = Problem(
        status: 409, type: "draft-does-not-wait", title: "The draft was not submitted",
        detail: "Its author submits it first, with a reason; then a second person lets it pass.")

    static let noPerson = Problem(
        status: 403, type: "second-person", title: "A second person lets rules pass",
        detail:
            "This needs somebody who is signed in with an account of their own: no key of a program, and no server that "
            + "asks nobody who they are.")

    static let onlySomeSites = Problem(
        status: 403, type: "not-allowed", title: "This needs all sites",
        detail: "The rules hold in all of the plant. Ask somebody whose role names no site; a program needs a key that "
            + "names none.")

    static func samePerson(_ name: String) -> Problem {
        Problem(
            status: 403, type: "second-person", title: "A second person lets rules pass",
            detail: "\(name) submitted this draft, or you changed it yourself. Ask another person who may tune rules.")
    }

    static func ended(_ draft: RuleDraft) -> Problem {
        let state = draft.version.map { "came into force as version \($0)" } ?? "was discarded"
        return Problem(
            status: 409, type: "draft-ended", title: "The draft has ended",
            detail: "It \(state). Begin a new one.")
    }

    static func noPlace(_ pointer: String) -> Problem {
        Problem(
            status: 422, type: "invalid-pointer", title: "A pointer leads nowhere",
            detail:
                "Nothing can stand there: a pointer is like /classes/scratch/minConfidence, and each part of it is an "
                + "object's member or a place in an array.",
            errors: [.init(pointer: pointer.cut(to: 200), detail: "leads through what is no object and no array")])
    }

    static func noDocument(_ version: Int) -> Problem {
        Problem(
            status: 409, type: "no-document", title: "This version cannot be returned to",
            detail:
                "Version \(version) is from before documents were kept with the versions. Begin a draft, and change it "
                + "to what GET /api/v1/rules/\(version) says.")
    }

    static func outdated(_ draft: RuleDraft, _ clashes: [JSONMerge.Clash]) -> Problem {
        let advice =
            clashes.isEmpty
            ? "Nothing clashes: rebase the draft, and submit it again."
            : "Rebase the draft, and say what counts where both changed something: take mine, or take theirs."
        return Problem(
            status: 409, type: "draft-outdated", title: "Other rules are in force by now",
            detail: "The draft began with version \(draft.base). \(advice)",
            errors: clashes.prefix(200).map { Problem.Fault(pointer: $0.pointer, detail: $0.words) })
    }
}
