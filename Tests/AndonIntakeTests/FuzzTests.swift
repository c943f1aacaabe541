import AndonIntake
import AndonModel
import AndonTesting
import Foundation
import Testing

/// Mutated inputs for every reader of outside bytes. `ANDON_FUZZ_COUNT` (inputs for each reader) and
/// `ANDON_FUZZ_SEED` make a longer or another run; a failure names the seed of its one input, and a crash is
/// found again by the seed that was printed first.
@Suite("Fuzz")
struct FuzzTests {
    private static let count = ProcessInfo.processInfo.environment["ANDON_FUZZ_COUNT"].flatMap { Int($0) } ?? 20_000
    private static let seed =
        ProcessInfo.processInfo.environment["ANDON_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_123

    /// Calls `check` with mutations of the samples, each from a seed of its own.
    private func fuzz(
        _ name: String, _ samples: [[UInt8]], isJSON: Bool = true, _ check: ([UInt8], inout SeededRandom) throws -> Bool
    ) rethrows {
        print("fuzz \(name): \(Self.count) inputs, seed \(Self.seed)")
        for index in 0..<Self.count {
            let seed = Self.seed &+ UInt64(index)
            var random = SeededRandom(seed: seed)
            let sample = random.pick(samples)
            let input =
                isJSON && random.chance(50) ? random.mutatedValues(sample) : random.mutated(sample, with: samples)
            let isRight = try check(input, &random)
            if !isRight {
                Issue.record("\(name): seed \(seed): \(String(decoding: input.prefix(500), as: UTF8.self))")
                return
            }
        }
    }

    private static func isShort(_ problem: Problem) -> Bool {
        problem.errors.count <= 100 && problem.json.canonicalBytes.count < 128 << 10
            && (400..<500).contains(problem.status)
    }

    @Test("JSON: what is accepted is written and read again as the same value")
    func json() {
        fuzz("JSON", FuzzSamples.inspections + FuzzSamples.frames) { input, _ in
            guard let value = try? JSON(parsing: input) else { return true }
            let bytes = value.canonicalBytes
            guard let again = try? JSON(parsing: bytes) else { return false }
            return again == value && again.canonicalBytes == bytes
        }
    }

    @Test("Inspection: what is accepted is stored and read again as the same inspection")
    func inspection() {
        fuzz("inspection", FuzzSamples.inspections) { input, random in
            let size = random.maybe { _ in PixelSize(width: 1920, height: 1080) }
            do throws(Problem) {
                let read = try InspectionReader().read(input, pictureSize: size)
                let again = try InspectionReader().read(
                    InspectionReader.json(of: read).canonicalBytes, pictureSize: size)
                return again == read
            } catch {
                return Self.isShort(error)
            }
        }
    }

    @Test("Frame counts: what is accepted is stored and read again as the same batch")
    func frameCounts() {
        fuzz("frame counts", FuzzSamples.frames) { input, _ in
            do throws(Problem) {
                let read = try FrameCountReader().read(input)
                return try FrameCountReader().read(FrameCountReader.json(of: read).canonicalBytes) == read
            } catch {
                return Self.isShort(error)
            }
        }
    }

    @Test("CloudEvents: what is accepted holds an object, and a refusal is short")
    func cloudEvents() {
        fuzz("CloudEvents", FuzzSamples.events) { input, random in
            let type = random.pick([
                "application/cloudevents+json", "application/json", "application/cloudevents-batch+json",
            ])
            let header = random.maybe { $0.pick(["1.0", "", "%", "%zz", "a%00b", "\u{FFFD}"]) }
            do throws(Problem) {
                let document = try CloudEvents().document(input, contentType: type) { _ in header }
                return header != nil || type == "application/json" || document.json.object != nil
            } catch {
                return Self.isShort(error)
            }
        }
    }

    @Test("Multipart: however a body is cut, it has the same parts or the same kind of refusal")
    func multipart() {
        fuzz("multipart", FuzzSamples.multiparts, isJSON: false) { input, random in
            let pieces = (0..<random.int(0...40)).map { _ in random.int(0...40) }
            let whole = Result { () throws(Problem) in try CollectedParts(input, boundary: "x") }
            let cut = Result { () throws(Problem) in try CollectedParts(input, boundary: "x", pieces: pieces) }
            switch (whole, cut) {
            case (.success(let one), .success(let other)):
                return one == other && one.parts.reduce(0) { $0 + $1.bytes.count } <= input.count
            case (.failure(let one), .failure(let other)): return one == other && Self.isShort(one)
            default: return false
            }
        }
    }

    @Test("Picture: however the bytes are cut, the finding is the same")
    func picture() {
        fuzz("picture", FuzzSamples.pictures, isJSON: false) { input, random in
            let cut = random.int(0...input.count)
            let whole = Result { () throws(Problem) in try Self.probe([input[...]]) }
            let pieces = Result { () throws(Problem) in try Self.probe([input[..<cut], input[cut...]]) }
            if case .failure(let problem) = whole, !Self.isShort(problem) { return false }
            return whole == pieces
        }
    }

    private static func probe(_ pieces: [ArraySlice<UInt8>]) throws(Problem) -> ProbedPicture {
        var probe = PictureProbe()
        for piece in pieces { try probe.feed(piece) }
        return try probe.finish()
    }
}
