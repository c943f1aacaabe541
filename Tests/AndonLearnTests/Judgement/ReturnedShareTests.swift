import AndonSPC
import Testing

@testable import AndonLearn

@Suite("Returned share")
struct ReturnedShareTests {
    @Test("Without censoring the tests are those of clopper and pearson") func withoutCensoringTheTestsAreThose() {
        let lives = (1...20).map { Lifetime(time: $0 <= 6 ? 10 : 200, isEvent: $0 <= 6) }
        let share = ReturnedShare(lives, by: 90)
        #expect(share.estimate.map { abs($0 - 0.3) < 1e-12 } == true)
        #expect(abs(share.chanceOfAtMost(0.1) - Beta(a: 6, b: 15).cumulative(0.1)) < 1e-9)
        #expect(abs(share.chanceOfAtLeast(0.6) - (1 - Beta(a: 7, b: 14).cumulative(0.6))) < 1e-9)
    }
}
