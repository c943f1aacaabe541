import AndonLedger
import AndonModel
import UACodec
import UAServer

/// The past of the streams of control charts: every point as it was plotted.
public struct FloorHistory: Sendable {
    let store: Store
    let view: @Sendable () -> FloorView

    public init(store: Store, view: @escaping @Sendable () -> FloorView) {
        self.store = store
        self.view = view
    }

    /// Points of a stream; backwards where the start is later than the end, or there is none (OPC 10000-11, 6.5.3).
    func source(of key: StreamKey) -> HistorySource {
        { start, end, limit, skipped in
            let (from, to) = (start.flatMap(Timestamp.init), end.flatMap(Timestamp.init))
            let isBackwards = from.map { from in to.map { from > $0 } ?? false } ?? true
            let points = try? await store.read { reader in
                try reader.chartPoints(
                    key.chart, key.stratum, from: isBackwards ? to.flatMap { from == nil ? nil : $0 } : from,
                    to: isBackwards ? from ?? to : to, isBackwards: isBackwards, skipped: skipped, limit: limit + 1)
            }
            guard let points else { return nil }
            let plotted = view().charts.first { $0.name == key.chart }?.plotted
            let values = points.prefix(limit).map { point in
                let value = point.judged?.plotted ?? plotted?(point)
                return DataValue(
                    value.map { Variant($0) }, status: value == nil ? .badNoData : nil,
                    sourceTimestamp: point.at.opcua)
            }
            return HistoryPage(values: values, hasMore: points.count > limit)
        }
    }
}

extension Timestamp {
    init?(_ time: DateTime) {
        guard let microseconds = time.unixMicroseconds else { return nil }
        self.init(microseconds: microseconds)
    }
}
