import AndonModel
import AndonTesting
import AndonWeb
import Testing

@Suite("Times as people of a plant read them")
struct FormatsTests {
    @Test("Times in a text of ours are the plant's, to the minute where they are whole; what is none stays")
    func texts() {
        let english = Formats(.english, timeZone: "Europe/Berlin")
        let german = Formats(.german, timeZone: "Europe/Berlin")
        let texts = [
            ("Last seen: 2026-11-23T23:26:57.000000Z", "Last seen: 24/11/2026, 00:26:57"),
            (
                "from 2026-07-01T10:00:00Z to 2026-07-01T11:00:00.000000Z.",
                "from 01/07/2026, 12:00 to 01/07/2026, 13:00."
            ),
            (
                "Planned for 2026-11-24 00:26:00 Europe/Berlin (2026-11-23T23:26:00.000000Z) (before: nothing)",
                "Planned for 24/11/2026, 00:26 (before: nothing)"
            ),
            ("2026-11-23T23:26:57Z\n2026-11-23T23:26:57Z", "24/11/2026, 00:26:57\n24/11/2026, 00:26:57"),
            ("(2026-11-23T23:26:00Z)", "(24/11/2026, 00:26)"),
            // Names of reports and moments that are none.
            ("press/2026-11-23T23:26:57Z#0", "press/2026-11-23T23:26:57Z#0"),
            (" 2026-13-23T23:26:57Z", " 2026-13-23T23:26:57Z"), ("2026-11-23", "2026-11-23"), ("", ""),
        ]
        for (written, shown) in texts { #expect(english.localised(written) == shown) }
        #expect(german.localised("Last seen: 2026-11-23T23:26:57.000000Z") == "Last seen: 24.11.2026, 00:26:57")
    }

    @Test("Every moment in a text becomes what the same moment is alone")
    func everyMoment() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let zones = ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "UTC"]
        for _ in 0..<500 {
            let at = Timestamp(microseconds: Int64(random.int(0...4_000_000_000)) * 1_000_000)
            let formats = Formats(.german, timeZone: random.pick(zones))
            let shown = formats.localised("seen \(at), and again")
            let isWhole = at.microseconds % 60_000_000 == 0
            #expect(
                shown == "seen \(isWhole ? formats.time(at) : formats.second(at)), and again", "seed \(seed), \(at)")
        }
    }
}
