/// Which files of a folder were taken and stay there, so that they are not taken again after a restart. Kept in the folder itself,
/// in `.andon-taken`: records `NAME/SIZE/NANOSECONDS` with a zero byte behind each.
struct TakenFiles: Sendable {
    static let fileName = ".andon-taken"
    private static let bytesMax = 64 << 20

    private var marks: [String: FolderHandle.Mark] = [:]
    private let folder: FolderHandle

    /// Reads the file, and leaves those out whose files have gone or changed. What cannot be read counts as not taken.
    init(_ folder: FolderHandle) throws(CaptureError) {
        self.folder = folder
        guard let own = folder.mark(Self.fileName), own.size <= Self.bytesMax,
            let bytes = try folder.read(Self.fileName, as: own)
        else { return }
        let records = bytes.split(separator: 0)
        for record in records {
            guard let (name, mark) = Self.parse(record), folder.mark(name) == mark else { continue }
            marks[name] = mark
        }
        guard marks.count < records.count else { return }
        let kept = marks.sorted { $0.key < $1.key }.flatMap { Self.record($0.key, $0.value) }
        try folder.write(kept, to: Self.fileName, isAnew: true)
    }

    func has(_ name: String, _ mark: FolderHandle.Mark) -> Bool { marks[name] == mark }

    mutating func add(_ name: String, _ mark: FolderHandle.Mark) throws(CaptureError) {
        try folder.write(Self.record(name, mark), to: Self.fileName, isAnew: false)
        marks[name] = mark
    }

    private static func record(_ name: String, _ mark: FolderHandle.Mark) -> [UInt8] {
        Array("\(name)/\(mark.size)/\(mark.nanoseconds)".utf8) + [0]
    }

    private static func parse(_ record: ArraySlice<UInt8>) -> (String, FolderHandle.Mark)? {
        let parts = String(decoding: record, as: UTF8.self).split(separator: "/")
        guard parts.count == 3, let size = Int(parts[1]), let nanoseconds = Int64(parts[2]) else { return nil }
        return (String(parts[0]), FolderHandle.Mark(size: size, nanoseconds: nanoseconds))
    }
}
