import Foundation
import NIOPosix
import Synchronization
import UASecurity

/// Who this server is to OPC UA applications: certificate, key and trust list in `pki` of the data folder, shared by all
/// that speaks OPC UA here. Certificate and key are made when they are first needed.
public final class OPCUAApplication: Sendable {
    public let folder: URL
    private let description: ApplicationDescription
    public var applicationURI: String { description.applicationURI }
    private let loaded = Mutex<Task<Loaded, any Error>?>(nil)

    public struct Loaded: Sendable {
        public var instance: ApplicationInstance
        public var trust: TrustList
    }

    /// - Parameter description: what the certificate says when it is made; its URI must be the same for ever.
    public init(dataFolder: String, description: ApplicationDescription) {
        folder = URL(fileURLWithPath: dataFolder, isDirectory: true).appendingPathComponent("pki", isDirectory: true)
        self.description = description
    }

    /// - Throws: `ApplicationInstance.Failure` or `TrustList.Failure`; the next call tries again.
    public func load() async throws -> Loaded {
        let task = loaded.withLock { task in
            if let task { return task }
            // To make a key takes a good part of a second: not on the threads that everything else runs on.
            let made = Task { [folder, description] in
                try await NIOThreadPool.singleton.runIfActive {
                    let instance = try ApplicationInstance.loadOrMake(folder: folder, description)
                    return Loaded(instance: instance, trust: try TrustList(folder: folder))
                }
            }
            task = made
            return made
        }
        do { return try await task.value } catch {
            loaded.withLock { $0 = nil }
            throw error
        }
    }
}
