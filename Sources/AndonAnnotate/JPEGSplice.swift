import AndonDraw
import CPixels

/// The annotated copy of a file that is one sequential scan of Huffman codes, as cameras write it: the bits of all units
/// without a mark are copied as they stand, and only the others are read, drawn on and written, with the file's own tables.
///
/// It takes a fraction of the time that decoding takes, and no memory for pixels or coefficients.
struct JPEGSplice {
    private let info: andon_jpeg_info
    private let drawings: [BlockDrawing]
    private let codes: [HuffmanCode]
    /// Of a unit, in their order.
    private let blocks: [UnitBlock]
    private let file: UnsafeBufferPointer<UInt8>
    private let scan: Int
    private let unitsAcross: Int
    private let unitRows: Int
    /// Of the picture, in a unit.
    private let unitHeight: Int

    /// Unit rows that the overlay is drawn for at once.
    private static let bandRows = 4

    /// - Parameters:
    ///   - file: all of it, as it was opened; must outlive the copy.
    ///   - drawings: by component.
    /// - Returns: nil for any other kind of file.
    init?(
        _ picture: OpaquePointer, _ info: andon_jpeg_info, _ file: UnsafeBufferPointer<UInt8>,
        _ drawings: [BlockDrawing]
    ) {
        scan = andon_jpeg_scan(picture)
        guard scan > 0, scan < file.count else { return nil }
        (self.info, self.file, self.drawings) = (info, file, drawings)
        let isSingle = drawings.count == 1
        // A component that is alone in its scan has units of one block (T.81, A.2.2).
        unitsAcross =
            (Int(info.width) + 8 * (isSingle ? drawings[0].across : Int(info.h_max)) - 1)
            / (8 * (isSingle ? drawings[0].across : Int(info.h_max)))
        unitHeight = 8 * (isSingle ? drawings[0].down : Int(info.v_max))
        unitRows = (Int(info.height) + unitHeight - 1) / unitHeight
        var (codes, blocks): ([HuffmanCode], [UnitBlock]) = ([], [])
        for (component, drawing) in drawings.enumerated() {
            guard let dc = Self.code(picture, component, isAC: false),
                let ac = Self.code(picture, component, isAC: true)
            else { return nil }
            codes += [dc, ac]
            for row in 0..<(isSingle ? 1 : Int(info.v_max) / drawing.down) {
                for column in 0..<(isSingle ? 1 : Int(info.h_max) / drawing.across) {
                    blocks.append(UnitBlock(component: component, column: column, row: row, dc: dc, ac: ac))
                }
            }
        }
        guard blocks.count <= EntropyReader.blocksMax else { return nil }
        (self.codes, self.blocks) = (codes, blocks)
    }

    private static func code(_ picture: OpaquePointer, _ component: Int, isAC: Bool) -> HuffmanCode? {
        var values: UnsafePointer<UInt8>?
        guard let counts = andon_jpeg_code(picture, Int32(component), isAC ? 1 : 0, &values), let values else {
            return nil
        }
        return HuffmanCode(counts: counts, values: values)
    }

    /// The annotated file.
    ///
    /// - Parameter segments: of metadata, all.
    /// - Throws: ``NotSpliceable`` for a scan with an error in it, or tables that lack a code for what is drawn.
    func annotated(_ overlay: AnnotationOverlay, _ segments: [JPEGSegment]) throws -> [UInt8] {
        let total = Int(info.height) + overlay.stripRows
        let head = try head(height: total, segments)
        return try withExtendedLifetime(codes) {
            let units = UnsafeMutableBufferPointer<UnitBlock>.allocate(capacity: blocks.count)
            _ = units.initialize(from: blocks)
            defer { units.deallocate() }
            let copy = Copy(
                reader: try EntropyReader(UnsafeBufferPointer(rebasing: file[scan...]), units),
                writer: EntropyWriter(units, expecting: (file.count - scan) * 17 / 16),
                unitsAcross: unitsAcross, restart: Int(info.restart_interval), blocks: blocks.count)
            let rows = (total + unitHeight - 1) / unitHeight
            for first in stride(from: 0, to: rows, by: Self.bandRows) {
                let band = first..<min(rows, first + Self.bandRows)
                let lines = band.lowerBound * unitHeight..<band.upperBound * unitHeight
                guard overlay.touches(lines) else {
                    guard band.upperBound <= unitRows else { throw NotSpliceable() }
                    for _ in band { try copy.keepRow() }
                    continue
                }
                try overlay.draw(lines) { pixels in
                    let layer = OverlayBand(pixels, width: Int(info.width), top: lines.lowerBound)
                    for row in band { try draw(row, layer, copy) }
                }
            }
            try copy.reader.finish()
            return copy.writer.file(behind: head)
        }
    }

