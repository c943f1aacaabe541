import AndonModel
import Foundation

/// Files in a folder that is shared with another system, as exchanges: `folder:///mnt/drop/in/x.csv`.
///
/// `GET` gives a file (`x-modified` is its change in microseconds since 1970), `HEAD` says whether it is there, `LIST`
/// gives a folder's names as a JSON array, and `PUT` writes a file that another program never sees half: beside its
/// place, flushed to the disk, then renamed.
///
/// 200 and 201 are done; 404 is not there; 403 is a right that is missing; 503 is a disk or share in trouble.
enum FolderWire {
    static let scheme = "folder://"
    /// Bytes of a file that is read whole.
    static let bytesMax = 64 << 20

    static func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        guard let path = request.url.dropFirst(scheme.count).removingPercentEncoding, path.hasPrefix("/"),
            !path.split(separator: "/").contains("..")
        else { throw .notSent("\(request.url) is no absolute path") }
        return try await Blocking.exchange(within: request.timeout ?? .seconds(45), named: path) {
            carry(request, at: path)
        }
    }

    private static func carry(_ request: WireRequest, at path: String) -> Result<WireResponse, WireError> {
        switch request.method {
        case "GET": return .success(read(path))
        case "HEAD": return .success(look(path))
        case "LIST": return .success(list(path))
        case "PUT": return .success(write(request.body, to: path))
        default: return .failure(.notSent("\(request.method) is nothing that a folder does"))
        }
    }

    /// The system's error as a status; its words go along.
    private static func refusal(_ path: String) -> WireResponse {
        let code = errno
        let status =
            switch code {
            case ENOENT, ENOTDIR: 404
            case EACCES, EPERM, EROFS: 403
            default: 503
            }
        return WireResponse(status: status, body: Array("\(path): \(String(cString: strerror(code)))".utf8))
    }

    private static func look(_ path: String) -> WireResponse {
        var about = stat()
        guard stat(path, &about) == 0 else { return refusal(path) }
        let modified = about.st_mtim.tv_sec * 1_000_000 + about.st_mtim.tv_nsec / 1000
        return WireResponse(
            status: 200,
            headers: [.init("x-modified", String(modified)), .init("content-length", String(about.st_size))])
    }

    private static func read(_ path: String) -> WireResponse {
        var answer = look(path)
        guard answer.status == 200 else { return answer }
        guard let handle = FileHandle(forReadingAtPath: path) else { return refusal(path) }
        defer { try? handle.close() }
        let data: Data
        do {
            // Nil is the end of an empty file.
            data = try handle.read(upToCount: bytesMax + 1) ?? Data()
        } catch {
            return refusal(path)
        }
        guard data.count <= bytesMax else {
            return WireResponse(status: 503, body: Array("\(path) is longer than \(bytesMax) bytes".utf8))
        }
        answer.body = Array(data)
        return answer
    }

    private static func list(_ path: String) -> WireResponse {
        guard let folder = opendir(path) else { return refusal(path) }
        defer { closedir(folder) }
        var names: [JSON] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(.string(name)) }
        }
        return WireResponse(status: 200, body: JSON.array(names).canonicalBytes)
    }

    private static func write(_ body: WireRequest.Body, to path: String) -> WireResponse {
        let draft = path + ".tmp"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o664)
        guard file >= 0 else { return refusal(draft) }
        let isWritten = fill(file, body) && fsync(file) == 0
        let failure = isWritten ? nil : refusal(draft)
        guard close(file) == 0, failure == nil else {
            unlink(draft)
            return failure ?? refusal(draft)
        }
        guard rename(draft, path) == 0 else { return refusal(path) }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return refusal(path) }
        defer { close(folder) }
        // Some network file systems flush no folders; the rename itself was taken.
        guard fsync(folder) == 0 || errno == EINVAL || errno == ENOTSUP else { return refusal(path) }
        return WireResponse(status: 201)
    }

    private static func fill(_ file: Int32, _ body: WireRequest.Body) -> Bool {
        switch body {
        case .none: return true
        case .bytes(let bytes): return put(bytes, file)
        case .file(let path, _): return copy(path, file)
        case .parts(let parts):
            return parts.allSatisfy { part in
                switch part {
                case .bytes(let bytes): put(bytes, file)
                case .file(let path, _): copy(path, file)
                case .base64(let path, _):
                    FileManager.default.contents(atPath: path).map { put(Array($0.base64EncodedData()), file) } ?? false
                }
            }
        }
    }

    private static func put(_ bytes: some Collection<UInt8>, _ file: Int32) -> Bool {
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    private static func copy(_ path: String, _ file: Int32) -> Bool {
        guard let source = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? source.close() }
        while let chunk = try? source.read(upToCount: 1 << 20), !chunk.isEmpty {
            guard put(chunk, file) else { return false }
        }
        return true
    }
}
