import Testing

@testable import AndonDraw

@Suite("Golden pictures")
struct GoldenTests {
    @Test("A photo with four bands of severity")
    func photo() throws { try Golden.check("photo", Scene.annotatedJPEG()) }

    @Test("A photo that is stored turned")
    func turned() throws { try Golden.check("turned", Scene.turned()) }

    @Test("16 bits of grey")
    func grey() throws { try Golden.check("grey-16", Scene.deepPNG()) }

    @Test("A control chart with stepped limits as a page shows it")
    func chart() throws { try Golden.check("chart", Scene.chart()) }

    @Test("The same chart as a printer without colours has it")
    func printed() throws { try Golden.check("chart-printed", Scene.chart(isPrinted: true)) }

    @Test("A floor plan with its zone marked")
    func map() throws { try Golden.check("map", Scene.map().drawn) }

    @Test("A defect enlarged beside the good picture")
    func crop() throws { try Golden.check("crop", Scene.crop().drawn) }

    @Test("A work order's sheet")
    func sheet() throws { try Golden.check("sheet", Scene.sheet()) }

    // MARK: The comparison itself

    private func difference(_ change: (inout [Annotation.Mark]) -> Void) throws -> Golden.Difference? {
        var marks = Scene.marks
        change(&marks)
        return Golden.Difference(try Scene.annotatedJPEG(Scene.annotation(marks)), try Scene.annotatedJPEG().pixels)
    }

    @Test("A box moved by a pixel, another band, another digit: each is found")
    func changes() throws {
        #expect(try difference { _ in } == nil)
        let moved = try #require(try difference { $0[0].box[0] += 1 })
        #expect(moved.outside > 50 && moved.picture != nil)
        #expect((80...200).contains(moved.worst.x) && (70...160).contains(moved.worst.y), "\(moved)")
        let band = try #require(try difference { $0[1].rank = 2 })
        #expect(band.outside > 100)
        let digit = try #require(try difference { $0[3].label = "scratch 0.84" })
        #expect(digit.outside == 0 && digit.words > 0, "\(digit)")
    }

    @Test("A single pixel of one step outside the words is found, and named; within them it is not")
    func pixels() throws {
        let drawn = try Scene.chart()
        var other = drawn.pixels
        let word = try #require(drawn.words.first).middle
        let inside = (Int(word.y) * other.width + Int(word.x)) * 3
        other.values[inside] ^= 1
        #expect(Golden.Difference(drawn, other) == nil)
        other.values[(200 * other.width + 300) * 3 + 1] ^= 1
        let found = try #require(Golden.Difference(drawn, other))
        #expect(found.outside == 1 && found.words == 0 && found.worst.x == 300 && found.worst.y == 200)
        #expect(found.description.contains("1 pixels outside the words") && found.description.contains("300, 200"))
        other.height -= 1
        #expect(Golden.Difference(drawn, other)?.sizes?.contains("600 x 320") == true)
    }

    @Test("Another digit in a title is found")
    func title() throws {
        var figure = Scene.chart
        figure.title = "u chart: porosity on WELD-06"
        let found = try #require(Golden.Difference(try Scene.chart(figure), try Scene.chart().pixels))
        #expect(found.outside == 0 && found.words == 1)
    }
}
