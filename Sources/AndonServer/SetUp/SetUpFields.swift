import AndonConfiguration
import AndonIntake
import AndonModel
import Foundation
import Hummingbird
import NIOCore

/// A form of the set-up as a browser sends it (`multipart/form-data`): what was typed, and what is not to be kept.
struct SetUpFields: Sendable {
    /// By the fields' names, of those that belong to a step.
    private(set) var kept: [String: String] = [:]
    /// Everything else: passwords, ticks, and which button it was.
    private(set) var other: [String: String] = [:]
    private(set) var remarks: [SetUpRemark] = []

    static let upload = "upload"
    private static let bytesMax = 5 << 20
    private static let partsMax = 150
    private static let charactersMax = 10_000
    private static let large: Set<String> = [SetUpForm.Field.assets, SetUpForm.Field.cameras, SetUpForm.Field.classes]

    init(_ request: Request) async throws {
        let body = Array(buffer: try await request.body.collect(upTo: Self.bytesMax))
        let limits = IntakeLimits(partsMax: Self.partsMax)
        var parser = try MultipartParser(contentType: request.headers[.contentType] ?? "", limits: limits)
        var part: (name: String, bytes: [UInt8])?
        for event in try parser.feed(body) {
            switch event {
            case .partBegan(let headers): part = (headers.name, [])
            case .data(let bytes): part?.bytes += bytes
            case .partEnded:
                if let part { take(part.name, part.bytes) }
                part = nil
            case .finished: break
            }
        }
        try parser.finish()
    }

    private mutating func take(_ name: String, _ bytes: [UInt8]) {
        if name == Self.upload { return takeFile(bytes) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard SetUpStep.owner(of: name) != nil else {
            other[name] = String(text.prefix(1000))
            return
        }
        guard Self.large.contains(name) || text.count <= Self.charactersMax else {
            remarks.append(SetUpRemark(name, "remark-cut"))
            kept[name] = String(text.prefix(Self.charactersMax))
            return
        }
        // A file that was chosen goes before the text that stood in the field.
        if name == SetUpForm.Field.assets, kept[name] != nil { return }
        kept[name] = text
    }

    private mutating func takeFile(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            return remarks.append(SetUpRemark(SetUpForm.Field.assets, "remark-utf8"))
        }
        kept[SetUpForm.Field.assets] = text
    }
}
