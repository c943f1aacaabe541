import AndonDraw
import CPixels

/// Draws on a JPEG picture without touching what is not under a mark.
///
/// Only blocks with a drawn pixel in them are decoded, drawn on and encoded again, by the picture's own quantization
/// tables and in its own sampling; all others keep their coefficients bit for bit: ``JPEGSplice`` copies their very bits.
/// Of a file of another kind (progressive, arithmetic, several scans) all coefficients are read and written again, as one
/// sequential scan of Huffman codes: coding changes no coefficient.
final class JPEGAnnotator {
    private let picture: OpaquePointer
    private let file: UnsafeBufferPointer<UInt8>
    private let info: andon_jpeg_info

    /// MCU rows that the overlay is drawn for at once.
    private static let bandRows = 4

    /// - Parameter bytes: must live as long as the annotator.
    init(_ bytes: UnsafeBufferPointer<UInt8>, pixelsMax: Int) throws {
        var info = andon_jpeg_info()
        guard let picture = andon_jpeg_open(bytes.baseAddress, bytes.count, &info) else {
            throw AnnotateError.failed("no memory for the picture")
        }
        self.picture = picture
        file = bytes
        self.info = info
        try check()
        try AnnotateError.require(size, within: pixelsMax)
        try requireBlocks()
    }

    deinit { andon_jpeg_close(picture) }

    private func check() throws {
        guard let words = andon_jpeg_error(picture).map({ String(cString: $0) }) else { return }
        // The decoder's word for a limit of memory; the file may be whole.
        guard !words.hasPrefix("Insufficient memory") else {
            throw AnnotateError.failed("the picture needs more memory than it may take")
        }
        throw AnnotateError.damaged(words)
    }

    /// Blocks are drawn on one by one where each component is sampled a whole number of times more coarsely: in every
    /// picture that libjpeg decodes.
    private func requireBlocks() throws {
        guard ComponentColour.all(of: info)?.count == Int(info.components) else {
            throw AnnotateError.unsupported("its \(info.components) components have no colours that are known")
        }
        for component in 0..<Int(info.components) {
            let (across, down) = sampling(component)
            guard Int(info.h_max) == across * factor(info.h, component),
                Int(info.v_max) == down * factor(info.v, component)
            else { throw AnnotateError.unsupported("its colours are sampled by fractions") }
        }
    }

    var size: (width: Int, height: Int) { (Int(info.width), Int(info.height)) }
    /// Rows of a minimal coded unit.
    var unit: Int { 8 * Int(info.v_max) }

    private func factor(_ factors: (Int32, Int32, Int32, Int32), _ component: Int) -> Int {
        max(1, Int([factors.0, factors.1, factors.2, factors.3][component]))
    }

    /// Picture samples to one of the component's, across and down.
    private func sampling(_ component: Int) -> (across: Int, down: Int) {
        (Int(info.h_max) / factor(info.h, component), Int(info.v_max) / factor(info.v, component))
    }

    /// The metadata segments in their order, without those that encoding writes itself.
    func segments() -> [JPEGSegment] {
        var found: [JPEGSegment] = []
        var (index, code, count) = (Int32(0), Int32(0), UInt32(0))
        while let data = andon_jpeg_segment(picture, index, &code, &count) {
            index += 1
            let segment = JPEGSegment(
                code: UInt8(truncatingIfNeeded: code), bytes: Array(UnsafeBufferPointer(start: data, count: Int(count)))
            )
            if !segment.isWrittenByEncoder { found.append(segment) }
        }
        return found
    }

    /// The annotated file.
    ///
    /// - Parameter segments: of metadata, which declare how the copy was made.
    func annotated(
        _ overlay: AnnotationOverlay, _ segments: (Annotator.Method) -> [JPEGSegment]
    ) throws -> (bytes: [UInt8], method: Annotator.Method) {
        if let bytes = try spliced(overlay, segments(.bits)) { return (bytes, .bits) }
        return (try recoded(overlay, segments(.coefficients)), .coefficients)
    }

