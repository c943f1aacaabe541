import Foundation
import NIOPosix
import Synchronization
import UASecurity

/// Who this server is to OPC UA applications: certificate, key and trust list in `pki` of the data folder, shared by all
/// that speaks OPC UA here. Certificate and key are made when they are first needed.
public final class OPCUAApplication: Sendable {
    public let folder: URL
    public let applicationURI: String
    private let loaded = Mutex<Task<Loaded, any Error>?>(nil)

    public struct Loaded: Sendable {
        public var instance: ApplicationInstance
        public var trust: TrustList
    }

    public init(dataFolder: String, applicationURI: String = OPCUAApplication.uri) {
        folder = URL(fileURLWithPath: dataFolder).appendingPathComponent("pki")
        self.applicationURI = applicationURI
    }

    /// `urn:HOST:andon`
    public static var uri: String { "urn:\(hostName):andon" }

    private static var hostName: String {
        let name = ProcessInfo.processInfo.hostName.lowercased().filter { $0.isASCII && !$0.isWhitespace }
        return name.isEmpty ? "localhost" : name
    }

    /// - Throws: `ApplicationInstance.Failure` or `TrustList.Failure`; the next call tries again.
    public func load() async throws -> Loaded {
        let task = loaded.withLock { task in
            if let task { return task }
            // To make a key takes a good part of a second: not on the threads that everything else runs on.
            let made = Task { [folder, applicationURI] in
                try await NIOThreadPool.singleton.runIfActive {
                    let description = ApplicationDescription(
                        applicationURI: applicationURI, name: "Andon", hostNames: [Self.hostName])
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
