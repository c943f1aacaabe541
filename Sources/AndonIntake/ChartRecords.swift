import AndonDecide
import AndonLedger
import AndonModel
import AndonSPC
import Foundation
import Synchronization

/// The states of streams between the store's text and memory.
///
/// A state changes with a point only, and is read with every unit: what was decoded last is kept, and holds as long as
/// the store's text is the one that it was kept with. A transaction that was undone therefore does no harm.
final class MonitorCache: Sendable {
    private struct Kept {
        var state: String
        var monitor: Monitor
    }

    private let kept = Mutex<[String: Kept]>([:])
    /// Streams held at once; some kilobytes each.
    private static let countMax = 4096

    func monitor(of record: ChartStreamRecord) throws -> Monitor {
        var monitor: Monitor
        if let held = kept.withLock({ $0[record.name] }), held.state == record.state {
            monitor = held.monitor
        } else {
            monitor = try Self.decoder.decode(Monitor.self, from: Data(record.state.utf8))
            keep(monitor, record)
        }
        monitor.filling = try Self.decoder.decode(Monitor.Filling.self, from: Data(record.filling.utf8))
        return monitor
    }

    func keep(_ monitor: Monitor, _ record: ChartStreamRecord) {
        kept.withLock { kept in
            if kept.count >= Self.countMax, kept[record.name] == nil { kept.removeAll(keepingCapacity: true) }
            kept[record.name] = Kept(state: record.state, monitor: monitor)
        }
    }

    func text(of value: some Encodable) throws -> String {
        String(decoding: try Self.encoder.encode(value), as: UTF8.self)
    }

    // Sums of wild values may leave the numbers that JSON has.
    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}

extension Monitor {
    /// For those who hold a stream's record: the server's answers about charts.
    public init(_ record: ChartStreamRecord) throws { self = try MonitorCache().monitor(of: record) }

    /// The record brought up to the state of the monitor.
    public func kept(in record: ChartStreamRecord) throws -> ChartStreamRecord {
        var record = record
        record.points = count
        record.state = try MonitorCache().text(of: self)
        record.filling = try MonitorCache().text(of: filling)
        return record
    }
}

extension ChartPointRecord {
    init(_ point: Monitor.Point) {
        self.init(
            number: point.number, at: Timestamp(microseconds: point.at), value: point.sample.value,
            size: point.sample.size, spread: point.spread,
            judged: point.plotted.map {
                Judged(plotted: $0.value, centre: $0.centre, lower: $0.lower, upper: $0.upper, sigmas: $0.z)
            },
            signals: point.signals, madeOf: point.points, standing: point.standing?.rawValue,
            limitsVersion: point.limitsVersion, isLate: point.isLate)
    }
}

extension ChartSample {
    public init(_ point: ChartPointRecord) {
        self.init(
            number: point.number, sample: Sample(point.value, of: point.size), spread: point.spread,
            z: point.judged?.sigmas)
    }
}

extension Chart {
    /// A kept point as it is plotted, in phase I as well.
    public func value(of point: ChartPointRecord) -> ChartValue? {
        plottedValue(of: Sample(point.value, of: point.size)).map { ChartValue(at: point.at, value: $0) }
    }
}
