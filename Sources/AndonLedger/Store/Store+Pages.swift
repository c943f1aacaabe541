import AndonSQL

/// Pages of the database: what is damaged, and copies of all of them.
extension Store {
    /// An error of a read in the store's words. A damaged page ends the acceptance of anything: what is written from here on
    /// might be written over what is whole.
    func noticed(_ error: any Error) -> any Error {
        guard Self.isDamage(error) else { return Self.passing(error) ?? error }
        let failure = Self.damage(error, folder)
        fail(failure)
        return failure
    }

    static func isDamage(_ error: any Error) -> Bool { (error as? DatabaseError)?.kind == .damaged }

    static func damage(_ error: any Error, _ folder: String) -> StoreError {
        .damaged("\(StoreDatabase.path(of: folder)): \(error)")
    }

    /// Reads the tables, one after the other, and holds indexes against them; where a page is damaged, nothing is accepted from
    /// there on.
    ///
    /// - Parameter pause: waits between two tables.
    /// - Returns: the damage; nil where there is none, or where an engine looks after that itself.
    public func checkPages(pause: () async throws -> Void = {}) async throws -> StoreError? {
        guard let engine = engine as? SQLiteEngine else { return nil }
        do {
            for table in try await engine.tables() {
                try await pause()
                let faults = try await Self.faults(of: table, engine)
                guard !faults.isEmpty else { continue }
                throw DatabaseError(
                    kind: .damaged, message: "the table \(table): \(faults.prefix(3).joined(separator: "; "))")
            }
            return nil
        } catch {
            guard Self.isDamage(error) else { throw Self.passing(error) ?? error }
            return noticed(error) as? StoreError
        }
    }

    /// A page may be so bad that it ends the check.
    private static func faults(of table: String, _ engine: SQLiteEngine) async throws -> [String] {
        do { return try await engine.faults(of: table) } catch {
            guard isDamage(error) else { throw error }
            return ["\(error)"]
        }
    }

    /// Copies the database as it is at this moment into a new file, beside whoever writes it.
    ///
    /// - Throws: ``StoreError/unusable(_:)`` where the facts are in no file.
    public func copyFile(to path: String) throws {
        guard let engine = engine as? SQLiteEngine else {
            throw StoreError.unusable("the facts are in PostgreSQL, which copies them by pg_dump")
        }
        try engine.copy(to: path)
    }
}
