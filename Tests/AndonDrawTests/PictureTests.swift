import Foundation
import Testing

@testable import AndonDraw

@Suite("Control charts as pictures")
struct PictureTests {
    private static let mark = "8e1b8e"
    private static let signal = "d55e00"
    private static let data = "0072b2"

    private func region(_ layout: ChartLayout) -> [Int] {
        [layout.frame.left, layout.frame.top, layout.frame.right + 20, layout.frame.bottom].map { Int($0) }
    }

    private func layout(_ figure: ChartFigure, _ width: Int, _ height: Int) throws -> ChartLayout {
        ChartLayout(figure, on: try Canvas(.png, width: width, height: height))
    }

    @Test("A PNG is sound and has the size asked for", arguments: [(1200, 640), (600, 320), (100, 100), (2000, 150)])
    func sizes(width: Int, height: Int) async throws {
        let found = try await Judge.png(ChartFigure.sample().png(width: width, height: height))
        #expect(found.width == width && found.height == height && found.edge == 0)
        #expect(Set(found.kinds).isSubset(of: ["IHDR", "bKGD", "IDAT", "IEND"]), "\(found.kinds)")
    }

    @Test(
        "A size outside 100 to 8000 is refused with words that help",
        arguments: [(99, 640), (1200, 99), (8001, 640), (640, 8001), (0, 0), (-1, 200), (Int.max, Int.min)])
    func refused(width: Int, height: Int) {
        #expect(throws: DrawError.size(width: width, height: height)) {
            try ChartFigure.sample().png(width: width, height: height)
        }
        #expect(throws: DrawError.size(width: width, height: height)) {
            try ChartFigure.sample().svg(width: width, height: height)
        }
        #expect(DrawError.size(width: width, height: height).description.contains("100 to 8000"))
    }

    @Test("The ring is around the marked point, wherever it is")
    func ring() async throws {
        var before: Judge.PNG.Place?
        for index in [2, 9, 16] {
            var figure = ChartFigure.sample(marked: index)
            // Higher to the right, so that both directions are seen.
            figure.points[index].value = 8 + Double(index)
            let layout = try layout(figure, 600, 320)
            let found = try await Judge.png(
                figure.png(width: 600, height: 320), in: region(layout), colours: [Self.mark])
            let ring = try #require(found.colours[Self.mark])
            let spot = try #require(layout.spot(at: index))
            #expect(ring.count > 20 && abs(ring.x - spot.x) < 1 && abs(ring.y - spot.y) < 1, "\(ring) \(spot)")
            if let before {
                // Seven of twenty slots to the right; seven units up, of which twelve lie between centre and limit.
                #expect(abs(ring.x - before.x - 7 * layout.plot.width / 20) < 1.5)
                let unit = (layout.y(16) - layout.y(28)) / 12
                #expect(abs(before.y - ring.y - 7 * unit) < 1.5)
            }
            before = ring
        }
    }

    @Test("No detection, no ring; no broken rule, no diamond; one of each where there is one")
    func shapes() async throws {
        func count(_ figure: ChartFigure, _ colour: String) async throws -> Int {
            let layout = try layout(figure, 600, 320)
            let found = try await Judge.png(figure.png(width: 600, height: 320), in: region(layout), colours: [colour])
            return found.colours[colour]?.count ?? 0
        }
        #expect(try await count(.sample(marked: -1), Self.mark) == 0)
        #expect(try await count(.sample(marked: 3), Self.mark) > 20)
        #expect(try await count(.sample(), Self.signal) == 0)
        let out = ChartFigure.sample(last: 31, signals: ["beyond-3-sigma"], marked: -1)
        #expect(try await count(out, Self.signal) > 30)
        var excluded = out
        excluded.points[19].isExcluded = true
        #expect(try await count(excluded, Self.signal) == 0)
        var empty = ChartFigure.sample()
        empty.points = []
        #expect(try await count(empty, Self.data) == 0)
    }

    @Test("Limits lie where their values are: a value on the limit is drawn on its line")
    func lines() async throws {
        let figure = ChartFigure.sample(marked: -1)
        let layout = try layout(figure, 1200, 640)
        for (colour, values) in [("b34700", [4.0, 28]), ("00704f", [16])] {
            for value in values {
                let y = Int(layout.y(value))
                let box = [Int(layout.frame.left), y - 3, Int(layout.frame.right), y + 4]
                let found = try await Judge.png(figure.png(), in: box, colours: [colour])
                let line = try #require(found.colours[colour])
                #expect(line.count > 40 && abs(line.y - layout.y(value)) < 1, "\(value): \(line)")
            }
        }
    }

    @Test("A wild value does not press the others flat: it becomes an arrow on the edge with its number")
    func wild() throws {
        let tame = try layout(.sample(last: 31, signals: ["beyond-3-sigma"]), 1200, 640)
        #expect(!tame.isOff(31))
        let wild = try layout(.sample(last: 1e9, signals: ["beyond-3-sigma"]), 1200, 640)
        #expect(wild.isOff(1e9) && wild.spot(at: 19)?.y == wild.plot.top)
        #expect(wild.y(16) - wild.y(28) > 0.3 * wild.plot.height)
    }

    @Test("Ten thousand points: the newest are shown, and the picture says so; the marked one is always among them")
    func many() throws {
        var figure = ChartFigure.sample()
        figure.points = (1...10_000).map { .init(number: $0, value: Double($0 % 7), centre: 3, lower: 0, upper: 7) }
        let newest = try layout(figure, 1200, 640)
        #expect(newest.abscissa.points.last?.number == 10_000 && newest.abscissa.points.count < 200)
        let note = "points 9873 to 10000 are shown: the newest 128 of 10000"
        #expect(newest.subtitles.last == note, "\(newest.subtitles)")
        figure.points[4999].isMarked = true
        let marked = try layout(figure, 1200, 640)
        #expect(marked.abscissa.points.contains { $0.number == 5000 } && marked.abscissa.points.count < 200)
        #expect(marked.subtitles.last?.contains("around this detection") == true)
        #expect(try figure.png().count > 10_000)
    }

    @Test("Names at the right edge keep their order and never lie on each other")
    func edgeLabels() {
        let places = EdgeLabel.spread([50, 51, 52, 190, 199], gap: 20, in: 10...200)
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 20 - 1e-9 }, "\(places)")
        #expect(places[0] == 50 && places[4] == 200 && places[3] == 180)
        #expect(EdgeLabel.spread([], gap: 20, in: 10...200).isEmpty)
    }

    @Test("A forecast's dates stand on the axis of time in their order, each with its words")
    func forecast() throws {
        let layout = try layout(.degrading, 1200, 640)
        let dates = ["first 2027-01-06", "expected 2027-01-17", "last 2027-01-27"]
        let flags = dates.map { date in layout.flags.first { $0.shown == date } }
        #expect(flags.allSatisfy { $0?.row ?? -1 >= 0 }, "\(layout.flags.map(\.shown))")
        let xs = flags.compactMap { $0?.x }
        let spot = try #require(layout.spot(at: 29))
        #expect(xs == xs.sorted() && xs.count == 3 && spot.x < xs[0] && xs[2] <= layout.frame.right)
        // A day is as wide everywhere.
        let day = (spot.x - (layout.spot(at: 0)?.x ?? 0)) / 29
        #expect(abs(xs[1] - xs[0] - 11 * day) < 0.01 && abs(xs[2] - xs[1] - 10 * day) < 0.01)
        for (index, flag) in layout.flags.enumerated() where flag.row >= 0 {
            #expect(layout.frame.holds(flag.box), "\(flag.shown)")
            #expect(!layout.flags[..<index].contains { $0.row >= 0 && $0.box.meets(flag.box) }, "\(flag.shown)")
        }
    }

    @Test("The same figure gives the same bytes, also when twenty are drawn at once")
    func same() async throws {
        let figures: [ChartFigure] = [
            .sample(), .sample(last: 31, signals: ["beyond-3-sigma"]), .degrading, .sample(axis: .time),
        ]
        let alone = try figures.map { [try $0.png(), try $0.svg()] }
        #expect(Set(alone.flatMap { $0 }).count == 8)
        try await withThrowingTaskGroup(of: (Int, [[UInt8]]).self) { group in
            for task in 0..<20 {
                group.addTask {
                    let figure = figures[task % figures.count]
                    return (task % figures.count, [try figure.png(), try figure.svg()])
                }
            }
            for try await (index, pictures) in group { #expect(pictures == alone[index]) }
        }
    }

    @Test("Whatever the figure, the picture is sound, nothing leaves it, and it is drawn the same again")
    func hostile() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var hostile = Hostile(seed: seed)
        let sizes = [(600, 320), (100, 100), (900, 100), (100, 700), (1200, 640)]
        for round in 0..<100 {
            await Task.yield()
            let figure = hostile.figure()
            let (width, height) = sizes[round % sizes.count]
            let png = try figure.png(width: width, height: height)
            let svg = try figure.svg(width: width, height: height)
            #expect(try png == figure.png(width: width, height: height), "seed \(seed), round \(round)")
            #expect(!figure.facts.isEmpty)
            guard round % 10 < 3 else { continue }
            let picture = try await Judge.png(png)
            #expect(picture.width == width && picture.height == height, "seed \(seed), round \(round)")
            #expect(picture.edge == 0, "seed \(seed), round \(round): something is cut off")
            let drawing = try await Judge.svg(svg)
            #expect(drawing.outside.isEmpty, "seed \(seed), round \(round): \(drawing.outside)")
        }
    }
}
