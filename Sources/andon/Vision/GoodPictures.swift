import AndonCapture
import AndonLedger
import AndonVision

/// The good pictures that a model is to be learned from, looked at before anything is learned.
struct GoodPictures {
    /// More say nothing new, and take an hour.
    static let countMax = 5_000
    static let countAdvised = 50

    /// In the order of their names; each can be read and is there once.
    private(set) var paths: [String] = []
    /// What a person should know, in sentences.
    private(set) var notes: [String] = []
    private(set) var width = 0
    private(set) var height = 0

    /// - Throws: with everything that keeps these pictures from being learned from.
    init(folder: String) throws {
        let all = try PictureFiles.list(folder)
        guard all.count <= Self.countMax else {
            throw PictureFault([
                "\(folder) has \(all.count) pictures; at most \(Self.countMax) are taken, 500 are plenty"
            ])
        }
        var (names, sizes, unreadable, twice) = ([String: String](), [[Int]: [String]](), [String](), [String]())
        for path in all {
            do throws(CaptureError) {
                let picture = try PictureFiles.read(path)
                // A copy would be learned from in one part and scored in another, and make the threshold too low.
                let hash = Hex.sha256(picture.bytes)
                if let first = names[hash] {
                    twice.append("\(path) is the same as \(first)")
                    continue
                }
                let pixels = try PictureFiles.decode(picture, path, as: .grey)
                names[hash] = path
                sizes[[pixels.width, pixels.height], default: []].append(path)
                paths.append(path)
            } catch {
                unreadable.append(error.reason)
            }
        }
        notes += Self.listed(unreadable, "cannot be read and are left out")
        notes += Self.listed(twice, "are there twice and are taken once")
        let usual = sizes.max { $0.value.count < $1.value.count }
        (width, height) = (usual?.key[0] ?? 0, usual?.key[1] ?? 0)
        var faults: [String] = []
        if sizes.count > 1 {
            let odd = sizes.filter { $0.key != usual?.key }.flatMap { size, paths in
                paths.map { "\($0) is \(size[0]) by \(size[1])" }
            }
            faults.append(
                "the pictures have \(sizes.count) sizes, and places are compared with each other; give pictures of one camera "
                    + "setting. Most are \(width) by \(height)")
            faults += Self.listed(odd.sorted(), "have another size")
        }
        if paths.count < AnomalyLearning.picturesMin {
            faults.append(
                "\(folder) has \(paths.count) pictures to learn from; give at least \(AnomalyLearning.picturesMin), better "
                    + "\(Self.countAdvised) to 500")
        } else if paths.count < Self.countAdvised {
            notes.append(
                "\(paths.count) pictures are few; from \(Self.countAdvised) on the threshold is worth trusting")
        }
        guard faults.isEmpty else { throw PictureFault(notes + faults) }
    }

    private static func listed(_ lines: [String], _ words: String) -> [String] {
        lines.isEmpty
            ? []
            : ["\(lines.count) pictures \(words):"] + lines.prefix(5).map { "    \($0)" }
                + (lines.count > 5 ? ["    and \(lines.count - 5) more"] : [])
    }
}

/// Why pictures cannot be learned from, all reasons at once.
struct PictureFault: Error, CustomStringConvertible {
    let lines: [String]

    init(_ lines: [String]) { self.lines = lines }

    var description: String { lines.joined(separator: "\n") }
}
