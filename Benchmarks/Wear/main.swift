// How early, how often wrong and how honest the dates of forecasts are: on simulated wear of known truth, or on a file.
//
//     swift run -c release wear-benchmark [RUNS]
//     swift run -c release wear-benchmark FILE.csv THRESHOLD [falling]
import Foundation

let seed: UInt64 = 20_261_124
let arguments = CommandLine.arguments.dropFirst()

func simulate(_ runs: Int) async {
    print("\(runs) runs of each, seed \(seed), the newest \(Tally.windowMax) values, 90 % bands\n")
    print(Tally.head)
    let clock = ContinuousClock()
    let start = clock.now
    let tallies = await withTaskGroup(of: (Wear, Tally).self) { group in
        for wear in Wear.allCases {
            group.addTask {
                var noise = Noise(seed: seed)
                var tally = Tally()
                for _ in 0..<runs { tally.play(wear.life(&noise)) }
                return (wear, tally)
            }
        }
        return await group.reduce(into: [Wear: Tally]()) { $0[$1.0] = $1.1 }
    }
    for wear in Wear.allCases { print(tallies[wear]?.row(wear.words) ?? "") }
    print("\n\(tallies.values.reduce(0) { $0 + $1.calls }) forecasts in \(clock.now - start)")
}

func replay(_ path: String, threshold: Double, rising: Bool) throws {
    var tally = Tally()
    let lives = try PublicSet.lives(path, threshold: threshold, rising: rising)
    for life in lives { tally.play(life, rising: rising) }
    print("\(lives.count) units, \(lives.filter { $0.crossing != nil }.count) of them cross \(threshold)\n")
    print(Tally.head)
    print(tally.row(URL(fileURLWithPath: path).lastPathComponent))
}

func timed() {
    var noise = Noise(seed: seed)
    var tally = Tally()
    let life = Wear.linear.life(&noise)
    let full = Life(
        times: Array(life.times.prefix(Tally.windowMax)), values: Array(life.values.prefix(Tally.windowMax)),
        threshold: life.threshold)
    let rounds = 200
    let time = ContinuousClock().measure { for _ in 0..<rounds { tally.forecast(full) } }
    print("one forecast of \(Tally.windowMax) values takes \(time / rounds)")
}

if arguments.count >= 2, let path = arguments.first, let threshold = Double(arguments[2]) {
    do {
        try replay(path, threshold: threshold, rising: !arguments.contains("falling"))
    } catch {
        print("\(error)")
        exit(1)
    }
} else if let runs = Int(arguments.first ?? "500"), runs > 0 {
    timed()
    await simulate(runs)
} else {
    print("usage: wear-benchmark [RUNS] or wear-benchmark FILE.csv THRESHOLD [falling]")
    exit(2)
}
