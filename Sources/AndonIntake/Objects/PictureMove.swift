import AndonLedger
import AndonModel
import Crypto
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension PictureStore {
    /// Brings pictures from the folder that was theirs into the object storage. A file goes when the object storage has
    /// answered that it has it, so that an end at any place is gone on from by the next call; meanwhile reading finds them in
    /// the folder.
    ///
    /// - Parameter mayGoOn: asked before each picture.
    /// - Returns: what was moved, and files whose bytes are not what their names say: they stay where they are, as do
    ///   files that are no kept pictures.
    public func moveFormer(
        mayGoOn: () -> Bool = { !Task.isCancelled }
    ) async throws -> (moved: PictureCount, altered: [String]) {
        var moved = PictureCount()
        var altered: [String] = []
        guard let vault, let former else { return (moved, altered) }
        for shelf in 0...255 {
            let folder = "\(former)/\(Hex.text([UInt8(shelf)]))"
            let names = try await offThread { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }
            for name in names.sorted() {
                guard mayGoOn() else { return (moved, altered) }
                let sha256 = String(name.prefix { $0 != "." })
                guard let kept = try await vault.store.read({ try $0.keptPicture(sha256)?.picture }),
                    name == "\(kept.sha256).\(kept.mediaType.fileExtension)"
                else { continue }
                let path = "\(folder)/\(name)"
                guard try await offThread({ Self.digest(ofFile: path) }) == kept.sha256 else {
                    altered.append(path)
                    continue
                }
                let generation = try await vault.put(kept, file: path)
                try await vault.settle(kept, generation: generation, file: path)
                unlink(path)
                moved.add(kept)
            }
        }
        return (moved, altered)
    }

    /// Nil where it cannot be read.
    static func digest(ofFile path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        var hash = SHA256()
        while let piece = try? file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
        return Hex.text(hash.finalize())
    }
}
