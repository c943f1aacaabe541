// From a camera's frame to the report, stage by stage, beside the engine alone; and a day of frames at speed.
// `Benchmarks/Vision/run` makes the models, runs the peers beside, and prints the table.
import Foundation

let usage = """
    vision-benchmark stages FOLDER MODEL LIBRARY THREADS SECONDS        one frame after the other
    vision-benchmark stream FOLDER MODEL LIBRARY THREADS RATE SECONDS   a camera of RATE frames a second
    vision-benchmark remote FOLDER MODEL PORT http|grpc CALLERS SECONDS  a server of the Open Inference Protocol
    vision-benchmark day HOURS RATE                                     simulated, no engine
    """

func number(_ text: String) throws -> Double {
    guard let value = Double(text), value > 0 else { throw BenchmarkError("\(text) is no number above 0\n\(usage)") }
    return value
}

let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.count) {
case ("stages", 6):
    let setup = try Setup(folder: words[1], model: words[2], library: words[3], threads: Int(number(words[4])))
    try await Stages(setup).run(seconds: number(words[5]))
case ("stream", 7):
    let setup = try Setup(folder: words[1], model: words[2], library: words[3], threads: Int(number(words[4])))
    try await Stream(setup).run(rate: number(words[5]), seconds: number(words[6]))
case ("remote", 7):
    let setup = try Setup(folder: words[1], model: words[2], library: nil, threads: 1)
    try await Remote(setup, port: Int(number(words[3])), isGRPC: words[4] == "grpc").run(
        callers: Int(number(words[5])), seconds: number(words[6]))
case ("day", 3): try await Day(hours: number(words[1]), rate: number(words[2])).run()
default: throw BenchmarkError(usage)
}
