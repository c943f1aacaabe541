import AndonAnnotate
import ArgumentParser
import Foundation

/// The defect enlarged, in a process of its own like `annotate`.
struct CropCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crop", abstract: "Enlarges a part of a picture, beside the same part of another one.")

    @Argument(help: "A JPEG or PNG file.")
    var picture: String

    @Option(help: "Of the defect, in the file's own pixels: x,y,width,height.")
    var box: String

    @Option(help: "Words above the defect.")
    var title = ""

    @Option(help: "A picture of the same camera without a defect.")
    var good: String?

    @Option(help: "Words above the good picture.")
    var goodTitle = ""

    @Option(name: .shortAndLong, help: "The PNG file.")
    var output: String

    @OptionGroup var limits: PictureLimits

    func run() throws {
        try limits.apply()
        try PictureLimits.reportingPictures {
            let own = try Data(contentsOf: URL(fileURLWithPath: picture))
            let other = try good.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
            let png = try Cropper.crop(
                Array(own), box: box.split(separator: ",").compactMap { Double($0) }, title: title, good: other,
                goodTitle: goodTitle, pixelsMax: limits.pixelsMax)
            try Data(png).write(to: URL(fileURLWithPath: output), options: .atomic)
        }
    }
}
