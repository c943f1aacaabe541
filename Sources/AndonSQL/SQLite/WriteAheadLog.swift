import Foundation

/// SQLite's write-ahead log, as its file format has it (sqlite.org/fileformat2.html, section 4).
///
/// At the first open after a crash SQLite takes the log up to the first frame whose checksum fails, and passes over what is behind.
/// For the end of a log that a power cut tore that is right: such a commit was never answered. For a page that went bad later
/// it is a silent loss. The two differ: a commit is synced before the next transaction's first frame is written, so where a bad
/// frame's transaction has another one behind it, it was durable once.
public enum WriteAheadLog {
    /// What an open would pass over.
    public struct Loss: Sendable, Equatable, CustomStringConvertible {
        /// The first bad frame, counted from 1, and the page of the database that it holds; 0 where the log's header is bad.
        public var frame: Int
        public var page: UInt32
        /// Commits from there on.
        public var commits: Int

        public var description: String {
            let place = frame == 0 ? "its header" : "frame \(frame), which holds page \(page) of the database,"
            return
                "\(place) is not what was written, and \(commits) transactions from there on, which were durable, cannot be read"
        }
    }

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    private static let magic: UInt32 = 0x377f_0682

    /// Nil where nothing durable would be lost. To be asked while nobody writes.
    ///
    /// - Parameter path: of the database.
    public static func loss(at path: String) -> Loss? {
        guard let log = try? Data(contentsOf: URL(fileURLWithPath: path + "-wal"), options: .alwaysMapped) else {
            return nil
        }
        return log.withUnsafeBytes { loss(in: $0, pageBytes: pageBytes(of: path)) }
    }

    /// The same of a log's bytes.
    ///
    /// - Parameter pageBytes: of the database, for a log whose own header does not say it any more.
    public static func loss(in log: UnsafeRawBufferPointer, pageBytes: Int?) -> Loss? {
        guard log.count > headerBytes else { return nil }
        return Reading(log: log, pageBytes: pageBytes)?.loss()
    }

    private static func pageBytes(of path: String) -> Int? {
        guard let file = FileHandle(forReadingAtPath: path), let head = try? file.read(upToCount: 18), head.count == 18
        else { return nil }
        let size = Int(head[16]) << 8 | Int(head[17])
        return size == 1 ? 65_536 : size
    }

    private struct Reading {
        let log: UnsafeRawBufferPointer
        let frameBytes: Int
        let isHeaderRight: Bool
        /// Of this generation of the log: frames of the one before have others.
        let salts: (UInt32, UInt32)
        private let isBigEndian: Bool

        init?(log: UnsafeRawBufferPointer, pageBytes: Int?) {
            func word(_ place: Int) -> UInt32 {
                UInt32(bigEndian: log.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            }
            self.log = log
            let first = word(0)
            isBigEndian = first & 1 == 1
            let sum = Self.sum(log, 0..<24, (0, 0), isBigEndian: isBigEndian)
            isHeaderRight = first & ~1 == WriteAheadLog.magic && sum == (word(24), word(28))
            // A power of two from 512 to 65,536 (section 1.3.2): anything else is no log of SQLite's.
            guard let page = isHeaderRight ? Int(word(8)) : pageBytes, page.nonzeroBitCount == 1,
                512...65_536 ~= page
            else { return nil }
            frameBytes = page + WriteAheadLog.frameHeaderBytes
            guard log.count >= WriteAheadLog.headerBytes + frameBytes else { return nil }
            salts =
                isHeaderRight
                ? (word(16), word(20))
                : (word(WriteAheadLog.headerBytes + 8), word(WriteAheadLog.headerBytes + 12))
        }

        private func word(_ place: Int) -> UInt32 {
            UInt32(bigEndian: log.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        }

        private func place(of frame: Int) -> Int { WriteAheadLog.headerBytes + frame * frameBytes }

        private func isOurs(_ frame: Int) -> Bool {
            let place = place(of: frame)
            return word(place + 8) == salts.0 && word(place + 12) == salts.1
        }

        func loss() -> Loss? {
            let frames = (log.count - WriteAheadLog.headerBytes) / frameBytes
            let bad = isHeaderRight ? firstBad(of: frames) : 0
            guard let bad else { return nil }
            let commits = (bad..<frames).filter { isOurs($0) && word(place(of: $0) + 4) != 0 }
            guard let first = commits.first, let last = (bad..<frames).last(where: isOurs), last > first else {
                return nil
            }
            return Loss(
                frame: isHeaderRight ? bad + 1 : 0, page: isHeaderRight ? word(place(of: bad)) : 0,
                commits: commits.count)
        }

        private func firstBad(of frames: Int) -> Int? {
            var sum = (word(24), word(28))
            for frame in 0..<frames {
                let place = place(of: frame)
                guard isOurs(frame) else { return frame }
                sum = Self.sum(log, place..<place + 8, sum, isBigEndian: isBigEndian)
                sum = Self.sum(
                    log, place + WriteAheadLog.frameHeaderBytes..<place + frameBytes, sum, isBigEndian: isBigEndian)
                guard sum == (word(place + 16), word(place + 20)) else { return frame }
            }
            return nil
        }

        /// The format's running checksum over pairs of words.
        private static func sum(
            _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ start: (UInt32, UInt32), isBigEndian: Bool
        ) -> (UInt32, UInt32) {
            var (first, second) = start
            var place = range.lowerBound
            while place < range.upperBound {
                let pair = (
                    bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self),
                    bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
                )
                let isSwapped = isBigEndian == (UInt32(bigEndian: 1) != 1)
                first &+= (isSwapped ? pair.0.byteSwapped : pair.0) &+ second
                second &+= (isSwapped ? pair.1.byteSwapped : pair.1) &+ first
                place += 8
            }
            return (first, second)
        }
    }
}
