import AndonAudit
import ArgumentParser
import Foundation

/// Unpacks an archive of labels: one file after the other, each held against its checksum.
enum LabelFolder {
    /// - Returns: how many files there are.
    static func unpack(_ archive: String, to folder: String) throws -> Int {
        let files = FileManager.default
        let partial = folder + ".partial"
        try? files.removeItem(atPath: partial)
        do {
            try files.createDirectory(atPath: partial, withIntermediateDirectories: false)
            let reader = try PackageReader(path: archive)
            var count = 0
            while let (name, bytes) = try reader.next() {
                let parts = name.split(separator: "/", omittingEmptySubsequences: false)
                guard parts.count <= 2, !parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") }) else {
                    throw PackageFault(file: name, reason: "a file of this name has no place in such an archive")
                }
                if parts.count == 2 {
                    try files.createDirectory(
                        atPath: "\(partial)/\(parts[0])", withIntermediateDirectories: true)
                }
                try Data(bytes).write(to: URL(fileURLWithPath: "\(partial)/\(name)"))
                count += 1
            }
            try files.moveItem(atPath: partial, toPath: folder)
            return count
        } catch {
            try? files.removeItem(atPath: partial)
            throw CleanExit.failure("\(folder) could not be made, and nothing is left of it: \(error)")
        }
    }
}
