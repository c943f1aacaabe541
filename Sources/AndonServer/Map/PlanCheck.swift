import AndonDraw
import AndonIntake
import AndonModel
import NIOPosix

/// Looks at an uploaded floor plan by its content: its name says nothing.
///
/// An SVG may hold scripts and references to the outside. They stay in the file and do nothing: librsvg runs no script and
/// has no place to look for other files in; a browser shows the file as a picture, which runs and loads nothing either, and
/// whoever opens it by itself gets it under a policy that allows nothing.
struct PlanCheck: Sendable {
    /// Draws in a process of its own; nil where none can be started: then it is drawn here.
    let worker: PictureWorker?

    /// - Throws: ``Problem`` 422 `invalid-plan`, or 413 for too many bytes; 503 where no drawing could be tried.
    func plan(_ bytes: [UInt8]) async throws -> FloorPlan {
        guard !bytes.isEmpty else { throw Self.problem("choose a file: SVG, PNG or JPEG") }
        guard bytes.count <= FloorPlan.bytesMax else { throw Self.tooLarge }
        try Self.look(bytes)
        do {
            try await worker?.tryOut(plan: bytes)
        } catch let failure as PictureWorker.Failure {
            guard failure.isOfThePicture else {
                throw Problem(
                    status: 503, type: "not-drawn", title: "The floor plan could not be tried out",
                    detail: "Nothing was kept: \(failure.description). Send it again.")
            }
            throw Self.problem(failure.description)
        }
        let (plan, fault) = try await NIOThreadPool.singleton.runIfActive { [worker] in
            Self.read(bytes, triesOut: worker == nil)
        }
        guard let plan else { throw Self.problem("the picture \(fault ?? "cannot be read")") }
        return plan
    }

    private static func read(_ bytes: [UInt8], triesOut: Bool) -> (FloorPlan?, String?) {
        do throws(DrawError) {
            let plan = try FloorPlan(bytes)
            if triesOut { try plan.tryOut() }
            return (plan, nil)
        } catch {
            if case .picture(let words) = error { return (nil, words) }
            return (nil, "cannot be drawn: \(error)")
        }
    }

    /// What can be told without decoding.
    private static func look(_ bytes: [UInt8]) throws {
        let isPicture = bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) || bytes.starts(with: [0xFF, 0xD8])
        guard isPicture else { return try lookAtText(bytes) }
        var probe = PictureProbe()
        try probe.feed(bytes)
        if let damage = try probe.finish().damage {
            throw problem("the picture is damaged (\(damage)); save it again from where it was made")
        }
    }

    /// An SVG is text. A packed one (.svgz) would be shown by few, and unfold to any size.
    private static func lookAtText(_ bytes: [UInt8]) throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
        let first = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == UInt8(ascii: "<") else {
            let hint =
                bytes.starts(with: [0x1F, 0x8B]) ? "it is packed (.svgz): save it as plain SVG" : "its bytes say so"
            throw problem("the file is neither SVG, PNG nor JPEG: \(hint)")
        }
    }

    static func problem(_ detail: String, at pointer: String = "/picture") -> Problem {
        Problem(
            status: 422, type: "invalid-plan", title: "The floor plan cannot be taken",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ". Nothing was kept.",
            errors: [.init(pointer: pointer, detail: detail)])
    }

    static let tooLarge = Problem(
        status: 413, type: "too-large", title: "The floor plan is too large",
        detail:
            "A floor plan has at most \(FloorPlan.bytesMax) bytes; make the drawing simpler or the picture smaller.",
        errors: [.init(pointer: "/picture", detail: "more than \(FloorPlan.bytesMax) bytes")])
}
