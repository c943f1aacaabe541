import AndonDraw
import AndonLedger
import AndonModel
import AndonSQL

/// What a camera sent in a time, and when it was silent.
public struct CameraActivity: Sendable, Equatable {
    public struct Gap: Sendable, Equatable {
        public var from: Timestamp
        public var to: Timestamp

        var minutes: Int { Int((to - from).seconds / 60) }
    }

    public var camera: String
    /// Whether the plant file knows it.
    public var isInPlant: Bool
    public var reports: Int
    /// Counts of frames without a defect.
    public var frameCounts: Int
    public var first: Timestamp?
    public var last: Timestamp?
    /// The longest first, ``gapsMax`` at most.
    public var gaps: [Gap]
    /// How many there are.
    public var gapCount: Int

    public static let gapsMax = 20

    public var hasReported: Bool { first != nil }
}

/// All cameras of the plant file, and those that reported without being in it.
struct CameraActivities {
    let cameras: [CameraActivity]
    /// Silence counts from here.
    let from: Timestamp
    let to: Timestamp
    let gap: Duration

    /// A time without any report counts from the first entry of the ledger on, and until now.
    init(_ reader: Reader, _ query: PackageQuery, _ settings: SystemSettings) throws {
        let beginning = try reader.ledgerEntries(from: 0, limit: 1).first?.at ?? settings.now
        from = max(query.from, beginning)
        to = max(from, min(query.to, settings.now))
        gap = query.gap
        let seen = try reader.rows(
            """
            SELECT DISTINCT camera FROM inspection WHERE inspected > 0 AND detected_at >= ? AND detected_at < ?
            UNION SELECT DISTINCT camera FROM frame_count WHERE from_at < ? AND to_at > ?
            """, [query.from.microseconds, to.microseconds, to.microseconds, query.from.microseconds]
        ).map { $0["camera"] as String }
        let known = Set(settings.cameras)
        let (from, to, gap) = (from, to, gap)
        cameras = try known.union(seen).sorted().map { camera in
            try reader.activity(
                of: camera, isInPlant: known.contains(camera), since: query.from, silentFrom: from, to: to, gap: gap)
        }
    }

    var part: SystemPart {
        SystemPart(finding, files: [.init("system/cameras.csv", Array(csv.utf8))], blocks: blocks)
    }

    private var finding: SystemFinding {
        let silent = cameras.filter { !$0.hasReported }.map(\.camera)
        let withGaps = cameras.filter { $0.hasReported && $0.gapCount > 0 }
        guard !cameras.isEmpty else {
            return SystemFinding(.silence, .missing, "no camera is in the plant file, and none reported")
        }
        var words = "\(cameras.count) camera\(cameras.count == 1 ? "" : "s") from \(from) to \(to)"
        if !silent.isEmpty {
            let more = silent.count > 10 ? " and \(silent.count - 10) more" : ""
            words += "; never reported: \(silent.prefix(10).joined(separator: ", "))\(more)"
        }
        if !withGaps.isEmpty {
            words +=
                "; \(withGaps.count) silent for more than \(minutes) min, \(withGaps.reduce(0) { $0 + $1.gapCount }) times"
        }
        let isQuiet = silent.isEmpty && withGaps.isEmpty
        return SystemFinding(
            .silence, isQuiet ? .shown : .finding,
            isQuiet ? words + "; none silent for more than \(minutes) min" : words)
    }

    private var minutes: Int { Int(gap.seconds / 60) }

    private var csv: String {
        let head = [
            "camera", "in_plant_file", "reports", "frame_counts", "first", "last", "gaps", "longest_gap_minutes",
            "longest_gaps",
        ]
        return Register.csv(
            [head]
                + cameras.map { camera in
                    [
                        camera.camera, camera.isInPlant ? "yes" : "no", "\(camera.reports)", "\(camera.frameCounts)",
                        camera.first.map { "\($0)" } ?? "", camera.last.map { "\($0)" } ?? "", "\(camera.gapCount)",
                        camera.gaps.first.map { "\($0.minutes)" } ?? "", Self.words(camera),
                    ]
                })
    }

