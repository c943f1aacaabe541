import AndonFuzz
import CFuzzer
import Foundation

/// `fuzz list`, `fuzz seeds TARGET FOLDER`, `fuzz run TARGET` with libFuzzer's own arguments after it.
enum Run {
    static let arguments = CommandLine.arguments
    static let target = FuzzTarget.all.first { $0.name == arguments.dropFirst(2).first }

    static func main() throws -> Int32 {
        switch (arguments.dropFirst().first, target) {
        case ("list", _): for target in FuzzTarget.all { print(target.name) }
        case ("seeds", let target?) where arguments.count == 4:
            for (index, seed) in try target.seeds().enumerated() {
                try Data(seed).write(to: URL(fileURLWithPath: arguments[3]).appendingPathComponent("seed-\(index)"))
            }
        case ("run", _?): return drive()
        default:
            FileHandle.standardError.write(
                Data("usage: fuzz list | fuzz seeds TARGET FOLDER | fuzz run TARGET [LIBFUZZER ARGUMENTS]\n".utf8))
            return 64
        }
        return 0
    }

    private static func drive() -> Int32 {
        let words = [arguments[0]] + arguments.dropFirst(3)
        var count = Int32(words.count)
        // libFuzzer keeps them to its end, which is the program's.
        let texts = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: words.count + 1)
        for (index, word) in words.enumerated() { texts[index] = strdup(word) }
        texts[words.count] = nil
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = texts
        return LLVMFuzzerRunDriver(&count, &list) { data, size in
            guard let target = Run.target else { return -1 }
            do {
                try target.check(Array(UnsafeBufferPointer(start: data, count: size)))
            } catch {
                print("finding: \(target.name): \(error)")
                abort()
            }
            return 0
        }
    }
}

exit(try Run.main())
