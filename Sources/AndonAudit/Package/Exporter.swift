import AndonDraw
import AndonLedger
import AndonModel
import AndonTransparency
import Foundation

/// Makes a compliance package: records in a standard's form, the clauses with their gaps, what the system itself shows, the
/// pictures, and all that a stranger needs to check it offline.
///
/// One record after the other is read, written and forgotten; what grows with their number waits on the disk.
public struct Exporter: Sendable {
    public var standard: Standard
    public var query: PackageQuery
    public var store: Store
    /// The ledger as it was signed for this package, with what witnesses signed of it.
    public var checkpoint: StoredCheckpoint
    public var keys: [VerifierKey]
    public var system: SystemSettings
    public var sign: @Sendable (String) async throws -> SignedNote
    /// The bytes of a picture that is kept; nil where it is not kept any more.
    public var original: @Sendable (Picture) async throws -> [UInt8]?
    /// The annotated copy; nil where none can be made.
    public var annotated: @Sendable (WorkOrder) async throws -> [UInt8]?
    /// Who signs the package; nil for nobody.
    public var signature: ExportSignature?

    /// A longer register goes into several documents.
    public var registerLinesMax = 1000

    public init(
        standard: Standard, query: PackageQuery, store: Store, checkpoint: StoredCheckpoint, keys: [VerifierKey],
        system: SystemSettings, sign: @escaping @Sendable (String) async throws -> SignedNote,
        original: @escaping @Sendable (Picture) async throws -> [UInt8]?,
        annotated: @escaping @Sendable (WorkOrder) async throws -> [UInt8]?
    ) {
        (self.standard, self.query, self.store, self.checkpoint, self.keys) = (standard, query, store, checkpoint, keys)
        (self.system, self.sign, self.original, self.annotated) = (system, sign, original, annotated)
    }

    public func write(_ references: [Reference], to sink: @escaping PackageWriter.Sink) async throws {
        var package = try PackageWriter(to: sink)
        try await begin(&package)
        let parts = try await addSystem(to: &package)
        var register = try Register(standard, system: parts.map(\.finding))
        var volumes = RegisterVolumes(linesMax: registerLinesMax)
        var current = try await prepared(references.first)
        for index in references.indices {
            // While one record is drawn, the next one's picture is annotated in a process of its own.
            async let next = prepared(references.dropFirst(index + 1).first)
            if let current {
                try await volumes.writeIfFull(&register, query, to: &package)
                try register.add(current.record)
                try await add(current, to: &package)
            }
            current = try await next
        }
        try await volumes.finish(&register, query, to: &package)
        try await finish(&package, register, volumes.volumes, parts)
    }

    /// The checkpoint comes before the proofs, so that whoever checks them keeps none of them.
    private func begin(_ package: inout PackageWriter) async throws {
        try await package.add("README.txt", Array(readme.utf8))
        try await package.add("verify.html", try Self.resource("verify.html"))
        try await package.add("verify.py", try Self.resource("verify.py"))
        try await package.add("checkpoint", Array(checkpoint.note.description.utf8))
        try await package.add("keys.txt", Array(keys.map { "\($0)\n" }.joined().utf8))
    }

    private func addSystem(to package: inout PackageWriter) async throws -> [SystemPart] {
        let size = checkpoint.checkpoint.size
        let (parts, proofs) = try await store.read { reader in
            let evidence = SystemEvidence(reader: reader, query: query, settings: system, checkpoint: checkpoint)
            let parts = try evidence.parts()
            let own = try signature?.entries(reader).map(\.index) ?? []
            let indexes = Set(parts.flatMap(\.entries) + own).sorted()
            return (parts, try EntryProofs(of: indexes, in: size, from: reader).json)
        }
        for file in parts.flatMap(\.files) { try await package.add(file.name, file.bytes) }
        try await package.add("proofs/system.json", proofs.canonicalBytes)
        return parts
    }

    /// What is read and drawn of a record before it is written.
    private struct Prepared: Sendable {
        var record: TraceableRecord
        var proofs: JSON
        var original: [UInt8]?
        var annotated: [UInt8]?
    }

    /// A record and the proofs of its entries are of one moment: a name that is erased meanwhile is in both or in neither.
    private func prepared(_ reference: Reference?) async throws -> Prepared? {
        guard let reference else { return nil }
        let size = checkpoint.checkpoint.size
        let found = try await store.read { reader -> Prepared? in
            guard let record = try TraceableRecord(reference, from: reader) else { return nil }
            let proofs = try EntryProofs(of: record.trail.map(\.index), in: size, from: reader).json
            return Prepared(record: record, proofs: proofs)
        }
        guard var prepared = found, let picture = prepared.record.order.document.picture else { return found }
        prepared.original = try await original(picture)
        prepared.annotated = try await annotated(prepared.record.order.document)
        return prepared
    }

