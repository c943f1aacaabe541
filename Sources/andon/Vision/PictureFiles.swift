import AndonCapture
import AndonModel
import AndonVision
import ArgumentParser
import Foundation

/// Pictures that a command is given as files.
enum PictureFiles {
    static let bytesMax = 64 << 20
    static let pixelsMax = 100_000_000
    /// Of a folder.
    static let countMax = 100_000

    /// The JPEG and PNG files of a folder, not of those within it, by name.
    static func list(_ folder: String) throws -> [String] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw CleanExit.failure("\(folder) cannot be read as a folder; name the folder that the pictures are in")
        }
        let pictures = names.filter { name in
            !name.hasPrefix(".") && [".jpg", ".jpeg", ".png"].contains { name.lowercased().hasSuffix($0) }
        }
        guard pictures.count <= countMax else {
            throw CleanExit.failure("\(folder) has \(pictures.count) pictures; at most \(countMax) are read")
        }
        return pictures.sorted().map { (folder as NSString).appendingPathComponent($0) }
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// - Throws: `CaptureError`, which says what is wrong with the file.
    static func read(_ path: String) throws(CaptureError) -> EncodedPicture {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CaptureError(.unreachable, "\(path) cannot be opened")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: bytesMax + 1), data.count <= bytesMax else {
            throw CaptureError(.refused, "\(path) cannot be read, or has more than \(bytesMax) bytes")
        }
        do throws(CaptureError) { return try PixelDecoder.picture(Array(data), pixelsMax: pixelsMax) } catch {
            throw CaptureError(error.kind, "\(path): \(error.reason)")
        }
    }

    static func decode(
        _ picture: EncodedPicture, _ path: String, as colour: Pixels.Colour
    ) throws(CaptureError) -> Pixels {
        do throws(CaptureError) {
            return try PixelDecoder().decode(picture, as: colour, pixelsMax: pixelsMax)
        } catch {
            throw CaptureError(error.kind, "\(path): \(error.reason)")
        }
    }

    static func pixels(_ path: String, as colour: Pixels.Colour) throws(CaptureError) -> Pixels {
        try decode(read(path), path, as: colour)
    }
}
