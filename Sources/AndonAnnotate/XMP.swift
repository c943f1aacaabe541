import AndonDraw
import Foundation

/// The declaration of what was drawn, as an XMP packet (ISO 16684-1), beside what the picture had of its own.
struct XMP {
    /// How an APP1 segment with XMP begins (XMP specification part 3, section 1.1.3).
    static let head = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
    /// The keyword of the PNG chunk (part 3, section 1.1.5).
    static let keyword = Array("XML:com.adobe.xmp".utf8)
    /// What an APP1 segment holds beside its head.
    static let bytesMax = 65_533 - 29

    private let description: String

    /// - Parameters:
    ///   - original: SHA-256 of the picture's bytes.
    ///   - method: how the rest of the picture was kept.
    init(_ annotation: Annotation, original: String, method: String) {
        let marks = annotation.marks.prefix(200).map { mark in
            let box = mark.box.map { "\($0)" }.joined(separator: " ")
            return "<rdf:li>\(Self.escaped("\(mark.label), \(mark.band), box \(box)"))</rdf:li>"
        }.joined()
        description = """
            <rdf:Description rdf:about="" xmlns:andon="urn:andon:annotation:1#">\
            <andon:annotated>True</andon:annotated><andon:originalSHA256>\(original)</andon:originalSHA256>\
            <andon:method>\(Self.escaped(method))</andon:method><andon:title>\(Self.escaped(annotation.title))</andon:title>\
            <andon:marks><rdf:Seq>\(marks)</rdf:Seq></andon:marks></rdf:Description>
            """
    }

    /// A whole packet, or the one that was there with the declaration in it; nil when that one has no place for it.
    func packet(in existing: String? = nil) -> String? {
        guard let existing else {
            return
                "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
                + "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\(description)</rdf:RDF>"
                + "</x:xmpmeta><?xpacket end=\"r\"?>"
        }
        guard existing.contains("xmlns:rdf="), let end = existing.range(of: "</rdf:RDF>", options: []) else {
            return nil
        }
        return "\(existing[..<end.lowerBound])\(description)\(existing[end.lowerBound...])"
    }

    /// For where no packet has room.
    var comment: String { description }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
