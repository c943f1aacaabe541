import AndonModel
import AndonSQL

/// A stream as a list needs it, without its state: how its newest point stands, and what waits for a person.
public struct ChartLine: Sendable, Hashable {
    public var chart: String
    public var stratum: String
    public var asset: String?
    /// Of the newest point that came in time; nil before the first one that was judged.
    public var standing: String?
    /// Whether limits are in force.
    public var isJudged: Bool
    /// The predictive order that its trend made, by its reference.
    public var planned: String?
    /// Whether limits wait for a person.
    public var isProposed: Bool

    public init(
        chart: String, stratum: String, asset: String? = nil, standing: String? = nil, isJudged: Bool = true,
        planned: String? = nil, isProposed: Bool = false
    ) {
        self.chart = chart
        self.stratum = stratum
        self.asset = asset
        self.standing = standing
        self.isJudged = isJudged
        self.planned = planned
        self.isProposed = isProposed
    }
}

enum ChartLines {
    /// What a list asks of every stream, without the state beside it, which is large. Points do not change it.
    static let schema = """
        CREATE INDEX chart_stream_list ON chart_stream (chart, stratum, asset, planned, proposal);
        """
}

extension Reader {
    // Behind the last point of a baseline limits are in force that no point was judged by yet: the state tells, which is read
    // for those alone.
    /// Streams of one chart, or of all, by name, at most `limit`; of one asset where it is named.
    public func chartLines(of chart: String? = nil, asset: String? = nil, limit: Int) throws -> [ChartLine] {
        try rows(
            """
            SELECT s.chart, s.stratum, s.asset,
                CASE WHEN json_valid(s.planned) THEN json_extract(s.planned, '$.reference') END AS planned,
                s.proposal IS NOT NULL AS proposed, p.standing,
                CASE WHEN p.centre IS NOT NULL THEN 1 ELSE (SELECT json_valid(z.state)
                    AND json_extract(z.state, '$.location') IS NOT NULL FROM chart_stream z WHERE z.rowid = s.rowid) END
                    AS judged
            FROM chart_stream s LEFT JOIN chart_point p ON p.chart = s.chart AND p.stratum = s.stratum
                AND p.number = (SELECT q.number FROM chart_point q WHERE q.chart = s.chart AND q.stratum = s.stratum
                    AND q.late = 0 ORDER BY q.number DESC LIMIT 1)
            WHERE (?1 IS NULL OR s.chart = ?1) AND (?2 IS NULL OR s.asset = ?2) ORDER BY s.chart, s.stratum LIMIT ?3
            """, [chart, asset, limit]
        ).map { row in
            ChartLine(
                chart: row["chart"], stratum: row["stratum"], asset: row["asset"], standing: row["standing"],
                isJudged: row["judged"], planned: row["planned"], isProposed: row["proposed"])
        }
    }

    /// The place among the detections behind which those of an asset are younger than `time`; nil where none is.
    ///
    /// - Parameter limit: how many reports are looked at.
    public func detectionRow(of asset: String, after time: Timestamp, limit: Int = 2000) throws -> Int64? {
        try row(
            """
            SELECT d.rowid AS place FROM (SELECT seq, detected_at FROM inspection WHERE asset = ? AND detected_at > ?
                ORDER BY detected_at LIMIT ?) i JOIN detection d ON d.inspection_seq = i.seq
            ORDER BY i.detected_at LIMIT 1
            """, [asset, time.microseconds, limit])?["place"]
    }
}
