import AndonFuzz
import Testing

/// Inputs that fuzzing found, each from when it broke something.
@Suite("What fuzzing found")
struct FoundTests {
    private func check(_ name: String, _ input: [UInt8]) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        try target.check(input)
    }

    /// A call, and bodies of answers with status 200.
    private func answers(_ call: UInt8, _ bodies: String...) -> [UInt8] {
        [call]
            + bodies.flatMap {
                [0, 0, UInt8($0.utf8.count >> 8), UInt8($0.utf8.count & 0xFF)] + Array($0.utf8)
            }
    }

    @Test("A database that answers fewer statements than it was asked ended the process")
    func fewerResults() throws {
        for call in UInt8(0)..<10 {
            for bodies in ["{\"results\":[]}", "{\"results\":[[{\"WONUM\":\"1\"}]]}"] {
                try check("answers-mp2", answers(call, bodies, bodies, bodies, bodies))
            }
        }
    }

    @Test(
        "A PNG whose header says four thousand million pixels a side ended the process as a floor plan")
    func hugeSides() throws {
        let header: [UInt8] =
            [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13] + Array("IHDR".utf8)
        for side: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF]] {
            let file = header + side + side + [UInt8](repeating: 0xFF, count: 40)
            try check("floor-plan", file)
            try check("sheet", file)
            try check("annotate-png", file)
            try check("picture-probe", [9] + file)
        }
    }

    @Test("A learned model with a smoothing whose square is 0 gave a map without numbers")
    func smallestSmoothing() throws {
        let target = try #require(FuzzTarget.all.first { $0.name == "anomaly-model" })
        var file = try #require(try target.seeds().first)
        // Bytes 36 to 39 are the smoothing.
        for smoothing: Float in [.leastNonzeroMagnitude, 1e-38, 1e-23, .leastNormalMagnitude, 1e-20] {
            withUnsafeBytes(of: smoothing.bitPattern.littleEndian) {
                file.replaceSubrange(36..<40, with: $0)
            }
            try target.check(file)
        }
    }

    @Test("A model's card with an empty name, file or digest was taken")
    func emptyNames() throws {
        let target = try #require(FuzzTarget.all.first { $0.name == "model-card" })
        for seed in try target.seeds() {
            let card = String(decoding: seed, as: UTF8.self)
            for text in ["cells", "3", "cells.onnx", "p", "b", "m", "s"] {
                try target.check(Array(card.replacing("\"\(text)\"", with: "\"\"").utf8))
            }
        }
    }

    @Test("An inference server's own words made a refusal as long as its answer")
    func longRefusals() throws {
        let long = String(repeating: "n", count: 20_000)
        let axes = [String](repeating: "1", count: 5000).joined(separator: ",")
        for output in [
            "\"name\":\"\(long)\",\"datatype\":\"FP32\",\"shape\":[1],\"parameters\":{\"binary_data_size\":8}",
            "\"name\":\"y\",\"datatype\":\"\(long)\",\"shape\":[0],\"parameters\":{\"binary_data_size\":0}",
            "\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[\(axes)],\"data\":[1]",
        ] {
            try check("inference-body", Array("{\"outputs\":[{\(output)}]}".utf8))
        }
    }
}
