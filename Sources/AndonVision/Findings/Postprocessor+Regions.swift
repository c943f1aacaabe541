import AndonModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Postprocessor {
    /// Corners of a finding's outline; of one with more only the box is kept.
    static let outlineCornersMax = 4_000

    static func softmax(_ values: [Double]) -> [Double] {
        let highest = values.max() ?? 0
        let powers = values.map { exp($0 - highest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// A finding's score is the mean of its cells; the frame's is the highest of any cell.
    func segmentation(
        _ output: ModelCard.OutputSpec.Segmentation, _ row: Row, _ placement: Placement
    ) throws(InferenceError) -> Verdict {
        guard row.shape.count == 3, row.shape[0] == classes.count, row.values.count > 0 else {
            throw row.refusal(card: "[1, \(classes.count), H, W]")
        }
        let (height, width) = (row.shape[1], row.shape[2])
        let scores = try self.planes(output, row)
        let cell = self.cell(width, height)
        var (findings, highest) = ([(finding: Finding, cells: Int)](), Float(0))
        for (index, rule) in classes.enumerated() where rule.isDefect {
            scores.withUnsafeBufferPointer { scores in
                let plane = UnsafeBufferPointer(
                    rebasing: scores[index * width * height..<(index + 1) * width * height])
                for score in plane { highest = max(highest, score) }
                guard let level = rule.level else { return }
                let regions = Regions(
                    plane, width: width, height: height, level: Self.least(level), areaMin: output.areaMin,
                    regionsMax: output.findingsMax)
                for region in regions.regions {
                    guard let box = frameBox(region, cell, placement) else { continue }
                    let outline = regions.rings(of: region, cornersMax: Self.outlineCornersMax)?.map { ring in
                        ring.map { placement.framePoint(x: $0.x * cell.width, y: $0.y * cell.height) }
                    }
                    let score = region.sum / Double(region.cells)
                    findings.append((finding(rule.name, score, box: box, outline: outline), region.cells))
                }
            }
        }
        let largest = findings.sorted { $0.cells > $1.cells }.prefix(output.findingsMax).map(\.finding)
        return Verdict(
            findings: largest.sorted { $0.confidence > $1.confidence },
            score: card.calibration.confidence(Double(highest)))
    }

    /// The mask's numbers as scores of 0...1, class by class.
    private func planes(
        _ output: ModelCard.OutputSpec.Segmentation, _ row: Row
    ) throws(InferenceError) -> [Float] {
        var scores = Array(row.values)
        switch output.activation {
        case .none:
            _ = try Self.probability(Double(scores.min() ?? 0), row.name)
            _ = try Self.probability(Double(scores.max() ?? 0), row.name)
            for index in scores.indices { scores[index] = min(max(scores[index], 0), 1) }
        case .sigmoid: for index in scores.indices { scores[index] = 1 / (1 + exp(-scores[index])) }
        case .softmax:
            let (cells, count) = (row.shape[1] * row.shape[2], classes.count)
            for cell in 0..<cells {
                var (highest, sum) = (-Float.infinity, Float(0))
                for index in 0..<count { highest = max(highest, scores[index * cells + cell]) }
                for index in 0..<count {
                    let power = exp(scores[index * cells + cell] - highest)
                    scores[index * cells + cell] = power
                    sum += power
                }
                for index in 0..<count { scores[index * cells + cell] /= sum }
            }
        }
        return scores
    }

    /// With a score of its own all regions have it: the model says it of the picture, the map only says where. Without, each
    /// has the highest of its cells. No region is no box, never the whole frame.
    func anomaly(
        _ output: ModelCard.OutputSpec.Anomaly, score: Row?, map: Row?, _ placement: Placement
    ) throws(InferenceError) -> Verdict {
        let range = output.scoreRange
        let share = { (value: Double) in
            min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
        }
        if let score, score.values.count != 1 { throw score.refusal(card: "[1, 1], one number for the picture,") }
        let size = try map.map { map throws(InferenceError) in try Self.mapSize(map) }
        let frameScore = share(Double(score?.values.first ?? map?.values.max() ?? 0))
        let rule = classes[0]
        let confidence = card.calibration.confidence(frameScore)
        guard let level = rule.level, frameScore >= level else { return Verdict(findings: [], score: confidence) }
        var findings: [Finding] = []
        if let map, let size {
            let cell = self.cell(size.width, size.height)
            let from = range.lowerBound + output.regionLevel * (range.upperBound - range.lowerBound)
            let found = map.values.withUnsafeBufferPointer {
                Regions(
                    $0, width: size.width, height: size.height, level: Self.least(from), areaMin: output.areaMin,
                    regionsMax: output.findingsMax)
            }
            for region in found.regions {
                let own = score == nil ? share(Double(region.peak)) : frameScore
                guard own >= level, let box = frameBox(region, cell, placement) else { continue }
                findings.append(finding(rule.name, own, box: box))
            }
        }
        if findings.isEmpty { findings = [finding(rule.name, frameScore)] }
        return Verdict(findings: findings.sorted { $0.confidence > $1.confidence }, score: confidence)
    }

    private static func mapSize(_ map: Row) throws(InferenceError) -> (width: Int, height: Int) {
        guard map.shape.count == 2 || map.shape.count == 3 && map.shape[0] == 1, map.values.count > 0 else {
            throw map.refusal(card: "[1, 1, h, w] or [1, h, w]")
        }
        return (map.shape[map.shape.count - 1], map.shape[map.shape.count - 2])
    }

    /// The least 32-bit number that is not below.
    private static func least(_ level: Double) -> Float {
        let near = Float(level)
        return Double(near) < level ? near.nextUp : near
    }

    /// The sides of a cell in pixels of the model.
    private func cell(_ width: Int, _ height: Int) -> (width: Double, height: Double) {
        (Double(card.input.width) / Double(width), Double(card.input.height) / Double(height))
    }

    private func frameBox(
        _ region: Regions.Region, _ cell: (width: Double, height: Double), _ placement: Placement
    ) -> Box? {
        placement.frameBox(
            x: Double(region.left) * cell.width, y: Double(region.top) * cell.height,
            width: Double(region.right - region.left) * cell.width,
            height: Double(region.bottom - region.top) * cell.height)
    }
}