    private static func words(_ camera: CameraActivity, limit: Int = CameraActivity.gapsMax) -> String {
        let named = camera.gaps.prefix(limit).map { "\($0.from) to \($0.to) (\($0.minutes) min)" }
        let more = camera.gapCount - named.count
        return (named + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "; ")
    }

    private var blocks: [Document.Block] {
        guard !cameras.isEmpty else { return [] }
        let rows = cameras.map { camera in
            [
                camera.camera + (camera.isInPlant ? "" : " (not in the plant file)"),
                camera.hasReported ? "\(camera.reports), \(camera.frameCounts) counts" : "never reported",
                camera.first.map { "\($0) to \(camera.last.map { "\($0)" } ?? "")" } ?? "",
                Self.words(camera, limit: 3),
            ]
        }
        return [
            .heading(2, "Cameras, and times without a report longer than \(minutes) minutes"),
            .table(
                [
                    .init("Camera", weight: 1.1), .init("Reports", weight: 1), .init("First and last", weight: 1.8),
                    .init("Silent, the longest first", weight: 3),
                ], rows: rows),
        ]
    }
}

extension Reader {
    /// What charts say is kept as reports of no part: it is no sign of a camera.
    fileprivate func activity(
        of camera: String, isInPlant: Bool, since: Timestamp, silentFrom from: Timestamp, to: Timestamp, gap: Duration
    ) throws -> CameraActivity {
        let bounds: [(any DatabaseValueConvertible)?] = [camera, since.microseconds, to.microseconds]
        let reports = try row(
            """
            SELECT COUNT(*) AS count, MIN(detected_at) AS first, MAX(detected_at) AS last FROM inspection
            WHERE camera = ? AND detected_at >= ? AND detected_at < ? AND inspected > 0
            """, StatementArguments(bounds))
        let frames = try row(
            """
            SELECT COUNT(*) AS count, MAX(MIN(from_at), ?2) AS first, MIN(MAX(to_at), ?3) AS last FROM frame_count
            WHERE camera = ?1 AND to_at > ?2 AND from_at < ?3
            """, StatementArguments(bounds))
        let firsts = [reports?["first"] as Int64?, frames?["first"] as Int64?].compactMap { $0 }
        let lasts = [reports?["last"] as Int64?, frames?["last"] as Int64?].compactMap { $0 }
        let silences = try silences(of: camera, from: from, to: to, longerThan: gap)
        return CameraActivity(
            camera: camera, isInPlant: isInPlant, reports: reports?["count"] ?? 0, frameCounts: frames?["count"] ?? 0,
            first: firsts.min().map { Timestamp(microseconds: $0) },
            last: lasts.max().map { Timestamp(microseconds: $0) },
            gaps: silences.longest, gapCount: silences.count)
    }

    /// Times that no report and no count of frames falls into, both ends of the range included.
    private func silences(
        of camera: String, from: Timestamp, to: Timestamp, longerThan gap: Duration
    ) throws -> (longest: [CameraActivity.Gap], count: Int) {
        let found = try rows(
            """
            WITH seen (since, until) AS (
                SELECT detected_at, detected_at FROM inspection
                WHERE camera = ?1 AND detected_at >= ?2 AND detected_at < ?3 AND inspected > 0
                UNION ALL SELECT MAX(from_at, ?2), MIN(to_at, ?3) FROM frame_count
                WHERE camera = ?1 AND to_at > ?2 AND from_at < ?3
                UNION ALL SELECT ?2, ?2 UNION ALL SELECT ?3, ?3),
            spans AS (
                SELECT since, MAX(until) OVER (ORDER BY since ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                FROM seen)
            SELECT before, since, COUNT(*) OVER () AS gaps FROM spans WHERE since - before > ?4
            ORDER BY since - before DESC, since LIMIT ?5
            """,
            [camera, from.microseconds, to.microseconds, gap.microseconds, CameraActivity.gapsMax])
        return (
            found.map {
                CameraActivity.Gap(
                    from: Timestamp(microseconds: $0["before"]), to: Timestamp(microseconds: $0["since"]))
            }, found.first?["gaps"] ?? 0
        )
    }
}
