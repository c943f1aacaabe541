import AndonConfiguration
import AndonDecide
import AndonIntake
import AndonModel
import AndonSPC
import AndonWeb
import Testing

@testable import AndonServer

@Suite("Streams in words")
struct StreamWordsTests {
    private func words(_ language: Language = .english) throws -> StreamWords {
        let configuration = try Configuration.load(
            yaml: """
                plant:
                  name: P
                  assets: [{ id: PRESS-07, name: Stamping press 7 }, { id: OVEN-01 }]
                  zones: [{ id: Z1, name: Press hall }]
                rules:
                  classes: { scratch: { name: Scratch }, dent: {}, burr: {}, crack: {} }

                """)
        let web = try Web(timeZone: { "UTC" }, plantName: { "P" })
        let current = InForce(
            plant: configuration.plant, rules: configuration.rules, queues: [:], originTag: nil, publicURL: nil)
        return StreamWords(web.texts(language), current)
    }

    private func chart(_ classes: Set<String>) -> Chart {
        Chart(name: "c", kind: .p, quantity: .defectiveUnits, classes: classes)
    }

    @Test(
        "What tells a stream from the others is named, then what the chart counts; a value may have the separator in it"
    )
    func texts() throws {
        let words = try words()
        let scratches = chart(["scratch"])
        #expect(words.text("asset=PRESS-07", of: scratches) == "Stamping press 7 (PRESS-07) · Scratch")
        #expect(words.text("asset=OVEN-01, shift=early", of: scratches) == "OVEN-01 · shift early · Scratch")
        #expect(words.text("zone=Z1, camera=CAM-01", of: nil) == "zone Press hall (Z1) · camera CAM-01")
        #expect(words.text("lot=L, 1=2, model=m", of: nil) == "lot L, 1=2 · model m")
        #expect(words.text("product=not stated", of: nil) == "product not stated")
        let many = chart(["scratch", "dent", "burr", "crack"])
        #expect(words.text("", of: many) == "burr, crack, dent, …")
        #expect(words.text("", of: chart([])) == nil && words.text("", of: nil) == nil)
        #expect(
            try self.words(.german).text("shift=early, lot=not stated", of: nil)
                == "Schicht early · Los nicht angegeben")
    }
}
