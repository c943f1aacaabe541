import AndonDraw
import AndonLedger
import AndonModel
import Synchronization

/// What a floor plan's file is, without its bytes.
struct PlanSheet: Sendable, Hashable {
    var frame: FloorPlan.Frame
    var mediaType: String
    /// Hexadecimal.
    var sha256: String
    var bytes: Int

    /// - Returns: nil for what is no floor plan.
    init?(_ file: PlanFile) {
        guard let plan = try? FloorPlan(file.bytes) else { return nil }
        frame = plan.frame
        mediaType = plan.format.mediaType
        sha256 = Hex.sha256(file.bytes)
        bytes = file.bytes.count
    }
}

extension FloorPlan.Format {
    var mediaType: String {
        switch self {
        case .svg: "image/svg+xml"
        case .png: "image/png"
        case .jpeg: "image/jpeg"
        }
    }

    var fileExtension: String {
        switch self {
        case .svg: "svg"
        case .png: "png"
        case .jpeg: "jpg"
        }
    }
}

/// The sheets of the plant's floor plans, worked out once for each file: the map asks for them every few seconds.
final class PlanSheets: Sendable {
    private struct Kept {
        var file: PlanFile
        /// Nil for what is no floor plan.
        var sheet: PlanSheet?
    }

    private let kept = Mutex<[String: Kept]>([:])

    /// By the plans' names.
    func sheets(of plans: [String: PlanFile]) -> [String: PlanSheet] {
        let known = kept.withLock { $0 }
        // The bytes of a plan that is still in force are the same memory: that is what makes this quick.
        var found: [String: Kept] = [:]
        for (name, file) in plans {
            let old = known[name].flatMap { $0.file == file ? $0 : nil }
            found[name] = old ?? Kept(file: file, sheet: PlanSheet(file))
        }
        kept.withLock { [found] in $0 = found }
        return found.compactMapValues(\.sheet)
    }
}
