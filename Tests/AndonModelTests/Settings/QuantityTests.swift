import AndonModel
import AndonTesting
import Testing

@Suite("Quantity")
struct QuantityTests {
    @Test(
        "Times are read as people write them",
        arguments: [
            ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("2h", .seconds(7200)),
            ("1d", .seconds(86_400)), ("1.5h", .seconds(5400)), ("0s", .zero), ("0.5ms", .microseconds(500)),
            ("10y", .seconds(3660 * 86_400)),
        ] as [(String, Duration)])
    func durations(text: String, duration: Duration) {
        #expect(Quantity.duration(text) == duration)
    }

    @Test(
        "What is no time is refused, and so is one beyond all clocks",
        arguments: [
            "", "s", "30", "30 s", "-5s", "five minutes", "5M", "1w", "nans", "infs", "1e300s", "999999999999d",
            "0x10s",
        ])
    func noDuration(text: String) {
        #expect(Quantity.duration(text) == nil)
    }

    @Test("A time's text reads back as that time")
    func roundTrip() {
        var random = SeededRandom(seed: 86)
        for _ in 0..<5000 {
            let unit = random.pick([1, 1000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000, 31_622_400_000_000])
            let duration = Duration.microseconds(Int64(random.int(0...1000) * unit))

            #expect(Quantity.duration(Quantity.text(duration)) == duration, "\(Quantity.text(duration))")
        }
    }

    @Test(
        "Sizes are read as people write them",
        arguments: [
            ("512KB", 512_000), ("20MB", 20_000_000), ("2GB", 2_000_000_000), ("64KiB", 65_536), ("1MiB", 1_048_576),
            ("1GiB", 1_073_741_824), ("1.5MB", 1_500_000), ("0", 0), ("4096", 4096),
        ])
    func sizes(text: String, bytes: Int) {
        #expect(Quantity.bytes(text) == bytes)
    }

    @Test(
        "What is no size is refused", arguments: ["", "MB", "-1", "1TB", "20 MB", "1mb", "nan", "inf", "1e30", "0x10"])
    func noSize(text: String) {
        #expect(Quantity.bytes(text) == nil)
    }
}