    /// The annotated file by way of its bits; nil for one that cannot be copied piece by piece, be it whole or damaged.
    func spliced(_ overlay: AnnotationOverlay, _ segments: [JPEGSegment]) throws -> [UInt8]? {
        guard let drawings = drawings(), let splice = JPEGSplice(picture, info, file, drawings) else { return nil }
        do { return try splice.annotated(overlay, segments) } catch is NotSpliceable { return nil }
    }

    /// The annotated file by way of all coefficients.
    func recoded(_ overlay: AnnotationOverlay, _ segments: [JPEGSegment]) throws -> [UInt8] {
        let total = size.height + overlay.stripRows
        let rowsBefore = (size.height + unit - 1) / unit
        let rows = (total + unit - 1) / unit
        guard andon_jpeg_read(picture, UInt32(rows - rowsBefore)) == 0 else {
            try check()
            throw AnnotateError.failed("the coefficients cannot be read")
        }
        guard let drawings = drawings() else { throw AnnotateError.damaged("a component has no quantization table") }
        for first in stride(from: 0, to: rows, by: Self.bandRows) {
            let band = first * unit..<min(rows, first + Self.bandRows) * unit
            guard overlay.touches(band) else { continue }
            try overlay.draw(band) { pixels in
                let layer = OverlayBand(pixels, width: size.width, top: band.lowerBound)
                for component in drawings.indices { try draw(layer, component, drawings[component]) }
            }
        }
        return try written(height: total, segments)
    }

    /// One for each component; nil where one has no quantization table yet.
    private func drawings() -> [BlockDrawing]? {
        let colours = ComponentColour.all(of: info) ?? []
        let drawings = colours.enumerated().compactMap { component, colour -> BlockDrawing? in
            let (across, down) = sampling(component)
            return andon_jpeg_steps(picture, Int32(component)).map {
                BlockDrawing($0, colour, across: across, down: down)
            }
        }
        return drawings.count == colours.count ? drawings : nil
    }

    /// Draws a band on one component.
    private func draw(_ layer: borrowing OverlayBand, _ component: Int, _ drawing: BlockDrawing) throws {
        let high = 8 * drawing.down
        for top in stride(from: layer.top, to: layer.top + layer.height, by: high) {
            guard let row = andon_jpeg_blocks(picture, Int32(component), UInt32(top / high)) else {
                try check()
                throw AnnotateError.failed("a row of blocks cannot be read")
            }
            for block in 0..<Int(andon_jpeg_blocks_across(picture, Int32(component))) {
                drawing.draw(layer, column: block, top: top, on: row + block * 64)
            }
        }
    }

    private func written(height: Int, _ segments: [JPEGSegment]) throws -> [UInt8] {
        guard andon_jpeg_begin(picture, UInt32(height), 0) == 0 else {
            try check()
            throw AnnotateError.failed("the copy cannot be begun")
        }
        for segment in segments {
            _ = segment.bytes.withUnsafeBufferPointer {
                andon_jpeg_put(picture, Int32(segment.code), $0.baseAddress, UInt32($0.count))
            }
        }
        var count = 0
        guard let file = andon_jpeg_finish(picture, &count) else {
            try check()
            throw AnnotateError.failed("the copy cannot be written")
        }
        return Array(UnsafeBufferPointer(start: file, count: count))
    }
}

/// An APPn or COM segment, without its marker and length.
struct JPEGSegment {
    var code: UInt8
    var bytes: [UInt8]

    /// JFIF's and Adobe's, which follow from the picture.
    var isWrittenByEncoder: Bool {
        (code == 0xE0 && bytes.starts(with: Array("JFIF\0".utf8)))
            || (code == 0xEE && bytes.starts(with: Array("Adobe".utf8)))
    }

    static let app1: UInt8 = 0xE1
    static let comment: UInt8 = 0xFE
}
