import AndonModel
import AndonVision
import Synchronization

/// A folder that a vision system writes its pictures to.
///
/// A file is taken as soon as its writer closes it or moves it in. A sweep finds what was there before, and what the kernel does
/// not tell of (a network share); such a file must not have changed between two looks. A file is settled (moved, deleted,
/// remembered) only after its frame was delivered, so that nothing is lost by a stop: what comes twice then has the same
/// `note.id`, which is made of name, size and time of the last change.
public final class FolderSource: FrameSource {
    public struct Settings: Sendable, Hashable {
        /// What becomes of a file that was taken.
        public enum Afterwards: String, Sendable, Hashable, CaseIterable {
            /// It stays, and is remembered in `.andon-taken` within the folder.
            case leave
            /// Into the folder `done` within.
            case move
            case delete
        }

        /// Whether a `NAME.json` beside `NAME.jpg` is read.
        public enum SidecarUse: String, Sendable, Hashable, CaseIterable {
            case none
            /// When it is there before the picture.
            case optional
            /// The picture waits for it.
            case required
        }

        /// What a frame's capture time is, where no sidecar says it.
        public enum Clock: String, Sendable, Hashable, CaseIterable {
            case arrival
            /// The file's time of the last change.
            case file
        }

        public var path: String
        public var afterwards: Afterwards
        public var sidecar: SidecarUse
        public var clock: Clock
        /// Between the two looks at a file that a sweep found.
        public var stableFor: Duration
        public var sweepEvery: Duration
        /// Of one picture; larger ones are refused once and stay.
        public var bytesMax: Int

        public init(
            path: String, afterwards: Afterwards = .move, sidecar: SidecarUse = .optional, clock: Clock = .arrival,
            stableFor: Duration = .seconds(1), sweepEvery: Duration = .seconds(30), bytesMax: Int = 20_000_000
        ) {
            self.path = path
            self.afterwards = afterwards
            self.sidecar = sidecar
            self.clock = clock
            self.stableFor = stableFor
            self.sweepEvery = sweepEvery
            self.bytesMax = bytesMax
        }
    }

    static let doneFolder = "done"
    public let name: String
    public let settings: Settings
    let time: any TimeSource
    /// Files that cannot be taken as they are. Each is told of once, by an error that ends the run.
    let refused = Mutex<[String: FolderHandle.Mark]>([:])

    public var keepsWaiting: Bool { true }

    public init(name: String, settings: Settings, time: any TimeSource) {
        self.name = name
        self.settings = settings
        self.time = time
    }

    /// The folder is there, and what was taken can be settled.
    public func check() throws(CaptureError) { _ = try prepared() }

    private func prepared() throws(CaptureError) -> FolderHandle {
        let folder = try FolderHandle(settings.path)
        try folder.requireWriting()
        if settings.afterwards == .move { try folder.makeFolder(Self.doneFolder) }
        return folder
    }

    public func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        let folder = try prepared()
        // Before the first sweep: what is written meanwhile is told of by one of the two.
        let watch = try FolderWatch(settings.path)
        defer { watch.stop() }
        var pass = try FolderPass(self, folder, deliver)
        var sweepAt = time.uptime()
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        watch.wake()
        for await _ in watch.wakes {
            let news = watch.take()
            if news.isGone || !folder.isInPlace {
                throw CaptureError(.broken, "the folder \(settings.path) was moved or deleted")
            }
            if news.isOverflown { sweepAt = time.uptime() }
            try await pass.take(written: news.names)
            if time.uptime() >= sweepAt {
                try await pass.sweep()
                sweepAt = time.uptime() + (pass.hasUnripe ? settings.stableFor : settings.sweepEvery)
            }
            timer?.cancel()
            timer = Task { [time, wait = max(sweepAt - time.uptime(), .zero)] in
                if (try? await time.sleep(for: wait)) != nil { watch.wake() }
            }
        }
    }
}

/// What one run knows of the folder's files.
private struct FolderPass {
    private let source: FolderSource
    private let folder: FolderHandle
    private let deliver: @Sendable (Frame) async -> Void
    private var taken: TakenFiles?
    /// Files that a sweep found, as they were then, and since when they have been so.
    private var seen: [String: (mark: FolderHandle.Mark, since: Duration)] = [:]
    /// Whole pictures whose sidecar is not there.
    private var awaiting: Set<String> = []
    private var number = 0
    /// Whether a file was found that has to be looked at again.
    private(set) var hasUnripe = false

    private var settings: FolderSource.Settings { source.settings }

    init(
        _ source: FolderSource, _ folder: FolderHandle, _ deliver: @escaping @Sendable (Frame) async -> Void
    ) throws(CaptureError) {
        (self.source, self.folder, self.deliver) = (source, folder, deliver)
        taken = source.settings.afterwards == .leave ? try TakenFiles(folder) : nil
    }

    /// Files that their writers have closed, and pictures whose sidecar came now.
    mutating func take(written names: [String]) async throws(CaptureError) {
        for name in names {
            if FolderHandle.isPicture(name) {
                try await take(name)
            } else if name.hasSuffix(".json") {
                for picture in awaiting.sorted() where Self.sidecar(of: picture) == name { try await take(picture) }
            }
        }
    }

