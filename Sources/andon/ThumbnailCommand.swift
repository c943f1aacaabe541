import AndonAnnotate
import ArgumentParser
import Foundation

/// A small copy of a picture, in a process of its own like `annotate`.
struct ThumbnailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thumbnail", abstract: "Makes a small, upright copy of a picture.")

    @Argument(help: "A JPEG or PNG file.")
    var picture: String

    @Option(help: "Of the copy, in pixels.")
    var width = 320

    @Option(name: .shortAndLong, help: "The JPEG file.")
    var output: String

    @OptionGroup var limits: PictureLimits

    func validate() throws {
        guard (1...4096).contains(width) else { throw ValidationError("--width is 1 to 4096") }
    }

    func run() throws {
        try limits.apply()
        try PictureLimits.reportingPictures {
            let file = try Data(contentsOf: URL(fileURLWithPath: picture))
            let copy = try Thumbnailer.thumbnail(Array(file), width: width, pixelsMax: limits.pixelsMax)
            try Data(copy).write(to: URL(fileURLWithPath: output), options: .atomic)
        }
    }
}
