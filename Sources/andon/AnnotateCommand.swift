import AndonAnnotate
import AndonDraw
import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Draws on one picture in a process of its own: what a hostile picture breaks here is this process alone. The server
/// calls it for every picture; a person may too.
struct AnnotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate",
        abstract: "Draws boxes, words and a legend on a picture; JPEG keeps all else bit for bit.")

    @Argument(help: "A JPEG or PNG file.")
    var picture: String

    @Option(name: .shortAndLong, help: "What is drawn: a JSON file with marks, title and legend (docs/evidence.md).")
    var annotation: String

    @Option(name: .shortAndLong, help: "The copy.")
    var output: String

    @Option(help: "Pictures with more pixels are not decoded.")
    var pixelsMax = 100_000_000

    @Option(help: "MiB of memory that may be used; 0 for no limit.")
    var memory = 0

    @Option(help: "Seconds of the processor that may be used; 0 for no limit.")
    var seconds = 0

    func run() throws {
        Self.limit(memory: memory, seconds: seconds)
        do {
            let file = try Data(contentsOf: URL(fileURLWithPath: picture))
            let drawing = try JSONDecoder().decode(
                Annotation.self, from: Data(contentsOf: URL(fileURLWithPath: annotation)))
            let result = try Annotator.annotate(Array(file), drawing, pixelsMax: pixelsMax)
            try Data(result.bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
            print("{\"height\":\(result.height),\"method\":\"\(result.method.rawValue)\",\"width\":\(result.width)}")
        } catch let error as AnnotateError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(Self.dataError)
        }
    }

    /// EX_DATAERR of sysexits.h: the picture's fault, not this program's.
    private static let dataError: Int32 = 65

    private static func limit(memory: Int, seconds: Int) {
        if memory > 0 {
            var limit = rlimit(rlim_cur: rlim_t(memory) << 20, rlim_max: rlim_t(memory) << 20)
            setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        }
        if seconds > 0 {
            var limit = rlimit(rlim_cur: rlim_t(seconds), rlim_max: rlim_t(seconds))
            setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
        }
        // No file of the dead process is worth its disk.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
