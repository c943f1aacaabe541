import Foundation
import SwiftASN1

/// The folder that says whom this application trusts: `trusted/certs`, `trusted/crl`, `issuers/certs`, `issuers/crl`
/// and `rejected`, as OPC UA stacks have it. Nothing is trusted that a person did not put or move there.
///
/// Files are DER or PEM, of any name; those that this type writes are named after the thumbprint alone. The folder is
/// looked at anew whenever a file in it has changed, so that no restart is needed.
public actor TrustList {
    public enum State: String, Sendable, CaseIterable { case trusted, issuer, rejected }

    /// A certificate in the folder, for people.
    public struct Entry: Sendable {
        public let state: State
        public let certificate: PeerCertificate
        public let path: String
        /// When its file was last written: for a rejected one, when the application last knocked.
        public let modified: Date
    }

    /// What an administrator asked for cannot be done.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case thumbprint(String)
        case notFound(thumbprint: String, state: State)
        case file(path: String, reason: String)

        public var description: String {
            switch self {
            case .thumbprint(let text): "\"\(text)\" is not a thumbprint: give its 40 hexadecimal digits"
            case .notFound(let thumbprint, let state):
                "no \(state.rawValue) certificate has the thumbprint \(thumbprint)"
            case .file(let path, let reason): "\(path) cannot be read or written: \(reason)"
            }
        }
    }

    /// How many rejected certificates are kept: the newest.
    public static let rejectedKept = 50
    /// How many files are read of one folder; the rest is reported as unreadable.
    static let filesRead = 1000

    public nonisolated let folder: URL
    /// Grows whenever the folder was found changed: time to check again the certificates of channels that are open.
    public private(set) var generation = 0
    private var anchors = TrustAnchors()
    private var fingerprint: [String]?

    /// Opens the trust list, making its folders where they are missing (mode 0700).
    public init(folder: URL) throws(Failure) {
        self.folder = folder
        for path in ["trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl", "rejected"] {
            let made = folder.appendingPathComponent(path)
            do {
                try FileManager.default.createDirectory(
                    at: made, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch { throw .file(path: made.path, reason: error.localizedDescription) }
        }
    }

    /// The folder's contents as they are now.
    public func current() -> TrustAnchors {
        let folders = ["trusted/certs", "issuers/certs", "trusted/crl", "issuers/crl"].map { files(in: $0) }
        let seen = folders.flatMap { $0.map(\.mark) }
        if seen == fingerprint { return anchors }
        var read = TrustAnchors()
        read.trusted = certificates(folders[0], &read.unreadable)
        read.issuers = certificates(folders[1], &read.unreadable)
        read.lists = (folders[2] + folders[3]).compactMap { file in
            let blocks = contents(file, limit: RevocationList.longest * 2, label: "X509 CRL")
            guard let der = blocks?.first, let list = try? RevocationList(der: der) else {
                read.unreadable.append(file.url.path)
                return nil
            }
            return list
        }
        (anchors, fingerprint) = (read, seen)
        generation += 1
        return read
    }

    /// Makes every check of OPC 10000-4, 6.1.3, on a peer's chain. A certificate that is only not trusted (yet) is put
    /// into `rejected`, where an administrator finds it.
    ///
    /// Takes a few RSA operations: limit how often a stranger can ask for it.
    ///
    /// - Parameter chain: certificates in DER one after the other, the leaf first.
    public func check(
        chain bytes: [UInt8], _ expected: CertificateExpectation, now: Date = Date()
    ) throws(CertificateFault) -> ValidatedCertificate {
        let chain = try PeerCertificate.chain(bytes)
        do {
            return try CertificateValidator(anchors: current(), now: now).validate(chain, expected)
        } catch {
            switch error {
            case .untrusted, .chainIncomplete: keep(chain[0], at: now)
            default: break
            }
            throw error
        }
    }

    /// Everything in the folder, trusted first, newest first.
    public func list() -> [Entry] {
        State.allCases.flatMap { state in
            files(in: Self.path(state)).flatMap { file in
                (contents(file, limit: PeerCertificate.Limits.chainBytes * 2, label: "CERTIFICATE") ?? [])
                    .compactMap { try? PeerCertificate(der: $0) }
                    .map { Entry(state: state, certificate: $0, path: file.url.path, modified: file.modified) }
            }.sorted { $0.modified > $1.modified }
        }
    }

    /// Trusts a rejected certificate from now on.
    public func trust(thumbprint: String) throws(Failure) { try move(thumbprint, from: .rejected, to: .trusted) }

    /// Trusts a trusted certificate no longer. Close the channels that use it.
    public func reject(thumbprint: String) throws(Failure) { try move(thumbprint, from: .trusted, to: .rejected) }

    private func move(_ text: String, from: State, to: State) throws(Failure) {
        let thumbprint = text.lowercased().filter { $0 != ":" && $0 != " " }
        guard thumbprint.utf8.count == 40, thumbprint.allSatisfy(\.isHexDigit) else { throw .thumbprint(text) }
        let found = list().filter { $0.state == from && $0.certificate.thumbprintText == thumbprint }
        guard let first = found.first else { throw .notFound(thumbprint: thumbprint, state: from) }
        // Written first and removed then: a crash in between leaves it in both, and nothing lost.
        try write(first.certificate.der, to: url(thumbprint, to))
        for entry in found {
            do { try FileManager.default.removeItem(atPath: entry.path) } catch {
                throw .file(path: entry.path, reason: error.localizedDescription)
            }
        }
        fingerprint = nil
        if to == .rejected { dropOldest() }
    }

    private static func path(_ state: State) -> String {
        switch state {
        case .trusted: "trusted/certs"
        case .issuer: "issuers/certs"
        case .rejected: "rejected"
        }
    }

    private func url(_ thumbprint: String, _ state: State) -> URL {
        folder.appendingPathComponent(Self.path(state)).appendingPathComponent(thumbprint + ".der")
    }

    private func write(_ der: [UInt8], to url: URL) throws(Failure) {
        do { try Data(der).write(to: url, options: .atomic) } catch {
            throw .file(path: url.path, reason: error.localizedDescription)
        }
    }

    /// Keeps a refused certificate. A full disk must not turn a refusal into another error, so failures are let go.
    private func keep(_ certificate: PeerCertificate, at now: Date) {
        let url = url(certificate.thumbprintText, .rejected)
        if !FileManager.default.fileExists(atPath: url.path) { try? write(certificate.der, to: url) }
        try? FileManager.default.setAttributes([.modificationDate: now], ofItemAtPath: url.path)
        dropOldest()
    }

    private func dropOldest() {
        let kept = files(in: Self.path(.rejected)).sorted { $0.modified > $1.modified }
        for file in kept.dropFirst(Self.rejectedKept) { try? FileManager.default.removeItem(at: file.url) }
    }
}

// Reading of files, bounded in number and length.
extension TrustList {
    private struct File {
        let url: URL
        let size: Int
        let modified: Date
        var mark: String { "\(url.path) \(size) \(modified.timeIntervalSince1970)" }
    }

    private func files(in path: String) -> [File] {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey, .isRegularFileKey]
        let urls = try? FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent(path), includingPropertiesForKeys: Array(keys),
            options: .skipsHiddenFiles)
        return (urls ?? []).sorted { $0.path < $1.path }.prefix(Self.filesRead).compactMap { url in
            guard let values = try? url.resourceValues(forKeys: keys), values.isRegularFile == true else { return nil }
            return File(url: url, size: values.fileSize ?? 0, modified: values.contentModificationDate ?? .distantPast)
        }
    }

    private func certificates(_ files: [File], _ unreadable: inout [String]) -> [PeerCertificate] {
        var all: [PeerCertificate] = []
        for file in files {
            let blocks = contents(file, limit: PeerCertificate.Limits.chainBytes * 2, label: "CERTIFICATE") ?? []
            let read = blocks.compactMap { try? PeerCertificate(der: $0) }
            if read.isEmpty || read.count < blocks.count { unreadable.append(file.url.path) }
            all += read
        }
        return all
    }

    /// The DER in a file: the whole file, or the blocks of a PEM file that bear the label.
    private func contents(_ file: File, limit: Int, label: String) -> [[UInt8]]? {
        guard file.size <= limit, let data = try? Data(contentsOf: file.url), data.count <= limit else { return nil }
        guard data.first != 0x30 else { return [Array(data)] }
        guard let text = String(data: data, encoding: .utf8),
            let documents = try? PEMDocument.parseMultiple(pemString: text)
        else { return nil }
        return documents.filter { $0.discriminator == label }.map(\.derBytes)
    }
}
