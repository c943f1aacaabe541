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
    /// What is stored contradicts itself.
    case inconsistent(String)

    public var description: String {
        switch self {
        case .inUse(let folder):
            "the data folder \(folder) is in use by another andon process; stop that one, or choose another folder"
        case .unusable(let reason): "the store cannot be used: \(reason)"
        case .newerSchema(let reason): "the data folder was written by a newer version: \(reason)"
        case .notDurable(let reason):
            "a write did not reach the disk (\(reason)); nothing more is accepted until the server is restarted"
        case .inconsistent(let reason): "the store contradicts itself: \(reason)"
        }
    }
}
