import AndonModel
import AndonPrograms
import AndonVision
import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A program that writes pictures to its standard output, run for as long as somebody listens.
///
/// It is started by the system itself, in a group of its own and with nothing of ours open (`ChildStart` says
/// why not by Foundation). One thread reads it and waits for it, so that none of Swift's threads is held; the child is
/// killed when its reader goes and, through `setpriv` where that is installed, when this process dies.
struct StreamProgram: Sendable {
    /// A name that is looked for along the PATH, or a path.
    var program: String
    var arguments: [String]
    /// What must not stand in an error or a log.
    var secrets: [String]
    /// Without a picture for so long it is taken for dead.
    var stallAfter: Duration
    /// Bytes of one picture.
    var bytesMax: Int
    /// How the program is installed.
    var installed: String

    /// Hands over each picture with its arrival, and waits for `take`, so that a program which can wait does.
    ///
    /// - Returns: when the program has come to its end by itself, having written at least one picture.
    /// - Throws: `.missingTool`, `.unreachable` (no picture came), `.broken`; with the program's own last words.
    func run(
        time: any TimeSource, take: @escaping @Sendable (_ picture: [UInt8], _ arrivedAt: Duration) async -> Void
    ) async throws(CaptureError) {
        let path = try find(program)
        let passage = Passage()
        let (pictures, giver) = AsyncStream.makeStream(of: Item.self)
        Thread.detachNewThread {
            let end = Reading(program: self, path: path, passage: passage, time: time).run { giver.yield($0) }
            giver.yield(.ended(end))
            giver.finish()
        }
        let end: Ending? = await withTaskCancellationHandler {
            var end: Ending?
            for await item in pictures {
                switch item {
                case .picture(let bytes, let arrivedAt):
                    if !passage.isOver { await take(bytes, arrivedAt) }
                    passage.taken()
                case .ended(let found): end = found
                }
            }
            return end
        } onCancel: {
            passage.stop()
        }
        // A stream that is cancelled is left before its last word.
        passage.stop()
        if let error = end?.error(of: self), !Task.isCancelled { throw error }
    }

    private func find(_ name: String) throws(CaptureError) -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let places = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
        if let path = places.first(where: { access($0, X_OK) == 0 }) { return path }
        throw CaptureError(.missingTool, "the program \(name) is not installed: \(installed)")
    }

    /// Masked before anything is cut, as half a password is one too.
    fileprivate func lastLine(_ words: [UInt8]) -> String {
        let text = secrets.filter { !$0.isEmpty }.reduce(String(decoding: words, as: UTF8.self)) {
            $0.replacing($1, with: "***")
        }
        let line = text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) } ?? ""
        return String(line.suffix(500)).withoutControls
    }

    fileprivate enum Item: Sendable {
        case picture([UInt8], arrivedAt: Duration)
        case ended(Ending)
    }

    fileprivate struct Ending: Sendable {
        var pictures = 0
        var stalled = false
        var fault: String?
        var notStarted: String?
        var status: Int32 = 0
        /// The last bytes of its error output.
        var words: [UInt8] = []

        func error(of program: StreamProgram) -> CaptureError? {
            let line = program.lastLine(words)
            let said = line.isEmpty ? "" : ": \(line)"
            if let notStarted { return CaptureError(.broken, notStarted) }
            if let fault {
                return CaptureError(.broken, "\(program.program) wrote what is no stream of pictures: \(fault)")
            }
            if stalled {
                let seconds = program.stallAfter.seconds
                return CaptureError(
                    pictures == 0 ? .unreachable : .broken,
                    "no picture came for \(seconds) s; \(program.program) was ended\(said)")
            }
            if pictures == 0 { return CaptureError(.unreachable, "\(program.program) ended without a picture\(said)") }
            return status == 0 ? nil : CaptureError(.broken, "\(program.program) ended with status \(status)\(said)")
        }
    }
}

/// Between the thread that reads and the task that takes: one picture at a time, and the end that either may call.
private final class Passage: Sendable {
    private let state = Mutex((child: pid_t(0), isOver: false))
    private let turn = DispatchSemaphore(value: 0)

    var isOver: Bool { state.withLock { $0.isOver } }

    func taken() { turn.signal() }

    func wait() { if !isOver { turn.wait() } }

    func began(_ child: pid_t) {
        let isOver = state.withLock { state in
            state.child = child
            return state.isOver
        }
        if isOver { kill(-child, SIGKILL) }
    }

