import AndonModel
import AndonSQL
import Foundation

/// A CMMS's asset registry as it was last read.
public struct AssetRegistry: Sendable {
    public var connector: String
    public var readAt: Timestamp
    public var assets: [Asset]
}

extension Transaction {
    /// Replaces what is kept of a connector's registry. The ledger has an entry only when it changed.
    public func keepRegistry(_ assets: [Asset], connector: String) throws {
        let byID = Dictionary(assets.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let documents = try byID.values.sorted { $0.id < $1.id }.map { ($0.id, try $0.keptText()) }
        let digest = Hex.sha256(Array(documents.map(\.1).joined(separator: "\n").utf8))
        let before = try reader.row("SELECT digest FROM registry WHERE connector = ?", [connector])
        try run(
            """
            INSERT INTO registry (connector, read_at, digest) VALUES (?, ?, ?)
            ON CONFLICT (connector) DO UPDATE SET read_at = excluded.read_at, digest = excluded.digest
            """, [connector, now.microseconds, digest])
        guard before?["digest"] != digest else { return }
        try run("DELETE FROM registry_asset WHERE connector = ?", [connector])
        for (id, document) in documents {
            try run(
                """
                INSERT INTO registry_asset (connector, asset, document) VALUES (?, ?, ?)
                ON CONFLICT (connector, asset) DO UPDATE SET document = excluded.document
                """, [connector, id, document])
        }
        try record(
            "registry.read", of: connector, ["assets": .integer(documents.count), "digest": .string(digest)])
    }
}

extension Reader {
    /// All registries that were ever read.
    public func registries() throws -> [AssetRegistry] {
        try rows("SELECT connector, read_at FROM registry ORDER BY connector").map { row in
            let connector: String = row["connector"]
            let assets = try registryAssets("SELECT document FROM registry_asset WHERE connector = ?", [connector])
            return AssetRegistry(connector: connector, readAt: Timestamp(row, "read_at"), assets: assets)
        }
    }

    func registryAssets(_ sql: String, _ arguments: StatementArguments) throws -> [Asset] {
        try rows(sql, arguments).map { try Asset(kept: $0["document"]) }
    }

    public func registrySize(connector: String) throws -> (readAt: Timestamp, assets: Int)? {
        guard let row = try row("SELECT read_at FROM registry WHERE connector = ?", [connector]) else { return nil }
        let assets = try count("SELECT COUNT(*) FROM registry_asset WHERE connector = ?", [connector])
        return (Timestamp(row, "read_at"), assets)
    }
}