    private func add(_ prepared: Prepared, to package: inout PackageWriter) async throws {
        let record = prepared.record
        let name = record.reference.text
        let ending = record.order.document.picture?.mediaType.fileExtension ?? ""
        if let bytes = prepared.original { try await package.add("pictures/\(name)-original.\(ending)", bytes) }
        if let bytes = prepared.annotated { try await package.add("pictures/\(name)-annotated.\(ending)", bytes) }
        for photo in record.photos {
            // One after the other: an order may have many.
            guard let bytes = try await original(photo.picture) else { continue }
            let file = "\(name)-photo-\(photo.number).\(photo.picture.mediaType.fileExtension)"
            try await package.add("pictures/\(file)", bytes)
        }
        let pictures =
            prepared.annotated.map { [(bytes: $0, description: "The picture with its defects marked")] } ?? []
        try await package.add("records/\(name).json", record.json.canonicalBytes)
        try await package.add(
            "records/\(name).pdf",
            try RecordDocument(record, standard: standard, pictures: pictures).document.pdf())
        try await package.add("proofs/\(name).json", prepared.proofs.canonicalBytes)
    }

    /// How long before and after a lot another one is its neighbour.
    public static let recallMargin: Duration = .seconds(24 * 3600)

    private func finish(
        _ package: inout PackageWriter, _ register: Register, _ volumes: [RegisterVolumes.Volume], _ parts: [SystemPart]
    ) async throws {
        var recall: Recall?
        if let lot = query.lot {
            let found = try await store.read { try Recall(lot: lot, margin: Self.recallMargin, from: $0) }
            try await package.add("recall.json", found.json.canonicalBytes)
            recall = found
        }
        try await register.write(to: &package)
        try await package.add("data-dictionary.csv", Array(Register.dictionary.utf8))
        try await package.add("clauses.json", register.clauses.canonicalBytes)
        let front = RegisterDocument(
            register: register, query: query, checkpoint: checkpoint, system: parts, recall: recall, volumes: volumes,
            signed: try await store.read { try signature?.words($0) ?? [] })
        try await package.add("register.pdf", try front.document.pdf())
        let manifest = try await package.addManifest("manifest.json", manifest(register, parts))
        var note = try await sign(Self.signedText(manifest.sha256))
        if let signature { note.signatures.append(try signature.sign(note.text)) }
        try await package.add("manifest.sig", Array(note.description.utf8))
        try await package.finish()
    }

    /// What the ledger's key signs of a manifest with this digest.
    static func signedText(_ sha256: String) -> String { "andon package manifest\n\(sha256)\n" }

    private func manifest(_ register: Register, _ parts: [SystemPart]) -> [String: JSON] {
        [
            "schema": "andon.package/1", "standard": .string(standard.id), "edition": .string(standard.edition),
            "query": query.json, "software": .string(system.version),
            "ledger": [
                "origin": .string(checkpoint.checkpoint.origin), "size": .integer(checkpoint.checkpoint.size),
                "root": .string(Base64.text(checkpoint.checkpoint.root)),
            ],
            "records": .integer(register.matrix.records), "complete": .integer(register.matrix.whole),
            "system": .array(parts.map(\.finding.json)),
        ]
    }

    private var readme: String {
        """
        Compliance package made by Andon \(system.version)
        \(standard.name), \(standard.edition)
        \(query.words.joined(separator: "\n"))

        register.pdf         contents, clauses with their gaps, the system, register of the records (a long one goes on
                             in register-1.pdf and so on)
        register.csv, .json  the same for programs; data-dictionary.csv says what each column is
        records/             one PDF and one JSON for each order
        pictures/            originals as the camera sent them, the annotated copies, and photos of the repairs
        system/              cameras and when they were silent, the rules in force, the accounts, the recorded
                             validation of this version, the ledger's keys, entries and daily sums
        proofs/              each order's entries of the ledger with the way to its signed root, and for each name in
                             them that is still kept what shows that it is the one that the entry commits to
        timestamps/          where a time stamping authority is asked: its answers (RFC 3161), each with what it is of
        checkpoint, keys.txt the ledger's signed root, and its public keys
        manifest.json, .sig  every file with its SHA-256, signed by the ledger's key, and by the person who answers for
                             the package, where one does

        To check that nothing was altered, without any network and without Andon:
          open verify.html in a browser and give it this archive, or
          python3 verify.py THIS-ARCHIVE.zip KEY      (needs Python's package "cryptography"), or
          andon ledger verify-bundle THIS-ARCHIVE.zip --key KEY
        KEY is the ledger's public key. Take it from where it was noted when the server was set up, not from this archive.
        Keys of witnesses may follow it (--witness with andon); what a witness signed and whose key was not given is named
        as not checked.
        A time stamp: openssl ts -verify -in timestamps/SIZE.tsr -data timestamps/SIZE.checkpoint -CAfile AUTHORITY.pem

        What this shows: what Andon received, decided, sent and was answered, and that none of it was altered since the
        checkpoint. What it cannot show: whether a record in the CMMS was changed there later; reconciliation finds that.

        """
    }

    private static func resource(_ name: String) throws -> [UInt8] {
        guard let file = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Verifiers") else {
            throw Problem(
                status: 500, type: "package", title: "The package cannot be made",
                detail: "\(name) is missing in the installation.")
        }
        return Array(try Data(contentsOf: file))
    }
}
