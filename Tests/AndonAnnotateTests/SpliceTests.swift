import AndonDraw
import Foundation
import Testing

@testable import AndonAnnotate

@Suite("A JPEG copied by its bits")
struct SpliceTests {
    /// The copies by way of the bits and of the coefficients; the first is nil where the bits cannot be copied.
    private func both(
        _ file: [UInt8], _ annotation: Annotation, _ width: Int, _ height: Int
    ) throws -> (bits: [UInt8]?, coefficients: [UInt8]) {
        try file.withUnsafeBufferPointer { bytes in
            let (one, other) = (
                try JPEGAnnotator(bytes, pixelsMax: 1 << 24), try JPEGAnnotator(bytes, pixelsMax: 1 << 24)
            )
            let overlay = try AnnotationOverlay(annotation, width: width, height: height, unit: one.unit)
            return (try one.spliced(overlay, one.segments()), try other.recoded(overlay, other.segments()))
        }
    }

    private func annotation(_ width: Int, _ height: Int, _ random: inout SplitMix) -> Annotation {
        let marks = (0..<Int.random(in: 0...5, using: &random)).map { number in
            let left = Double.random(in: 0..<Double(width), using: &random)
            let top = Double.random(in: 0..<Double(height), using: &random)
            return Annotation.Mark(
                box: [
                    left, top, Double.random(in: 0...Double(width) - left, using: &random),
                    Double.random(in: 0...Double(height) - top, using: &random),
                ], label: "mark \(number)", band: "critical", rank: number)
        }
        return Annotation(marks: marks, title: "T", legend: [])
    }

    @Test("It holds the same coefficients as the copy by way of all of them", arguments: 1...40)
    func sameAsRecoded(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let (width, height) = (Int.random(in: 1...300, using: &random), Int.random(in: 1...200, using: &random))
        let isGrey = Bool.random(using: &random)
        var options = ["-quality", "\(Int.random(in: 1...100, using: &random))"]
        options += [
            "-sample", try #require(["1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2"].randomElement(using: &random)),
        ]
        if Bool.random(using: &random) { options += ["-restart", "\(Int.random(in: 1...9, using: &random))B"] }
        if Bool.random(using: &random), !isGrey { options += ["-rgb"] }
        let file = try Tool.jpeg(.noisy(width, height, channels: isGrey ? 1 : 3, seed: seed), options)
        let copies = try both(file, annotation(width, height, &random), width, height)
        let bits = try #require(copies.bits, "seed \(seed): \(options)")
        #expect(try coefficients(bits) == coefficients(copies.coefficients), "seed \(seed): \(options)")
        // Another program reads it to the end without a warning.
        #expect(try Tool.decoded(jpeg: bits) == Tool.decoded(jpeg: copies.coefficients), "seed \(seed)")
    }

    @Test("Without a mark in the picture, the original's scan begins the copy's")
    func verbatim() throws {
        let file = try Tool.jpeg(.noisy(320, 256))
        let annotation = Annotation(marks: [], title: "T", legend: [])
        let copies = try both(file, annotation, 320, 256)
        let bits = try #require(copies.bits)
        func scan(_ file: [UInt8]) throws -> ArraySlice<UInt8> {
            let start = try #require((0..<file.count - 1).first { file[$0] == 0xFF && file[$0 + 1] == 0xDA })
            return file[(start + 2 + Int(file[start + 2]) << 8 + Int(file[start + 3]))...].dropLast(4)
        }
        #expect(try scan(bits).starts(with: scan(file)))
    }

    @Test("Tables that lack a code for what is drawn, progressive and arithmetic files go through their coefficients")
    func others() throws {
        // One grey level: an optimised table has a code for hardly anything.
        let narrow = try Tool.jpeg(.flat(320, 240), ["-optimize"])
        for file in [
            narrow, try Tool.jpeg(.noisy(320, 240), ["-progressive"]), try Tool.jpeg(.noisy(320, 240), ["-arithmetic"]),
        ] {
            #expect(try both(file, .sample(320, 240), 320, 240).bits == nil)
            #expect(try Annotator.annotate(file, .sample(320, 240)).method == .coefficients)
        }
    }

    @Test("No damaged scan passes that libjpeg refuses, and no copy has other coefficients", arguments: 1...10)
    func damaged(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let original = try Tool.jpeg(.noisy(160, 120, seed: seed), seed % 2 == 0 ? ["-restart", "7B"] : [])
        let start = try #require((0..<original.count - 1).first { original[$0] == 0xFF && original[$0 + 1] == 0xDA })
        var found = (copied: 0, refused: 0)
        for _ in 0..<25 {
            var file = original
            let place = Int.random(in: (start + 14)..<file.count, using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: file[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 1: file.remove(at: place)
            default: file = Array(file.prefix(place))
            }
            guard
                let bits = try file.withUnsafeBufferPointer({ bytes -> [UInt8]? in
                    let annotator = try JPEGAnnotator(bytes, pixelsMax: 1 << 24)
                    let overlay = try AnnotationOverlay(
                        .sample(160, 120), width: 160, height: 120, unit: annotator.unit)
                    return try annotator.spliced(overlay, [])
                })
            else {
                found.refused += 1
                continue
            }
            found.copied += 1
            #expect(throws: Never.self, "seed \(seed): place \(place)") {
                let recoded = try both(file, .sample(160, 120), 160, 120).coefficients
                #expect(try coefficients(bits) == coefficients(recoded), "seed \(seed): place \(place)")
            }
        }
        #expect(found.refused > 0, "seed \(seed): \(found)")
    }
}