    private func draw(_ row: Int, _ layer: borrowing OverlayBand, _ copy: Copy) throws {
        let (top, isNew) = (row * unitHeight, row >= unitRows)
        let width = 8 * (drawings.count == 1 ? drawings[0].across : Int(info.h_max))
        for unit in 0..<unitsAcross {
            try copy.begin(isNew: isNew)
            guard isNew || layer.hasMark(left: unit * width, top: top, width: width, height: unitHeight) else {
                try copy.keep()
                continue
            }
            let coefficients = try copy.open(isNew: isNew)
            for (index, block) in blocks.enumerated() {
                let drawing = drawings[block.component]
                drawing.draw(
                    layer, column: unit * (width / 8 / drawing.across) + block.column,
                    top: top + block.row * 8 * drawing.down, on: coefficients + 64 * index)
            }
            try copy.writer.writeUnit(coefficients)
        }
    }

    /// All before the scan: the metadata first, then the tables and headers as they stand, with the new height.
    private func head(height: Int, _ segments: [JPEGSegment]) throws -> [UInt8] {
        var (metadata, tables): ([UInt8], [UInt8]) = ([], [])
        var at = 2
        while at < scan {
            guard at + 4 <= scan, file[at] == 0xFF else { throw NotSpliceable() }
            guard file[at + 1] != 0xFF else {
                at += 1
                continue
            }
            let (code, end) = (file[at + 1], at + 2 + Int(file[at + 2]) << 8 + Int(file[at + 3]))
            guard end > at + 3, end <= scan else { throw NotSpliceable() }
            var segment = Array(file[at..<end])
            switch code {
            case 0xE0...0xEF, JPEGSegment.comment:
                if JPEGSegment(code: code, bytes: Array(segment.dropFirst(4))).isWrittenByEncoder {
                    metadata += segment
                }
            case 0xC0...0xC3 where segment.count > 8:
                (segment[5], segment[6]) = (UInt8(height >> 8), UInt8(height & 0xFF))
                tables += segment
            default: tables += segment
            }
            at = end
        }
        for segment in segments {
            let count = segment.bytes.count + 2
            guard count <= 0xFFFF else { throw NotSpliceable() }
            metadata += [0xFF, segment.code, UInt8(count >> 8), UInt8(count & 0xFF)] + segment.bytes
        }
        return [0xFF, 0xD8] + metadata + tables
    }
}

/// A copy under way: what was read, what was written, and the bits between that are still to be copied.
private final class Copy {
    let reader: EntropyReader
    let writer: EntropyWriter
    private let unitsAcross: Int
    /// Units between restart markers; 0 for none.
    private let restart: Int
    private var unitsLeft: Int
    private let coefficients: UnsafeMutablePointer<Int16>
    private let count: Int
    /// The first bit that is to be copied.
    private var start: Int?

    init(reader: EntropyReader, writer: EntropyWriter, unitsAcross: Int, restart: Int, blocks: Int) {
        (self.reader, self.writer, self.unitsAcross, self.restart) = (reader, writer, unitsAcross, restart)
        unitsLeft = restart
        count = 64 * blocks
        coefficients = .allocate(capacity: count)
        coefficients.initialize(repeating: 0, count: count)
    }

    deinit { coefficients.deallocate() }

    /// Writes what was kept so far.
    private func flush() {
        guard let first = start else { return }
        writer.copy(first..<reader.position, of: reader)
        writer.predictions.update(from: reader.predictions, count: 4)
        start = nil
    }

    /// Before each unit. New ones have no original.
    func begin(isNew: Bool) throws {
        if isNew { flush() }
        guard restart > 0 else { return }
        if unitsLeft == 0 {
            flush()
            writer.restart()
            if !isNew { try reader.restart() }
            unitsLeft = restart
        }
        unitsLeft -= 1
    }

    /// Copies the next unit. The first one behind another has other differences of its DC values.
    func keep() throws {
        if start == nil {
            guard (0..<4).allSatisfy({ reader.predictions[$0] == writer.predictions[$0] }) else {
                try reader.readUnit(coefficients)
                try writer.writeUnit(coefficients)
                return
            }
            start = reader.position
        }
        try reader.skipUnit()
    }

    /// Copies a row of units.
    func keepRow() throws {
        for _ in 0..<unitsAcross {
            try begin(isNew: false)
            try keep()
        }
    }

    /// The next unit's coefficients, for drawing and writing; a new one's are 0.
    func open(isNew: Bool) throws -> UnsafeMutablePointer<Int16> {
        flush()
        if isNew {
            coefficients.update(repeating: 0, count: count)
        } else {
            try reader.readUnit(coefficients)
        }
        return coefficients
    }
}
