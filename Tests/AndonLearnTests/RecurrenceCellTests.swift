import AndonTesting
import Testing

@testable import AndonLearn

@Suite("Cells by stream and action")
struct RecurrenceCellTests {
    @Test("They hold what a dictionary would, however many there are and in whatever order they come")
    func dictionary() {
        var random = SeededRandom(seed: 20_261_128)
        var (cells, other) = (RecurrenceCells(), RecurrenceCells())
        var plain: [RecurrenceCells.Key: RecurrenceCell] = [:]
        for step in 0..<60_000 {
            let key = RecurrenceCells.Key(
                stream: Int64(random.int(1...3000)), action: Int64(random.int(0...9) * random.int(0...1)))
            let lag = Int64(random.int(0...200))
            plain[key, default: RecurrenceCell()].add(lag, hasReturned: lag % 2 == 0, horizon: 90)
            if step % 3 == 0 {
                other.update(stream: key.stream, action: key.action) {
                    $0.add(lag, hasReturned: lag % 2 == 0, horizon: 90)
                }
            } else {
                cells.update(stream: key.stream, action: key.action) {
                    $0.add(lag, hasReturned: lag % 2 == 0, horizon: 90)
                }
            }
        }
        cells.merge(other)
        var found: [RecurrenceCells.Key: RecurrenceCell] = [:]
        for (key, cell) in cells.all { found[key] = cell }
        #expect(found == plain && cells.count == plain.count)
    }

    @Test("A repair that has not been watched for the whole horizon, and did not return, is not followed yet")
    func followed() {
        var cell = RecurrenceCell()
        cell.add(30, hasReturned: false, horizon: 90)
        #expect(cell.repairs == 1 && cell.followed == 0 && cell.watched == 30)
        cell.add(90, hasReturned: false, horizon: 90)
        cell.add(90, hasReturned: true, horizon: 90)
        cell.add(91, hasReturned: true, horizon: 90)
        #expect(cell.repairs == 4 && cell.followed == 3 && cell.returned == 1 && cell.watched == 300)
    }
}
