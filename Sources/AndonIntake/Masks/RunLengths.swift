import AndonModel

/// COCO's run-length encoding: runs of uncovered and covered pixels in turn, uncovered first, down the first column and then
/// down each next one (Lin and others, "Microsoft COCO: Common Objects in Context", ECCV 2014; `pycocotools.mask`).
enum RunLengths {
    /// The runs as they were sent.
    ///
    /// - Parameters:
    ///   - counts: an array of whole numbers, or the compressed text.
    ///   - pixels: what the runs have to sum to.
    static func runs(_ counts: JSON?, pixels: Int) throws(MaskFault) -> [Int] {
        let runs: [Int]
        switch counts {
        case .array(let elements): runs = try numbers(elements, pixels: pixels)
        case .string(let text): runs = try decompressed(Array(text.utf8), pixels: pixels)
        case nil, .null: throw MaskFault(member: "counts", detail: "is required beside size")
        case .some(let other):
            throw MaskFault(
                member: "counts",
                detail: "should be an array of run lengths or COCO's compressed text, found \(other.kindName)")
        }
        return runs
    }

    private static func numbers(_ elements: [JSON], pixels: Int) throws(MaskFault) -> [Int] {
        var sum = Sum(pixels: pixels)
        var runs: [Int] = []
        runs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let run = element.integer, run >= 0 else {
                throw MaskFault(
                    member: "counts/\(index)",
                    detail: "should be a whole number of pixels, 0 or more, found \(element.shown)")
            }
            try sum.add(run, at: index)
            runs.append(run)
        }
        try sum.finish()
        return runs
    }

    /// Undoes `rleToString` of pycocotools: five bits in each letter from "0" on, the lowest first, a sixth bit where more
    /// follow, two's complement; from the fourth run on, the difference to the run before the last one.
    private static func decompressed(_ letters: [UInt8], pixels: Int) throws(MaskFault) -> [Int] {
        var sum = Sum(pixels: pixels)
        var runs: [Int] = []
        runs.reserveCapacity(letters.count)
        var place = 0
        while place < letters.count {
            var value = try number(letters, from: &place)
            if runs.count > 2 { value += runs[runs.count - 2] }
            guard value >= 0 else {
                throw MaskFault(
                    member: "counts",
                    detail: "run \(runs.count) is \(value) pixels long, before letter \(place); the text is damaged, "
                        + "or is not of COCO's compressed kind")
            }
            try sum.add(value, at: runs.count)
            runs.append(value)
        }
        try sum.finish()
        return runs
    }

    /// Letters that one number may have: seven hold 35 bits, and no picture has as many pixels.
    private static let lettersMax = 7

    private static func number(_ letters: [UInt8], from place: inout Int) throws(MaskFault) -> Int {
        var value = 0
        for index in 0..<lettersMax {
            guard place < letters.count else {
                throw MaskFault(
                    member: "counts", detail: "ends within a number, after letter \(place); send the text whole")
            }
            let bits = Int(letters[place]) - 48
            guard (0..<64).contains(bits) else {
                throw MaskFault(
                    member: "counts",
                    detail: "letter \(place) is no letter of COCO's compressed text, which has \"0\" to \"o\" of ASCII "
                        + "only; send pycocotools' bytes decoded as ASCII, or the runs as an array of numbers")
            }
            place += 1
            value |= (bits & 31) << (5 * index)
            guard bits & 32 == 0 else { continue }
            return bits & 16 == 0 ? value : value - 1 << (5 * (index + 1))
        }
        throw MaskFault(
            member: "counts",
            detail: "has a number of more than \(lettersMax) letters before letter \(place); the text is damaged")
    }

    /// Sees to it that the runs cover the picture, no more and no less.
    private struct Sum {
        let pixels: Int
        private var covered = 0

        init(pixels: Int) { self.pixels = pixels }

        mutating func add(_ run: Int, at index: Int) throws(MaskFault) {
            guard run <= pixels - covered else {
                throw MaskFault(
                    member: "counts",
                    detail: "run \(index) goes beyond the end: size says \(pixels) pixels; size is [height, width], "
                        + "and runs go down the columns")
            }
            covered += run
        }

        func finish() throws(MaskFault) {
            guard covered == pixels else {
                throw MaskFault(
                    member: "counts",
                    detail: "the runs cover \(covered) pixels and size says \(pixels); the last run goes to the end of "
                        + "the picture too")
            }
        }
    }
}
