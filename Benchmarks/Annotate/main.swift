// The annotated copy of 12 and 20 megapixel pictures: by coefficients, beside decode-draw-encode and a plain copy of all
// coefficients with the same library, each in a process of its own for its memory.
import AndonAnnotate
import AndonDraw
import CPixels
import Foundation

let rounds = 7
let program = CommandLine.arguments[0]

struct Dice {
    var state: UInt64 = 7

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 40) / Double(1 << 24)
    }
}

/// Brushed metal: smooth shading, a grain along one axis, noise like a sensor's.
func scene(_ width: Int, _ height: Int) -> [UInt8] {
    var dice = Dice()
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in 0..<height {
        let grain = (dice.next() + dice.next() + dice.next() - 1.5) * 18
        let shade = cos(Double(y) / 700)
        for x in 0..<width {
            let noise = (dice.next() + dice.next() - 1) * 7
            let grey = 120 + 50 * sin(Double(x) / 900) * shade + grain + noise
            let place = (y * width + x) * 3
            pixels[place] = UInt8(min(max(grey * 1.03, 0), 255))
            pixels[place + 1] = UInt8(min(max(grey, 0), 255))
            pixels[place + 2] = UInt8(min(max(grey * 0.98, 0), 255))
        }
    }
    return pixels
}

func encoded(_ pixels: [UInt8], _ width: Int, _ height: Int, is420: Bool) -> [UInt8] {
    var (out, count): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    var message = [CChar](repeating: 0, count: 256)
    guard
        andon_jpeg_encode(
            pixels, UInt32(width), UInt32(height), 90, is420 ? 1 : 0, &out, &count, &message) == 0, let out
    else { fatalError("encoding failed") }
    defer { free(out) }
    return Array(UnsafeBufferPointer(start: out, count: count))
}

func annotation(_ width: Int, _ height: Int) -> Annotation {
    let boxes: [(Double, Double, Double, Double)] = [
        (300, 200, 600, 500), (1500, 400, 300, 250), (2500, 1200, 800, 800), (600, 2100, 300, 250),
        (3400, 2500, 500, 400),
    ]
    let labels = ["scratch 0.97", "dent 0.91", "edge chip 0.88", "void 0.83", "burr 0.79"]
    let scale = Double(width) / 4000
    return Annotation(
        marks: zip(boxes, labels).enumerated().map { index, pair in
            let box = [pair.0.0, pair.0.1, pair.0.2, pair.0.3].map { $0 * scale }
            return .init(box: box, label: pair.1, band: ["critical", "major", "minor"][index % 3], rank: index % 3)
        }, title: "A7K2M9QX3F",
        legend: [.init("asset", "PRESS-07"), .init("zone", "Z1"), .init("camera", "CAM-01"), .init("lot", "L-1")])
}

/// Everything decoded, drawn on and encoded again, by the same library and the same drawing.
func decodeDrawEncode(_ file: [UInt8], _ width: Int, _ height: Int, is420: Bool) throws -> [UInt8] {
    let overlay = try AnnotationOverlay(annotation(width, height), width: width, height: height)
    let rows = height + overlay.stripRows
    var pixels = [UInt8](repeating: 255, count: width * rows * 3)
    var message = [CChar](repeating: 0, count: 256)
    guard andon_jpeg_pixels(file, file.count, 0, UInt32(height), &pixels, &message) == 0 else { fatalError("decoding") }
    for first in stride(from: 0, to: rows, by: 64) where overlay.touches(first..<min(rows, first + 64)) {
        try overlay.draw(first..<min(rows, first + 64)) { drawn in
            pixels.withUnsafeMutableBufferPointer { pixels in
                for index in drawn.indices where drawn[index] >> 24 != 0 {
                    let (pixel, place) = (drawn[index], (first * width + index) * 3)
                    let rest = 255 - pixel >> 24
                    pixels[place] = UInt8(min(255, UInt32(pixels[place]) * rest / 255 + pixel >> 16 & 0xFF))
                    pixels[place + 1] = UInt8(min(255, UInt32(pixels[place + 1]) * rest / 255 + pixel >> 8 & 0xFF))
                    pixels[place + 2] = UInt8(min(255, UInt32(pixels[place + 2]) * rest / 255 + pixel & 0xFF))
                }
            }
        }
    }
    return encoded(pixels, width, rows, is420: is420)
}

