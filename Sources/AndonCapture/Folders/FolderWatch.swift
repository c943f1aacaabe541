import AndonVision
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Tells of files that were closed after writing or moved into a folder (Linux inotify(7)), as soon as it happens.
///
/// Where the kernel does not see it, on a share that another machine writes to, nothing is told: a sweep has to find them.
final class FolderWatch: Sendable {
    /// What happened since it was asked last.
    struct News: Sendable {
        /// In their order, each once.
        var names: [String] = []
        fileprivate var known: Set<String> = []
        /// More happened than could be told.
        var isOverflown = false
        /// The folder was moved or unmounted. Deleting is not told of as long as the folder is open.
        var isGone = false
    }

    fileprivate static let namesMax = 10_000
    /// An element when there may be news, or when `wake` was called. Several of these come as one.
    let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let news = Mutex(News())
    private let isEnded = Mutex(false)
    private let events: Int32
    private let number: Int32

    /// - Throws: ``CaptureError`` when the kernel has no watch left, or the folder is not there.
    init(_ path: String) throws(CaptureError) {
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        events = inotify_init1(Int32(IN_CLOEXEC))
        let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR)
        number = events < 0 ? -1 : inotify_add_watch(events, path, mask)
        guard number >= 0 else {
            let words = String(cString: strerror(errno))
            if events >= 0 { close(events) }
            throw CaptureError(
                .unreachable,
                "the folder \(path) cannot be watched: \(words); where it says \"No space left\", raise "
                    + "fs.inotify.max_user_watches, and where it says \"Too many open files\", "
                    + "fs.inotify.max_user_instances")
        }
        // Waiting for the kernel takes a thread of its own: one of the few that tasks share would be missing there.
        Thread.detachNewThread { [self] in follow() }
    }

    /// Ends the watch.
    func stop() {
        // Its last event wakes the thread. The descriptor may have become another's once the thread has ended.
        isEnded.withLock { isEnded in if !isEnded { inotify_rm_watch(events, number) } }
        waker.finish()
    }

    func wake() { waker.yield() }

    func take() -> News {
        news.withLock { news in
            defer { news = News() }
            return news
        }
    }

    /// Until the kernel says that the watch has ended.
    private func follow() {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var isOver = false
        while !isOver {
            let count = read(events, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            isOver = count <= 0 || Self.note(buffer.prefix(count), news)
            waker.yield()
        }
        isEnded.withLock { isEnded in
            isEnded = true
            close(events)
        }
    }

    /// `struct inotify_event`: watch, mask, cookie, length of the name, each 4 bytes; then the name, filled up with zeros.
    ///
    /// - Returns: whether the watch has ended.
    private static func note(_ bytes: ArraySlice<UInt8>, _ news: borrowing Mutex<News>) -> Bool {
        var (rest, isOver) = (bytes, false)
        while rest.count >= 16 {
            func word(_ place: Int) -> UInt32 {
                rest.dropFirst(place).prefix(4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
            }
            let (mask, length) = (word(4), Int(word(12)))
            let name = String(decoding: rest.dropFirst(16).prefix(length).prefix { $0 != 0 }, as: UTF8.self)
            rest = rest.dropFirst(16 + length)
            if mask & UInt32(IN_IGNORED) != 0 { isOver = true }
            news.withLock { $0.add(mask, name) }
        }
        return isOver
    }
}

extension FolderWatch.News {
    fileprivate mutating func add(_ mask: UInt32, _ name: String) {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { isOverflown = true }
        if mask & UInt32(IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED) != 0 { isGone = true }
        guard !name.isEmpty, !name.hasPrefix("."), !known.contains(name) else { return }
        guard names.count < FolderWatch.namesMax else {
            isOverflown = true
            return
        }
        known.insert(name)
        names.append(name)
    }
}
