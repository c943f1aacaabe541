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

    @OptionGroup var limits: PictureLimits

    func run() throws {
        try limits.apply()
        try PictureLimits.reportingPictures {
            let file = try Data(contentsOf: URL(fileURLWithPath: picture))
            let drawing = try JSONDecoder().decode(
                Annotation.self, from: Data(contentsOf: URL(fileURLWithPath: annotation)))
            let result = try Annotator.annotate(Array(file), drawing, pixelsMax: limits.pixelsMax)
            try Data(result.bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
            print("{\"height\":\(result.height),\"method\":\"\(result.method.rawValue)\",\"width\":\(result.width)}")
        }
    }
}

/// What a process may use for one picture.
struct PictureLimits: ParsableArguments {
    @Option(help: "Pictures with more pixels are not decoded.")
    var pixelsMax = 100_000_000

    @Option(help: "MiB of memory that may be used; 0 for no limit.")
    var memory = 0

    @Option(help: "Seconds of the processor that may be used; 0 for no limit.")
    var seconds = 0

    func validate() throws {
        guard pixelsMax > 0, (0...1 << 30).contains(memory), (0...86_400).contains(seconds) else {
            throw ValidationError("--pixels-max is above 0, --memory 0 to 2^30 MiB, --seconds 0 to 86400")
        }
    }

    func apply() throws {
        // What the allocator has in reserve by now, 64 MiB, comes on top.
        if memory > 0 { try limit(RLIMIT_AS, to: memory << 20) }
        if seconds > 0 { try limit(RLIMIT_CPU, to: seconds) }
        // No dump of a process that a picture broke is worth its disk.
        try limit(RLIMIT_CORE, to: 0)
    }

    private func limit(_ resource: __rlimit_resource, to value: Int) throws {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
            throw ValidationError("the system refuses the limit: \(String(cString: strerror(errno)))")
        }
    }

    /// EX_DATAERR of sysexits.h: the picture's fault, not this program's.
    static let dataError: Int32 = 65

    /// Says on standard error what is wrong with a picture, and ends with 65.
    static func reportingPictures(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as AnnotateError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(dataError)
        }
    }
}
