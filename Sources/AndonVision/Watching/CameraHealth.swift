import AndonModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Watches whether a camera still shows what it should. It is asked of every frame, or of every k-th, and answers with
/// what changed. It holds the last frame that it looked at.
///
/// A frame that is black or washed out is not judged further: one cause is one event. A frame of another size begins the
/// learning anew.
public struct CameraHealth: Sendable {
    /// The reduced copy is at most this wide.
    static let widthMax = 160
    /// Below this the frames of the learning are so unlike each other that no move can be told.
    static let likenessMin = 0.5
    /// Below this there is nothing sharp in the scene that could become blurred.
    static let sharpnessMin = 1e-5

    public let settings: CameraHealthSettings
    /// What the camera is held against; nil until it is learned.
    public private(set) var reference: CameraReference?
    private let zone: PictureZone
    private var votes: [CameraTrouble.Kind: TroubleVotes] = [:]
    private var learning: [SceneView] = []
    private var last: (pixels: Pixels, grey: GreyPicture)?
    private var lastFrame: Duration?
    private var unchangedSince: Duration?

    /// - Parameter reference: as kept from an earlier run; learned from the first good frames when nil.
    public init(_ settings: CameraHealthSettings, reference: CameraReference? = nil) {
        self.settings = settings
        self.reference = reference
        zone =
            settings.stillZone.map {
                PictureZone(left: $0.x, top: $0.y, right: $0.x + $0.width, bottom: $0.y + $0.height)
            } ?? PictureZone()
        for kind in settings.watches {
            let (needed, of) =
                switch kind {
                case .dead, .frozen: (1, 1)
                case .moved: (settings.begins, settings.movedOf)
                case .black, .washedOut, .blurred: (settings.begins, settings.begins)
                }
            votes[kind] = TroubleVotes(needed: needed, of: of, ends: settings.ends)
        }
    }

    /// What stands at present, and since when.
    public var standing: [CameraTrouble.Kind: Duration] { votes.compactMapValues(\.standsSince) }

    /// What cannot be judged on this camera, and why.
    public var unjudged: [CameraTrouble.Kind: String] {
        guard let reference else { return [:] }
        var reasons: [CameraTrouble.Kind: String] = [:]
        if reference.sharpness < Self.sharpnessMin {
            reasons[.blurred] = "the scene has no edges that could become blurred; give a stillZone with some"
        }
        if reference.likeness < Self.likenessMin {
            reasons[.moved] =
                "the frames that were learned from are too unlike each other (\(Self.text(reference.likeness)), at least "
                + "\(Self.text(Self.likenessMin))); give a stillZone in which nothing passes by"
        }
        return reasons.filter { settings.watches.contains($0.key) }
    }

    /// Looks at a frame that came.
    ///
    /// - Parameter uptime: when it came, on the clock that never jumps.
    /// - Returns: what began and what is over.
    public mutating func look(_ pixels: Pixels, at uptime: Duration) -> [CameraTrouble] {
        lastFrame = uptime
        var changes = vote(.dead, Symptom(isThere: false, figure: 0, why: "frames come again"), at: uptime)
        let grey = GreyPicture(glancingAt: pixels, widthMax: Self.widthMax)
        let view = SceneView(grey, zone: zone)
        let (dark, bright) = (darkness(view), brightness(view))
        changes += vote(.black, dark, at: uptime) + vote(.washedOut, bright, at: uptime)
        let isStill = last.map { isSame($0, pixels, grey) } ?? false
        unchangedSince = isStill ? unchangedSince ?? uptime : nil
        last = (pixels, grey)
        guard !dark.isThere, !bright.isThere else { return changes }
        changes += vote(.frozen, stillness(at: uptime), at: uptime)
        guard let reference, reference.fits(view) else {
            learn(view)
            return changes
        }
        if reference.sharpness >= Self.sharpnessMin {
            changes += vote(.blurred, blur(view, reference), at: uptime)
        }
        if reference.likeness >= Self.likenessMin {
            changes += vote(.moved, move(view, reference, width: pixels.width), at: uptime)
        }
        return changes
    }

    /// To be asked now and then while no frame comes.
    public mutating func silence(at uptime: Duration) -> [CameraTrouble] {
        let from = lastFrame ?? uptime
        lastFrame = from
        let silent = uptime - from
        guard silent >= settings.deadAfter else { return [] }
        let why = "no frame for \(Self.text(silent.seconds)) s; the limit is \(Quantity.text(settings.deadAfter))"
        return vote(.dead, Symptom(isThere: true, figure: silent.seconds, why: why), at: from)
    }

