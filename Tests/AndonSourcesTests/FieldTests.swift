import AndonModel
import Foundation
import Testing
import UACodec

@testable import AndonSources

@Suite("Values, places and keys")
struct FieldTests {
    @Test("Values of the wire keep what they say")
    func values() {
        #expect(FieldValue(Variant(Float(0.1))) == .number(0.1))
        #expect(FieldValue(Variant(UInt64(1) << 60 + 1)) == .text("1152921504606846977"))
        #expect(FieldValue(Variant(Int64(7))) == .number(7))
        #expect(FieldValue(Variant(Double.nan)) == .null)
        #expect(FieldValue(Variant(DateTime(unixMicroseconds: 0))) == .text("1970-01-01T00:00:00.000000Z"))
        #expect(FieldValue(Variant(DateTime.null)) == .null)
        #expect(FieldValue(Variant(LocalizedText("Kratzer", locale: "de"))) == .text("Kratzer"))
        #expect(FieldValue(Variant(ByteString([1, 2]))) == .bytes([1, 2]))
        let matrix = Variant.matrix(.int32([1, 2, 3, 4, 5, 6]), dimensions: [2, 3])
        #expect(
            FieldValue(matrix)
                == .list([.list([.number(1), .number(2), .number(3)]), .list([.number(4), .number(5), .number(6)])]))
        #expect(FieldValue(Variant.null) == .null)
    }

    @Test(
        "Texts that are numbers are numbers",
        arguments: [
            ("0,4", 0.4), ("1.5e3", 1500), (" 7 ", 7), ("-3", -3), ("0x10", nil), ("nan", nil), ("", nil),
            ("1,2,3", nil),
            ("1e999", nil),
        ] as [(String, Double?)])
    func numbers(_ text: String, _ number: Double?) { #expect(FieldValue.text(text).number == number) }

    @Test("Places are JSON Pointers, and texts have places in braces")
    func places() throws {
        let fields = FieldValue.object([
            "a/b": .object(["~": .list([.number(1), .text("x")])]), "n": .null, "PartId": .object(["Id": .text("P")]),
        ])
        #expect(fields.value(at: "/a~1b/~0/1") == .text("x"))
        #expect(fields.value(at: "/a~1b/~0/2") == nil && fields.value(at: "/n") == nil && fields.value(at: "x") == nil)
        #expect(try FieldText("part {/PartId/Id} {{x").value(in: fields) == .text("part P {x"))
        #expect(try FieldText("part {/nothing}").value(in: fields) == nil)
        #expect(throws: FieldText.Fault.self) { try FieldText("a {/b") }
        #expect(throws: FieldText.Fault.self) { try FieldText("a {b}") }
    }

    @Test("An event's id depends on the server and on its own name, and on nothing else")
    func keys() {
        let key = EventKey(server: "urn:a", event: "result:1")
        #expect(key.id == EventKey(server: "urn:a", event: "result:1").id)
        #expect(key.id.utf8.count == 46)
        let others = [
            EventKey(server: "urn:ar", event: "esult:1"), EventKey(server: "urn:b", event: "result:1"),
            EventKey(server: "urn:a", event: "result:2"),
        ]
        for other in others { #expect(other.id != key.id) }
    }

    @Test("A trigger's changes are new detections, and a counter says how many went by")
    func triggers() {
        func at(_ seconds: Int64, _ value: FieldValue) -> Sample {
            Sample(value: value, at: Timestamp(microseconds: seconds * 1_000_000))
        }
        var counter = TriggerTracker(kind: .counter)
        #expect(counter.verdict(at(1, .number(5))) == .nothing)
        counter.settle(at(1, .number(5)))
        #expect(counter.verdict(at(1, .number(5))) == .nothing)
        #expect(counter.verdict(at(2, .number(5))) == .nothing)
        #expect(counter.verdict(at(2, .number(6))) == .new(missed: 0))
        #expect(counter.verdict(at(2, .number(9))) == .new(missed: 3))
        #expect(counter.verdict(at(0, .number(6))) == .nothing)
        // The PLC was started anew, and has counted nothing yet, one, or three of which two went by.
        #expect(counter.verdict(at(3, .number(0))) == .nothing)
        #expect(counter.verdict(at(3, .number(1))) == .new(missed: 0))
        #expect(counter.verdict(at(3, .number(3))) == .new(missed: 2))
        for full in [127.0, 255, 9_999, 65_535, 2_147_483_647, 4_294_967_295] {
            let counter = TriggerTracker(kind: .counter, last: at(1, .number(full)))
            #expect(counter.verdict(at(2, .number(0))) == .new(missed: 0))
        }
        var rising = TriggerTracker(kind: .rising, last: at(1, .bool(false)))
        #expect(rising.verdict(at(2, .bool(true))) == .new(missed: 0))
        rising.settle(at(2, .bool(true)))
        #expect(rising.verdict(at(3, .bool(true))) == .nothing && rising.verdict(at(3, .bool(false))) == .nothing)
        let change = TriggerTracker(kind: .change, last: at(1, .text("a")))
        #expect(change.verdict(at(2, .text("a"))) == .new(missed: 0))
    }

    @Test("Fields are taken as they were at the trigger's time")
    func samples() {
        func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds) }
        var samples = FieldSamples()
        for (value, at) in [(1.0, 10), (2, 20), (3, 30)] as [(Double, Int64)] {
            samples.add(Sample(value: .number(value), at: time(at)), of: "a")
        }
        samples.add(Sample(value: .text("x"), at: time(25)), of: "b")
        #expect(samples.values(at: time(20)) == ["a": .number(2)])
        #expect(samples.values(at: time(27)) == ["a": .number(2), "b": .text("x")])
        samples.forget(before: time(27))
        #expect(samples.values(at: time(20)) == [:] || samples.values(at: time(20)) == ["a": .number(2)])
        #expect(samples.values(at: time(30)) == ["a": .number(3), "b": .text("x")])
    }
}
