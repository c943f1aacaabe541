/// What the store can say no to.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process has the data folder.
    case inUse(folder: String)
    /// The folder or a file in it cannot be made, opened or read.
    case unusable(String)
    /// The schema was written by a newer version of the program.
    case newerSchema(String)
    /// A write did not become durable. Nothing further is accepted until a restart has read back what is on disk:
    /// after a failed sync the operating system may have dropped the data that it could not write.
    case notDurable(String)
    /// There is no room for a write. Nothing of it was kept, and all that was kept before is whole: what comes when there
    /// is room again is accepted, without a restart.
    case full(String)
    /// The database server cannot be reached, or left. Nothing of the write was kept; what comes when the server is there
    /// again is accepted, without a restart.
    case unreachable(String)
    /// The object storage of the pictures cannot be reached, or refuses us. Nothing of the report was kept; what comes when it
    /// takes pictures again is accepted, without a restart.
    case picturesAway(String)
    /// A page of the database is not what was written. Nothing further is accepted: a backup has to be restored.
    case damaged(String)
    /// What is stored contradicts itself.
    case inconsistent(String)

    public var description: String {
        switch self {
        case .inUse(let folder):
            "the data folder \(folder), or its database, is in use by another andon process; stop that one, or choose another"
        case .unusable(let reason): "the store cannot be used: \(reason)"
        case .newerSchema(let reason): "the data folder was written by a newer version: \(reason)"
        case .notDurable(let reason):
            "a write did not reach the disk (\(reason)); nothing more is accepted until the server is restarted"
        case .full(let reason):
            "the disk of the data folder is full (\(reason)), and nothing of this was kept; make room there, or give the "
                + "data folder a larger disk: no restart is needed"
        case .unreachable(let reason):
            "the database cannot be reached (\(reason)), and nothing of this was kept; no restart is needed when it is back"
        case .picturesAway(let reason):
            "the object storage of the pictures does not take or give them (\(reason)), and nothing of this was kept; no "
                + "restart is needed when it does again"
        case .damaged(let reason):
            "the database is damaged (\(reason)); nothing more is accepted, so that senders keep what they report. Stop the "
                + "server and restore the newest backup: andon restore BACKUP --data FOLDER --replace --by WHO --reason WHY"
        case .inconsistent(let reason): "the store contradicts itself: \(reason)"
        }
    }

    /// Whether it goes over without a restart.
    public var passes: Bool {
        switch self {
        case .full, .unreachable, .picturesAway: true
        case .inUse, .unusable, .newerSchema, .notDurable, .damaged, .inconsistent: false
        }
    }
}
