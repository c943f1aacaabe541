import AndonDraw
import AndonLedger
import AndonModel
import Foundation

/// Where uploaded floor plans lie, each under the digest of its bytes. One that is no longer in force stays: the ledger names
/// it.
struct PlanFolder: Sendable {
    let path: String

    init(dataFolder: String) { path = dataFolder + "/plans" }

    /// Keeps a file durably.
    ///
    /// - Returns: its name in the folder, as `plant.floorPlans` has it.
    /// - Throws: ``StoreError`` from the disk.
    func keep(_ bytes: [UInt8], as format: FloorPlan.Format) throws -> String {
        let name = "\(Hex.sha256(bytes)).\(format.fileExtension)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        try DurableFile.write(bytes, to: "\(path)/\(name)", mode: 0o640)
        return name
    }
}
