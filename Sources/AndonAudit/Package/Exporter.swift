import AndonDraw
import AndonLedger
import AndonModel
import AndonTransparency
import Foundation

/// Makes a compliance package: records in a standard's form, the clauses with their gaps, the pictures, and all that a
/// stranger needs to check it offline.
///
/// One record after the other is read, written and forgotten; of each stay a line of the register and the digests of its
/// files.
public struct Exporter: Sendable {
    public var standard: Standard
    public var query: PackageQuery
    public var store: Store
    /// The ledger as it was signed for this package.
    public var checkpoint: StoredCheckpoint
    public var keys: [VerifierKey]
    public var sign: @Sendable (String) async throws -> String
    /// The bytes of a picture that is kept; nil where it is not kept any more.
    public var original: @Sendable (Picture) async throws -> [UInt8]?
    /// The annotated copy; nil where none can be made.
    public var annotated: @Sendable (WorkOrder) async throws -> [UInt8]?
    public var version: String

    public init(
        standard: Standard, query: PackageQuery, store: Store, checkpoint: StoredCheckpoint, keys: [VerifierKey],
        version: String, sign: @escaping @Sendable (String) async throws -> String,
        original: @escaping @Sendable (Picture) async throws -> [UInt8]?,
        annotated: @escaping @Sendable (WorkOrder) async throws -> [UInt8]?
    ) {
        (self.standard, self.query, self.store, self.checkpoint, self.keys) = (standard, query, store, checkpoint, keys)
        (self.version, self.sign, self.original, self.annotated) = (version, sign, original, annotated)
    }

    /// - Parameter progress: after each record: how many are done.
    public func write(
        _ references: [Reference], to sink: @escaping PackageWriter.Sink,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws {
        var package = PackageWriter(to: sink)
        var register = Register(standard)
        try await package.add("README.txt", Array(readme.utf8))
        try await package.add("verify.html", try Self.resource("verify.html"))
        try await package.add("verify.py", try Self.resource("verify.py"))
        for (number, reference) in references.enumerated() {
            guard let record = try await store.read({ try TraceableRecord(reference, from: $0) }) else { continue }
            register.add(record)
            try await add(record, to: &package)
            progress(number + 1)
        }
        try await finish(&package, register)
    }

    private func add(_ record: TraceableRecord, to package: inout PackageWriter) async throws {
        let name = record.reference.text
        var pictures: [(bytes: [UInt8], description: String)] = []
        if let picture = record.order.document.picture {
            let ending = picture.mediaType.fileExtension
            if let bytes = try await original(picture) {
                try await package.add("pictures/\(name)-original.\(ending)", bytes)
            }
            if let bytes = try await annotated(record.order.document) {
                try await package.add("pictures/\(name)-annotated.\(ending)", bytes)
                pictures = [(bytes, "The picture with its defects marked")]
            }
        }
        try await package.add("records/\(name).json", record.json.canonicalBytes)
        try await package.add(
            "records/\(name).pdf",
            try RecordDocument(record, standard: standard, pictures: pictures).document.pdf())
        try await package.add("proofs/\(name).json", try await proofs(of: record))
    }

    /// Each entry of a record as it was hashed, and its way to the checkpoint's root.
    private func proofs(of record: TraceableRecord) async throws -> [UInt8] {
        let (size, indexes) = (checkpoint.checkpoint.size, record.trail.map(\.index))
        let proofs = try await store.read { reader in
            try indexes.filter { $0 < size }.map { index -> JSON in
                let proof = try reader.inclusion(of: index, in: size)
                return [
                    "index": .integer(index), "entry": .string(String(decoding: proof.entry, as: UTF8.self)),
                    "path": .array(proof.path.map { .string(Base64.text($0)) }),
                ]
            }
        }
        let later = indexes.count { $0 >= size }
        return (["schema": "andon.proofs/1", "later": .integer(later), "entries": .array(proofs)] as JSON)
            .canonicalBytes
    }

    /// How long before and after a lot another one is its neighbour.
    public static let recallMargin: Duration = .seconds(24 * 3600)

    private func finish(_ package: inout PackageWriter, _ register: Register) async throws {
        var recall: Recall?
        if let lot = query.lot {
            let found = try await store.read { try Recall(lot: lot, margin: Self.recallMargin, from: $0) }
            try await package.add("recall.json", found.json.canonicalBytes)
            recall = found
        }
        try await package.add("register.csv", Array(register.csv.utf8))
        try await package.add("register.json", register.json.canonicalBytes)
        try await package.add("data-dictionary.csv", Array(Register.dictionary.utf8))
        try await package.add("clauses.json", register.clauses.canonicalBytes)
        try await package.add("register.pdf", try RegisterDocument(register, query, checkpoint, recall).document.pdf())
        try await package.add("checkpoint", Array(checkpoint.note.description.utf8))
        try await package.add("keys.txt", Array(keys.map { "\($0)\n" }.joined().utf8))
        let manifest = (manifest(package.files, register)).canonicalBytes
        try await package.add("manifest.json", manifest)
        try await package.add("manifest.sig", Array(try await sign(Self.signedText(manifest)).utf8))
        try await package.finish()
    }

    /// What the ledger's key signs of a manifest.
    static func signedText(_ manifest: [UInt8]) -> String { "andon package manifest\n\(Hex.sha256(manifest))\n" }

    private func manifest(_ files: [PackageFile], _ register: Register) -> JSON {
        [
            "schema": "andon.package/1", "standard": .string(standard.id), "edition": .string(standard.edition),
            "query": query.json, "software": .string(version),
            "ledger": [
                "origin": .string(checkpoint.checkpoint.origin), "size": .integer(checkpoint.checkpoint.size),
                "root": .string(Base64.text(checkpoint.checkpoint.root)),
            ],
            "records": .integer(register.lines.count), "complete": .integer(register.matrix.whole),
            "files": .array(files.map(\.json)),
        ]
    }

    private var readme: String {
        """
        Compliance package made by Andon \(version)
        \(standard.name), \(standard.edition)
        \(query.words.joined(separator: "\n"))

        register.pdf         contents, clauses with their gaps, register of the records
        register.csv, .json  the same for programs; data-dictionary.csv says what each column is
        records/             one PDF and one JSON for each order
        pictures/            originals as the camera sent them, and the annotated copies
        proofs/              each order's entries of the ledger with the way to its signed root
        checkpoint, keys.txt the ledger's signed root, and its public key
        manifest.json, .sig  every file with its SHA-256, signed by the ledger's key

        To check that nothing was altered, without any network and without Andon:
          open verify.html in a browser and give it this archive, or
          python3 verify.py THIS-ARCHIVE.zip KEY      (needs Python's package "cryptography"), or
          andon ledger verify-bundle THIS-ARCHIVE.zip --key KEY
        KEY is the ledger's public key. Take it from where it was noted when the server was set up, not from this archive.

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
