import Foundation
import Testing

@testable import AndonVision

@Suite("Anomaly models beside NumPy and SciPy")
struct AnomalyReferenceTests {
    private struct Reference: Decodable {
        struct Bound: Decodable {
            var hits: Int
            var trials: Int
            var confidence: Double
            var bound: Double
        }

        struct Case: Decodable {
            var rows: Int
            var columns: Int
            var depth: Int
            var regularisation: Double
            var sigma: Double
            var good: [[Float]]
            var asked: [Float]
            var distances: [Double]
            var smooth: [Double]

            func map(_ values: [Float]) -> FeatureMap {
                FeatureMap(rows: rows, columns: columns, depth: depth, values: values)
            }
        }

        var matrix: [Double]
        var inverseCholesky: [Double]
        var bounds: [Bound]
        var padim: [Case]
    }

    private func reference() throws -> Reference {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "anomaly_reference.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }

    @Test("The inverse of the Cholesky factor is NumPy's, and a matrix that is not positive definite has none")
    func cholesky() throws {
        let reference = try reference()
        let found = try #require(Triangle.inverseCholesky(reference.matrix, size: 6))
        for (ours, theirs) in zip(found, reference.inverseCholesky) { #expect(abs(ours - theirs) < 1e-7) }
        #expect(Triangle.inverseCholesky([1, 2, 1], size: 2) == nil)
        #expect(Triangle.inverseCholesky([.nan], size: 1) == nil)
    }

    @Test("Mahalanobis distances and the smoothed map are SciPy's to a ten-thousandth")
    func mahalanobis() throws {
        for example in try reference().padim {
            let maps = example.good.map(example.map)
            var fit = try AnomalyFit(
                like: maps[0], identity: "reference", regularisation: example.regularisation, smoothing: example.sigma,
                random: Seeded(1))
            for map in maps { try fit.add(map) }
            let model = try fit.model()
            let asked = example.map(example.asked)
            for (ours, theirs) in zip(try model.distances(asked).values, example.distances) {
                #expect(abs(Double(ours) / theirs - 1) < 1e-4, "\(ours) \(theirs)")
            }
            for (ours, theirs) in zip(try model.map(asked).values, example.smooth) {
                #expect(abs(Double(ours) / theirs - 1) < 1e-4, "\(ours) \(theirs)")
            }
        }
    }

    @Test("The upper bound of a share is SciPy's (Clopper and Pearson by the beta distribution)")
    func bounds() throws {
        for bound in try reference().bounds {
            let ours = Binomial.upperBound(hits: bound.hits, trials: bound.trials, confidence: bound.confidence)
            #expect(abs(ours - bound.bound) < 1e-9, "\(bound)")
        }
        #expect(Binomial.upperBound(hits: 3, trials: 3, confidence: 0.95) == 1)
    }
}