/// All coefficients read and written, nothing drawn: the limit of what works on coefficients.
func copied(_ file: [UInt8]) -> Int {
    file.withUnsafeBufferPointer { bytes in
        var info = andon_jpeg_info()
        guard let picture = andon_jpeg_open(bytes.baseAddress, bytes.count, &info) else { return 0 }
        defer { andon_jpeg_close(picture) }
        var count = 0
        guard andon_jpeg_read(picture, 0) == 0, andon_jpeg_begin(picture, info.height, 0) == 0,
            andon_jpeg_finish(picture, &count) != nil
        else { return 0 }
        return count
    }
}

func peakMemory() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
    return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? 0) / 1024
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock().now
    try body()
    let span = ContinuousClock().now - start
    return Double(span.components.seconds) + Double(span.components.attoseconds) / 1e18
}

/// One way, in a process of its own: prints its times and its peak memory beyond the file's own.
func measure(_ way: String, _ path: String, _ width: Int, _ height: Int, is420: Bool) throws {
    let file = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    func once() throws {
        switch way {
        case "coefficients": _ = try Annotator.annotate(file, annotation(width, height))
        case "copy": _ = copied(file)
        default: _ = try decodeDrawEncode(file, width, height, is420: is420)
        }
    }
    var times: [Double] = []
    for _ in 0..<rounds { times.append(try seconds(once) * 1000) }
    print(times.map { String(format: "%.1f", $0) }.joined(separator: " "), String(format: "%.0f", peakMemory()))
}

func child(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = Pipe()
    try process.run()
    return process
}

func answer(_ process: Process) -> [Double] {
    let data = (process.standardOutput as? Pipe)?.fileHandleForReading.readDataToEndOfFile() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
}

if CommandLine.arguments.count == 6 {
    let arguments = CommandLine.arguments
    try measure(
        arguments[1], arguments[2], Int(arguments[3]) ?? 0, Int(arguments[4]) ?? 0, is420: arguments[5] == "420")
    exit(0)
}

// Where a caller goes on with the pictures, or a folder of its own.
let given = ProcessInfo.processInfo.environment["ANDON_BENCH_FOLDER"].map { URL(fileURLWithPath: $0) }
let folder =
    given ?? FileManager.default.temporaryDirectory.appendingPathComponent("andon-annotate-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { if given == nil { try? FileManager.default.removeItem(at: folder) } }
print("one core each; milliseconds, median of \(rounds) rounds (best), MiB at the peak")
for (name, width, height) in [("12 MP", 4000, 3000), ("20 MP", 5472, 3648)] {
    let pixels = scene(width, height)
    for is420 in [true, false] {
        let path = folder.appendingPathComponent("\(width)-\(is420).jpg").path
        let file = encoded(pixels, width, height, is420: is420)
        try Data(file).write(to: URL(fileURLWithPath: path))
        let kind = is420 ? "420" : "444"
        for way in ["copy", "coefficients", "decode-draw-encode"] {
            let found = answer(try child([way, path, "\(width)", "\(height)", kind]))
            let times = found.dropLast().sorted()
            guard let best = times.first, let memory = found.last else { continue }
            print(
                "\(name) \(kind), \(file.count >> 10) KiB, \(way): "
                    + String(format: "%.1f (%.1f) ms, %.0f MiB", times[times.count / 2], best, memory))
        }
        let start = ContinuousClock().now
        let pair = try (0..<2).map { _ in try child(["coefficients", path, "\(width)", "\(height)", kind]) }
        for process in pair { _ = answer(process) }
        let span = ContinuousClock().now - start
        let wall = Double(span.components.seconds) + Double(span.components.attoseconds) / 1e18
        print("\(name) \(kind), two cores: " + String(format: "%.1f pictures a second", Double(2 * rounds) / wall))
    }
}
