import Foundation
import SwiftASN1
import X509

/// A certificate revocation list (RFC 5280, 5), read as far as a check needs it. swift-certificates has no reader.
struct RevocationList: Sendable {
    let issuer: DistinguishedName
    let thisUpdate: Date
    /// When the authority promised the next one; without a promise the list never gets too old.
    let nextUpdate: Date?
    /// Serial numbers without leading zeros.
    private let serials: Set<ArraySlice<UInt8>>
    private let signed: ArraySlice<UInt8>
    private let signature: ArraySlice<UInt8>
    private let algorithm: Certificate.SignatureAlgorithm

    /// The longest list that is read, in bytes: some ten thousand entries.
    static let longest = 1_048_576

    /// Reads a list in DER. Its signature is not checked yet.
    ///
    /// Throws for delta lists, lists of only some reasons, and every other critical extension: a list that is not
    /// understood whole must not be relied on (RFC 5280, 5.2).
    init(der: [UInt8]) throws {
        guard der.count <= Self.longest else { throw Unreadable() }
        let (content, outer, bits) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            guard let content = nodes.next(), let outer = nodes.next(), let bits = nodes.next() else {
                throw Unreadable()
            }
            return (content, outer, try ASN1BitString(derEncoded: bits))
        }
        guard let algorithm = try Self.algorithm(outer), bits.paddingBits == 0 else { throw Unreadable() }
        self.algorithm = algorithm
        signed = content.encodedBytes
        signature = bits.bytes
        let body = try DER.sequence(content, identifier: .sequence) { nodes in try Body(&nodes) }
        // The algorithm stands inside and outside the signature; the two must agree (RFC 5280, 5.1.1.2).
        guard body.algorithm == outer.encodedBytes else { throw Unreadable() }
        (issuer, thisUpdate, nextUpdate, serials) = (body.issuer, body.thisUpdate, body.nextUpdate, body.serials)
    }

    struct Unreadable: Error {}

    /// Whether the authority made this list: name, right to sign lists, and signature.
    func isFrom(_ authority: PeerCertificate) -> Bool {
        guard issuer == authority.x509.subject else { return false }
        if let usage = try? authority.x509.extensions.keyUsage, !usage.cRLSign { return false }
        return authority.x509.publicKey.isValidSignature(signature, for: signed, signatureAlgorithm: algorithm)
    }

    /// Whether it holds now.
    func isCurrent(at now: Date) -> Bool { thisUpdate <= now && nextUpdate.map { now <= $0 } ?? true }

    func revokes(_ certificate: PeerCertificate) -> Bool {
        serials.contains(certificate.x509.serialNumber.bytes.drop { $0 == 0 })
    }

    private static func algorithm(_ node: ASN1Node) throws -> Certificate.SignatureAlgorithm? {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let oid = try ASN1ObjectIdentifier(derEncoded: &nodes)
            while nodes.next() != nil {}
            return known[oid]
        }
    }

    private static let known: [ASN1ObjectIdentifier: Certificate.SignatureAlgorithm] = [
        [1, 2, 840, 113549, 1, 1, 11]: .sha256WithRSAEncryption,
        [1, 2, 840, 113549, 1, 1, 12]: .sha384WithRSAEncryption,
        [1, 2, 840, 113549, 1, 1, 13]: .sha512WithRSAEncryption,
        [1, 2, 840, 10045, 4, 3, 2]: .ecdsaWithSHA256,
        [1, 2, 840, 10045, 4, 3, 3]: .ecdsaWithSHA384,
        [1, 2, 840, 10045, 4, 3, 4]: .ecdsaWithSHA512,
    ]
}

extension RevocationList {
    /// TBSCertList of RFC 5280, 5.1.
    private struct Body {
        var algorithm: ArraySlice<UInt8>
        var issuer: DistinguishedName
        var thisUpdate: Date
        var nextUpdate: Date?
        var serials: Set<ArraySlice<UInt8>> = []

        init(_ nodes: inout ASN1NodeCollection.Iterator) throws {
            var next = nodes.next()
            if next?.identifier == .integer { next = nodes.next() }
            guard let algorithm = next, let issuer = nodes.next(), let time = nodes.next() else { throw Unreadable() }
            self.algorithm = algorithm.encodedBytes
            self.issuer = try DistinguishedName(derEncoded: issuer)
            thisUpdate = try Self.date(time)
            next = nodes.next()
            if let node = next, [.utcTime, .generalizedTime].contains(node.identifier) {
                nextUpdate = try Self.date(node)
                next = nodes.next()
            }
            if let node = next, node.identifier == .sequence {
                try readEntries(node)
                next = nodes.next()
            }
            if let node = next {
                guard node.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) else {
                    throw Unreadable()
                }
                try DER.explicitlyTagged(node, tagNumber: 0, tagClass: .contextSpecific, Self.checkExtensions)
            }
        }

        private mutating func readEntries(_ node: ASN1Node) throws {
            guard case .constructed(let entries) = node.content else { throw Unreadable() }
            for entry in entries {
                let serial = try DER.sequence(entry, identifier: .sequence) { parts in
                    guard let number = parts.next(), number.identifier == .integer,
                        case .primitive(let bytes) = number.content, let time = parts.next()
                    else { throw Unreadable() }
                    _ = try Self.date(time)
                    if let extensions = parts.next() { try Self.checkExtensions(extensions) }
                    return bytes.drop { $0 == 0 }
                }
                serials.insert(serial)
            }
        }

        private static func checkExtensions(_ node: ASN1Node) throws {
            let all = try DER.sequence(of: Certificate.Extension.self, identifier: .sequence, rootNode: node)
            guard all.allSatisfy({ !$0.critical }) else { throw Unreadable() }
        }

        /// UTCTime or GeneralizedTime as a point in time; days are counted after H. Hinnant, "chrono-Compatible
        /// Low-Level Date Algorithms", `days_from_civil`.
        private static func date(_ node: ASN1Node) throws -> Date {
            let (year, month, day, seconds): (Int, Int, Int, Int)
            if node.identifier == .utcTime {
                let time = try UTCTime(derEncoded: node)
                (year, month, day) = (time.year, time.month, time.day)
                seconds = time.hours * 3600 + time.minutes * 60 + time.seconds
            } else {
                let time = try GeneralizedTime(derEncoded: node)
                (year, month, day) = (time.year, time.month, time.day)
                seconds = time.hours * 3600 + time.minutes * 60 + time.seconds
            }
            let shifted = month <= 2 ? year - 1 : year
            let era = (shifted >= 0 ? shifted : shifted - 399) / 400
            let yearOfEra = shifted - era * 400
            let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
            let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            return Date(timeIntervalSince1970: Double((era * 146_097 + dayOfEra - 719_468) * 86_400 + seconds))
        }
    }
}
