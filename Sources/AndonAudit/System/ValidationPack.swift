import AndonLedger
import AndonModel

/// The tests of one version that really ran, with the requirements that they stand for, as `andon.validation/1`.
public struct ValidationPack: Sendable {
    public static let schema = "andon.validation/1"
    public static let bytesMax = 16 << 20
    public static let entryKind = "validation.recorded"
    public static let subject = "validation"

    public var bytes: [UInt8]
    public var sha256: String
    public var version: String
    public var commit: String
    public var madeAt: Timestamp
    public var counts: JSON

    static let countNames = ["requirements", "covered", "tests", "passed", "failed"]

    /// - Throws: ``Problem`` 422 with what its shape lacks.
    public init(parsing bytes: [UInt8]) throws {
        guard bytes.count <= Self.bytesMax else {
            throw Self.fault("", "it has \(bytes.count) bytes; \(Self.bytesMax) are the most")
        }
        let json: JSON
        do {
            json = try JSON(parsing: bytes, limits: JSONLimits(bytesMax: Self.bytesMax, valuesMax: 2_000_000))
        } catch {
            throw Self.fault("", "it is no JSON: \(error)")
        }
        guard json["schema"] == .string(Self.schema) else { throw Self.fault("/schema", "it should be \(Self.schema)") }
        self.bytes = bytes
        sha256 = Hex.sha256(bytes)
        version = try Self.text(json, "/software/version")
        commit = try Self.text(json, "/software/commit")
        guard let time = try Timestamp(Self.text(json, "/madeAt")) else {
            throw Self.fault("/madeAt", "it should be a time like 2026-11-01T06:00:00Z")
        }
        madeAt = time
        guard case .object = json["environment"] else { throw Self.fault("/environment", "it should be an object") }
        counts = try Self.counts(json)
    }

    /// Its counts, after they were held against its lists.
    private static func counts(_ json: JSON) throws -> JSON {
        var counts: [String: Int] = [:]
        for name in countNames {
            guard let count = json["counts"]?[name]?.integer, count >= 0 else {
                throw fault("/counts/\(name)", "it should be a whole number")
            }
            counts[name] = count
        }
        let requirements = try results(
            json, "requirements", names: ["id", "text", "risk"], known: ["passed", "failed", "untested"])
        let tests = try results(json, "tests", names: ["suite", "name"], known: nil)
        let found = [
            "requirements": requirements.count, "covered": requirements.count { $0 != "untested" },
            "tests": tests.count, "passed": tests.count { $0 == "passed" }, "failed": tests.count { $0 == "failed" },
        ]
        for name in countNames where counts[name] != found[name] {
            throw fault("/counts/\(name)", "it says \(counts[name] ?? 0), and its lists have \(found[name] ?? 0)")
        }
        return .object(found.mapValues { .integer($0) })
    }

    /// The results of a list's members.
    private static func results(
        _ json: JSON, _ list: String, names: [String], known: Set<String>?
    ) throws -> [String] {
        guard let elements = json[list]?.array else { throw fault("/\(list)", "it should be a list") }
        return try elements.enumerated().map { index, element in
            for name in names + ["result"] where element[name]?.string == nil {
                throw fault("/\(list)/\(index)/\(name)", "it should be a text")
            }
            let result = element["result"]?.string ?? ""
            if let known, !known.contains(result) {
                throw fault("/\(list)/\(index)/result", "it is one of \(known.sorted().joined(separator: ", "))")
            }
            return result
        }
    }

    private static func text(_ json: JSON, _ pointer: String) throws -> String {
        guard let text = json.value(at: pointer)?.string, !text.isEmpty, text.count <= 200 else {
            throw fault(pointer, "it should be a text of 1 to 200 characters")
        }
        return text
    }

    static func fault(_ pointer: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-validation", title: "The validation pack has a fault",
            detail: "\(pointer.isEmpty ? "The file" : pointer): \(detail).",
            errors: pointer.isEmpty ? [] : [.init(pointer: pointer, detail: detail)])
    }

    /// What the ledger keeps of it.
    public func body(by person: String, reason: String) -> JSON {
        [
            "sha256": .string(sha256), "bytes": .integer(bytes.count), "version": .string(version),
            "commit": .string(commit), "madeAt": .time(madeAt), "counts": counts, "by": .string(person),
            "reason": .string(reason),
        ]
    }

    /// Where the bytes lie.
    public static func path(_ sha256: String, in folder: String) -> String { "\(folder)/validation/\(sha256).json" }
}
