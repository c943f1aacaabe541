import AndonModel
import AndonVision

/// What stands in a file `NAME.json` beside `NAME.jpg`: the members `id`, `unit`, `lot`, `asset`, `capturedAt` (RFC 3339 with
/// its offset) and `attributes`, each as it may be left out. Other members are not looked at.
package struct Sidecar: Sendable, Hashable {
    static let bytesMax = 64 << 10

    package var note = FrameNote()
    package var capturedAt: Timestamp?

    init() {}

    /// - Throws: ``CaptureError`` of kind `refused`, which says what is wrong.
    package init(_ bytes: [UInt8]) throws(CaptureError) {
        let said: JSON
        do throws(JSONSyntaxError) {
            said = try JSON(parsing: bytes, limits: JSONLimits(bytesMax: Self.bytesMax))
        } catch {
            throw CaptureError(.refused, "it is no JSON: \(error)")
        }
        guard let members = said.object else {
            throw CaptureError(.refused, "it should be an object, found \(said.kindName)")
        }
        note.id = try Self.text("id", members, 128)
        note.unit = try Self.text("unit", members)
        note.lot = try Self.text("lot", members)
        note.asset = try Self.text("asset", members)
        if let text = try Self.text("capturedAt", members) {
            guard let time = Timestamp(text) else {
                throw CaptureError(
                    .refused, "capturedAt should be a time with its offset like 2026-11-23T21:09:00.250+01:00")
            }
            capturedAt = time
        }
        guard let attributes = members["attributes"], attributes != .null else { return }
        guard let own = attributes.object else { throw CaptureError(.refused, "attributes should be an object") }
        note.attributes = own
    }

    private static func text(_ name: String, _ members: [String: JSON], _ max: Int = 200) throws(CaptureError)
        -> String?
    {
        guard let value = members[name], value != .null else { return nil }
        guard let text = value.string, (1...max).contains(text.unicodeScalars.count) else {
            throw CaptureError(.refused, "\(name) should be a text of 1 to \(max) characters")
        }
        return text
    }
}
