import Foundation

/// A floor plan that is a JPEG file, as an SVG around it: librsvg decodes what lies in an SVG.
struct JPEGPlan {
    let header: JPEGHeader
    let bytes: [UInt8]

    /// The pixels as they are seen.
    var frame: FloorPlan.Frame {
        let (width, height) = (Double(header.width), Double(header.height))
        return header.isTurned
            ? FloorPlan.Frame(left: 0, top: 0, width: height, height: width)
            : FloorPlan.Frame(left: 0, top: 0, width: width, height: height)
    }

    var svg: [UInt8] {
        let (width, height) = (Double(header.width), Double(header.height))
        // librsvg does not turn the picture: this does, as browsers do.
        let origin = header.turn.shown(Spot(0, 0), width: width, height: height)
        let right = header.turn.shown(Spot(1, 0), width: width, height: height)
        let down = header.turn.shown(Spot(0, 1), width: width, height: height)
        let matrix = [
            right.x - origin.x, right.y - origin.y, down.x - origin.x, down.y - origin.y, origin.x, origin.y,
        ].map { "\(Int($0))" }.joined(separator: " ")
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \
            viewBox="0 0 \(Int(frame.width)) \(Int(frame.height))"><image width="\(header.width)" \
            height="\(header.height)" preserveAspectRatio="none" transform="matrix(\(matrix))" \
            xlink:href="data:image/jpeg;base64,
            """
        return Array(head.utf8) + Array(Data(bytes).base64EncodedData()) + Array("\"/></svg>".utf8)
    }
}