    /// Takes what has not changed for long enough, the oldest first.
    mutating func sweep() async throws(CaptureError) {
        let now = source.time.uptime()
        var found: [String: (mark: FolderHandle.Mark, since: Duration)] = [:]
        for name in try folder.pictures() {
            guard let mark = folder.mark(name), isNew(name, mark) else { continue }
            found[name] = seen[name].flatMap { $0.mark == mark ? $0 : nil } ?? (mark, now)
        }
        seen = found
        awaiting.formIntersection(found.keys)
        let ripe = found.filter { now - $0.value.since >= settings.stableFor }
        // An empty file is not waited for at this pace: nobody knows when its writer goes on.
        hasUnripe = found.contains { $0.value.mark.size > 0 && now - $0.value.since < settings.stableFor }
        let order = ripe.sorted { ($0.value.mark.nanoseconds, $0.key) < ($1.value.mark.nanoseconds, $1.key) }
        for (name, _) in order { try await take(name) }
    }

    private func isNew(_ name: String, _ mark: FolderHandle.Mark) -> Bool {
        taken?.has(name, mark) != true && source.refused.withLock { $0[name] != mark }
    }

    private mutating func take(_ name: String) async throws(CaptureError) {
        guard !Task.isCancelled, let mark = folder.mark(name), mark.size > 0, isNew(name, mark) else { return }
        do throws(CaptureError) {
            guard mark.size <= settings.bytesMax else {
                throw CaptureError(
                    .refused,
                    "the file \(settings.path)/\(name.cut(to: 120).withoutControls) has \(mark.size) bytes, and "
                        + "\(settings.bytesMax) are taken at most (bytesMax)")
            }
            guard let note = try sidecar(of: name) else {
                awaiting.insert(name)
                return
            }
            guard let bytes = try folder.read(name, as: mark) else { return }
            awaiting.remove(name)
            number += 1
            await deliver(frame(name, mark, bytes, note))
        } catch {
            if error.kind == .refused { source.refused.withLock { $0[name] = mark } }
            throw error
        }
        // While a stop is under way nobody says whether the frame was looked at to its end.
        if !Task.isCancelled { try settle(name, mark) }
    }

    private func frame(_ name: String, _ mark: FolderHandle.Mark, _ bytes: [UInt8], _ sidecar: Sidecar) -> Frame {
        var note = sidecar.note
        note.id = note.id ?? "\(name)/\(mark.size)/\(mark.nanoseconds)"
        note.attributes["file"] = .string(name)
        let (capturedAt, clock): (Timestamp, Frame.Clock) =
            if let time = sidecar.capturedAt {
                (time, .trigger)
            } else if settings.clock == .file {
                (Timestamp(microseconds: mark.nanoseconds / 1000), .file)
            } else {
                (source.time.now(), .arrival)
            }
        // What is no picture in truth is delivered too: the decoder refuses it, and there it is counted.
        let format = PixelDecoder.format(of: bytes) ?? (name.lowercased().hasSuffix(".png") ? .png : .jpeg)
        return Frame(
            number: number, capturedAt: capturedAt, clock: clock, arrivedAt: source.time.uptime(),
            picture: EncodedPicture(format: format, bytes: bytes), note: note)
    }

    // MARK: Sidecars

    static func sidecar(of name: String) -> String {
        name.lastIndex(of: ".").map { "\(name[..<$0]).json" } ?? "\(name).json"
    }

    /// An empty one where none is needed; nil when it is waited for. What is wrong in it goes along with the frame.
    private func sidecar(of name: String) throws(CaptureError) -> Sidecar? {
        let other = Self.sidecar(of: name)
        guard settings.sidecar != .none, let mark = folder.mark(other), mark.size > 0 else {
            return settings.sidecar == .required ? nil : Sidecar()
        }
        do throws(CaptureError) {
            guard mark.size <= Sidecar.bytesMax else {
                throw CaptureError(.refused, "it has over \(Sidecar.bytesMax) bytes")
            }
            return try folder.read(other, as: mark).map { bytes throws(CaptureError) in try Sidecar(bytes) }
        } catch {
            var fault = Sidecar()
            fault.note.attributes["sidecarFault"] = .string("\(other): \(error)".cut(to: 500).withoutControls)
            return fault
        }
    }

    // MARK: Afterwards

    private mutating func settle(_ name: String, _ mark: FolderHandle.Mark) throws(CaptureError) {
        seen[name] = nil
        // A file that was written anew meanwhile is another one.
        guard folder.mark(name) == mark else { return }
        let other = Self.sidecar(of: name)
        let companion = settings.sidecar == .none ? nil : folder.mark(other)
        switch settings.afterwards {
        case .leave: try taken?.add(name, mark)
        case .move:
            try folder.move(name, into: FolderSource.doneFolder, mark)
            if let companion { try folder.move(other, into: FolderSource.doneFolder, companion) }
        case .delete:
            try folder.delete(name)
            if companion != nil { try folder.delete(other) }
        }
    }
}
