import AndonInference
import AndonVision
import Foundation
import Testing

@Suite("ONNX Runtime found while running")
struct RuntimeTests {
    @Test("A library that is not there is told with all three places and how to get it")
    func missing() {
        #expect {
            try ONNXRuntimeLibrary.open(path: nil, environment: [ONNXRuntimeLibrary.variable: "/nowhere/lib.so"])
        } throws: { error in
            guard let error = error as? InferenceError else { return false }
            return error.kind == .unavailable
                && ["/nowhere/lib.so", "ANDON_ONNXRUNTIME", "libonnxruntime.so.1", "pip install onnxruntime"]
                    .allSatisfy { error.reason.contains($0) }
        }
    }

    @Test("A file that is no library, and a library of something else, are named as what they are")
    func others() {
        #expect(Self.reason(#filePath).contains("invalid ELF header"))
        #expect(Self.reason("libc.so.6").contains("not ONNX Runtime"))
    }

    @Test("A version without the interface that is used says its number")
    func otherVersion() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("onnx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = """
            static const void *api(unsigned version) { (void)version; return 0; }
            static const char *number(void) { return "9.9.9"; }
            static const struct { const void *(*a)(unsigned); const char *(*b)(void); } base = {api, number};
            const void *OrtGetApiBase(void) { return &base; }
            """
        let (file, library) = (folder.appendingPathComponent("a.c"), folder.appendingPathComponent("a.so"))
        try Data(source.utf8).write(to: file)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-o", library.path, file.path]
        try compiler.run()
        compiler.waitUntilExit()
        #expect(Self.reason(library.path).contains("ONNX Runtime 9.9.9 no longer has version 1"))
    }

    private static func reason(_ path: String) -> String {
        do throws(InferenceError) {
            _ = try ONNXRuntimeLibrary.open(path: path)
            return ""
        } catch {
            return error.reason
        }
    }

    @Test(
        "Bytes that are no model, cut or changed, are refused or run, and never end the process",
        .enabled(if: Counterpart.isThere, Counterpart.reason))
    func hostile() async throws {
        let library = try Counterpart.library()
        let whole = try Counterpart.model("classify")
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = Seeded(state: seed)
        #expect(await failure { _ = try ONNXRuntimeEngine(library: library, model: [], name: "m", threads: 1) } != nil)
        for _ in 0..<60 {
            var bytes = whole
            if Bool.random(using: &random) {
                bytes = Array(bytes.prefix(Int.random(in: 0..<whole.count, using: &random)))
            } else {
                for _ in 0..<4 {
                    bytes[Int.random(in: 0..<whole.count, using: &random)] = .random(in: 0...255, using: &random)
                }
            }
            let error = await failure {
                let engine = try ONNXRuntimeEngine(library: library, model: bytes, name: "m", threads: 1)
                await engine.close()
            }
            #expect(error == nil || error?.kind == .refused)
        }
    }

    @Test("A number of threads outside of 1 to 256 is refused", .enabled(if: Counterpart.isThere, Counterpart.reason))
    func threads() async throws {
        let library = try Counterpart.library()
        for threads in [0, 257] {
            let error = await failure {
                _ = try ONNXRuntimeEngine(
                    library: library, model: try Counterpart.model("detect"), name: "detect", threads: threads)
            }
            #expect(error?.reason == "model detect: \(threads) threads are not in 1...256")
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