    /// - Parameter reap: called while nobody can kill the child's number, which the system may give to another afterwards.
    func ended(_ reap: () -> ChildEnd) -> ChildEnd {
        state.withLock { state in
            if state.child > 0 { kill(-state.child, SIGKILL) }
            state.child = 0
            return reap()
        }
    }

    func stop() {
        state.withLock { state in
            state.isOver = true
            if state.child > 0 { kill(-state.child, SIGKILL) }
        }
        turn.signal()
    }
}

/// What the thread does.
private struct Reading {
    let program: StreamProgram
    let path: String
    let passage: Passage
    let time: any TimeSource

    private static let wordsMax = 8192

    func run(_ give: (StreamProgram.Item) -> Void) -> StreamProgram.Ending {
        var end = StreamProgram.Ending()
        guard let (pictures, errors) = Pipe.pair() else {
            end.notStarted = "\(path) cannot be started: \(String(cString: strerror(errno)))"
            return end
        }
        defer {
            close(pictures.read)
            close(errors.read)
        }
        let child: pid_t
        do throws(ChildStart.Failure) {
            defer {
                close(pictures.write)
                close(errors.write)
            }
            child = try spawn(output: pictures.write, errors: errors.write)
        } catch {
            end.notStarted = error.description
            return end
        }
        passage.began(child)
        read(pictures.read, errors.read, &end, give)
        let ended = passage.ended { ChildEnd.wait(for: child) }
        // As a shell says it.
        end.status = ended.bySignal ? 128 + ended.status : ended.status
        return end
    }

    private func read(
        _ pictures: Int32, _ errors: Int32, _ end: inout StreamProgram.Ending, _ give: (StreamProgram.Item) -> Void
    ) {
        var reader = MultipartReader(bytesMax: program.bytesMax)
        var last = time.uptime()
        var isOpen = true
        withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { room in
            while isOpen, !passage.isOver {
                var waiting = [
                    pollfd(fd: pictures, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
                ]
                let ready = poll(&waiting, 2, 200)
                if ready < 0, errno != EINTR { break }
                if waiting[1].revents != 0 { hear(errors, room, &end) }
                // Also of a program that goes on writing and never finishes a picture.
                if time.uptime() - last > program.stallAfter {
                    end.stalled = true
                    return
                }
                guard ready > 0, waiting[0].revents != 0 else {
                    if waiting[1].revents & Int16(POLLHUP) != 0 { usleep(10_000) }
                    continue
                }
                let count = Glibc.read(pictures, room.baseAddress, room.count)
                if count < 0, errno == EINTR { continue }
                isOpen = count > 0
                do throws(MultipartReader.Fault) {
                    for picture in try reader.read(UnsafeRawBufferPointer(rebasing: room.prefix(max(0, count)))) {
                        end.pictures += 1
                        give(.picture(picture, arrivedAt: time.uptime()))
                        passage.wait()
                        last = time.uptime()
                    }
                } catch {
                    end.fault = error.description
                    return
                }
            }
            if !passage.isOver { while hear(errors, room, &end) {} }
        }
    }

    /// Keeps the end of what the program says.
    @discardableResult
    private func hear(
        _ errors: Int32, _ room: UnsafeMutableRawBufferPointer, _ end: inout StreamProgram.Ending
    ) -> Bool {
        let count = Glibc.read(errors, room.baseAddress, 4096)
        guard count > 0 else { return false }
        end.words = (end.words + room.prefix(count)).suffix(Self.wordsMax)
        return true
    }

    private func spawn(output: Int32, errors: Int32) throws(ChildStart.Failure) -> pid_t {
        // The signal comes when the thread ends that started the child: this one, which waits for it.
        let guardian = "/usr/bin/setpriv"
        let isGuarded = access(guardian, X_OK) == 0
        return try ChildStart(
            path: isGuarded ? guardian : path,
            arguments: (isGuarded ? ["--pdeathsig", "KILL", "--", path] : []) + program.arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"], output: .descriptor(output),
            errors: .descriptor(errors), leadsGroup: true
        ).start()
    }
}

private struct Pipe {
    let read: Int32
    let write: Int32

    private static func make() -> Pipe? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return Pipe(read: ends[0], write: ends[1])
    }

    /// For pictures and for words.
    static func pair() -> (Pipe, Pipe)? {
        guard let first = make() else { return nil }
        guard let second = make() else {
            close(first.read)
            close(first.write)
            return nil
        }
        return (first, second)
    }
}