    /// Forgets the scene, for a camera that was turned on purpose: it is learned again from the next good frames.
    ///
    /// - Returns: what is over, since it was held against that scene.
    public mutating func learnAnew() -> [CameraTrouble] {
        (reference, learning) = (nil, [])
        return [CameraTrouble.Kind.blurred, .moved].compactMap { kind in
            votes[kind]?.end().map { since in
                CameraTrouble(kind: kind, isOver: true, since: since, why: "the scene is learned anew", figure: 0)
            }
        }
    }

    private mutating func learn(_ view: SceneView) {
        reference = nil
        if let first = learning.first, (first.width, first.height) != (view.width, view.height) { learning = [] }
        learning.append(view)
        guard learning.count >= settings.learnsFrom else { return }
        reference = CameraReference(learning)
        learning = []
    }

    private mutating func vote(
        _ kind: CameraTrouble.Kind, _ symptom: Symptom, at uptime: Duration
    ) -> [CameraTrouble] {
        guard let change = votes[kind]?.add(symptom.isThere, at: uptime) else { return [] }
        return [
            CameraTrouble(
                kind: kind, isOver: change.isOver, since: change.since, why: symptom.why, figure: symptom.figure)
        ]
    }

    private func isSame(_ before: (pixels: Pixels, grey: GreyPicture), _ pixels: Pixels, _ grey: GreyPicture) -> Bool {
        guard before.pixels.width == pixels.width, before.pixels.height == pixels.height,
            before.pixels.colour == pixels.colour
        else { return false }
        if settings.frozenNoise > 0 {
            var sum: Float = 0
            for index in grey.values.indices { sum += abs(grey.values[index] - before.grey.values[index]) }
            return Double(sum) <= settings.frozenNoise * Double(grey.values.count)
        }
        // Ends at the first byte that differs: of a camera that lives this reads next to nothing.
        return before.pixels.samples.withUnsafeBytes { old in
            pixels.samples.withUnsafeBytes { new in
                guard let left = old.baseAddress, let right = new.baseAddress else { return false }
                return memcmp(left, right, new.count) == 0
            }
        }
    }

    private func stillness(at uptime: Duration) -> Symptom {
        let still = unchangedSince.map { uptime - $0 } ?? .zero
        let isThere = unchangedSince != nil && still >= settings.frozenAfter
        let why =
            isThere
            ? "frames come and have not changed for \(Self.text(still.seconds)) s; the limit is "
                + Quantity.text(settings.frozenAfter) : "frames change again"
        return Symptom(isThere: isThere, figure: still.seconds, why: why)
    }

    private func darkness(_ view: SceneView) -> Symptom {
        Symptom(
            isThere: view.mean <= settings.blackBelow && view.high <= 2 * settings.blackBelow, figure: view.mean,
            why:
                "mean brightness \(Self.text(view.mean)) and 95th percentile \(Self.text(view.high)) of 255; the limits are "
                + "\(Self.text(settings.blackBelow)) and \(Self.text(2 * settings.blackBelow))")
    }

    private func brightness(_ view: SceneView) -> Symptom {
        Symptom(
            isThere: view.mean >= settings.washedOutAbove && view.low >= settings.washedOutAbove - 25,
            figure: view.mean,
            why:
                "mean brightness \(Self.text(view.mean)) and 5th percentile \(Self.text(view.low)) of 255; the limits are "
                + "\(Self.text(settings.washedOutAbove)) and \(Self.text(settings.washedOutAbove - 25))")
    }

    private func blur(_ view: SceneView, _ reference: CameraReference) -> Symptom {
        let share = view.sharpness / reference.sharpness
        return Symptom(
            isThere: share <= settings.blurredBelow, figure: share,
            why:
                "sharpness is \(Self.text(share)) of what was learned; the limit is \(Self.text(settings.blurredBelow))"
        )
    }

    private func move(_ view: SceneView, _ reference: CameraReference, width: Int) -> Symptom {
        let limit = Int((settings.movedByMax * Double(view.width)).rounded(.up))
        let shift = view.shift(against: reference, by: limit, by: limit)
        if shift.correlation < settings.unlikeBelow {
            return Symptom(
                isThere: true, figure: 0,
                why:
                    "the scene that was learned is not found again: likeness \(Self.text(shift.correlation)), the limit is "
                    + Self.text(settings.unlikeBelow))
        }
        let scale = Double(width) / Double(view.width)
        let length = Double(shift.across * shift.across + shift.down * shift.down).squareRoot() * scale
        let least = settings.movedBy * Double(width)
        return Symptom(
            isThere: length >= least, figure: length,
            why:
                "the scene lies \(Self.text(length)) pixels off (\(Self.text(Double(shift.across) * scale)) to the right, "
                + "\(Self.text(Double(shift.down) * scale)) down); the limit is \(Self.text(least))")
    }

    /// Two decimals are what a person can use.
    static func text(_ figure: Double) -> String { JSON.ecmaScriptText(of: (figure * 100).rounded() / 100) }
}
