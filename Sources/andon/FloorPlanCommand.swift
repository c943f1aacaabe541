import AndonDraw
import ArgumentParser
import Foundation

/// Draws a floor plan once and keeps nothing of it: what a hostile file breaks here is this process alone. The server calls
/// it for every plan that is uploaded; a person may too.
struct FloorPlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor-plan", abstract: "Says whether a floor plan can be drawn, and its size.")

    @Argument(help: "An SVG, PNG or JPEG file.")
    var plan: String

    @OptionGroup var limits: PictureLimits

    func run() throws {
        try limits.apply()
        let file = try Data(contentsOf: URL(fileURLWithPath: plan))
        do throws(DrawError) {
            let found = try FloorPlan(Array(file))
            try found.tryOut()
            let frame = found.frame
            print("{\"height\":\(frame.height),\"left\":\(frame.left),\"top\":\(frame.top),\"width\":\(frame.width)}")
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(PictureLimits.dataError)
        }
    }
}
