// Points a second through a chart and all of Nelson's rules, beside what the memory of the same machine gives.
import AndonSPC

let streams = 1000
let points = 5000
let rounds = 5

/// Standard normal values by the sum of twelve: fast, and good enough to break rules as often as chance does.
struct Noise {
    var state: UInt64 = 20_261_124

    mutating func next() -> Double {
        var sum = -6.0
        for _ in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum += Double(state >> 11) * 0x1p-53
        }
        return sum
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func seconds(_ body: () -> Void) -> Double {
    let time = ContinuousClock().measure(body)
    return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

var noise = Noise()
let values = (0..<streams * points).map { _ in noise.next() }
var sink = 0.0

var memory: [Double] = []
let large = [Double](repeating: 1, count: 32 << 20)
for _ in 0..<rounds {
    memory.append(
        seconds {
            large.withUnsafeBufferPointer { buffer in
                var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
                var i = 0
                while i < buffer.count {
                    a += buffer[i]
                    b += buffer[i + 1]
                    c += buffer[i + 2]
                    d += buffer[i + 3]
                    i += 4
                }
                sink += a + b + c + d
            }
        })
}

/// Millions a second, and how many points broke a rule.
func run(
    _ limits: ChartLimits, _ settings: RunRuleSettings, size: Double, scale: Double, offset: Double, _ values: [Double]
) -> (rate: Double, broken: Int) {
    var times: [Double] = []
    var broken = 0
    for _ in 0..<rounds {
        var all = (0..<streams).map { _ in ControlStream(limits, version: 1, settings: settings) }
        broken = 0
        times.append(
            seconds {
                // In the order in which a plant sends: a point of each stream in turn.
                for point in 0..<points {
                    for stream in 0..<streams {
                        let value = max(0, values[point * streams + stream] * scale + offset)
                        let verdict = all[stream].add(Sample(value, of: size), at: Int64(point))
                        if let verdict, !verdict.broken.isEmpty { broken += 1 }
                    }
                }
            })
    }
    return (Double(streams * points) / median(times) / 1e6, broken)
}

let bandwidth = Double(large.count * 8) / median(memory) / 1e9
let individuals = ChartLimits(kind: .individuals, centre: 10, spread: 1)
let shares = ChartLimits(kind: .p, centre: 0.1)
print("memory, read in order          \((bandwidth * 10).rounded() / 10) GB/s")
for (name, result) in [
    ("I chart, Nelson 1 to 8", run(individuals, .nelson, size: 1, scale: 1, offset: 10, values)),
    ("I chart, rule 1", run(individuals, .rule1, size: 1, scale: 1, offset: 10, values)),
    ("p chart, its four rules", run(shares, .nelson, size: 200, scale: 4, offset: 20, values)),
] {
    let text = "\((result.rate * 10).rounded() / 10)"
    print(
        "\(name)\(String(repeating: " ", count: max(1, 31 - name.count)))\(text) million points a second, \(result.broken) signals"
    )
}
print("one stream's state             \(MemoryLayout<ControlStream>.size) bytes")
if sink < 0 { print(sink) }
