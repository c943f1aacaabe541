import AndonConfiguration
import AndonDispatch
import AndonLedger
import AndonModel
import Foundation

/// Several servers on one store.
extension Server {
    /// The other servers of the store, and those of them with another configuration.
    var others: (names: [String], differing: [String]) { dispatcher.others }

    /// Puts in force what other servers of the store changed in it: rules and plant data that people changed, and what the
    /// CMMS's registries say.
    func followOthers() async throws {
        guard store.isShared, settings != nil else { return }
        let now = try await store.read { try $0.sharedChanges() }
        let before = followed.value
        guard now != before else { return }
        if now.setting != before.setting { try await reload() } else { await refreshPlant() }
        followed.put(now)
    }

    /// Of this machine and process.
    static var name: String {
        "\(ProcessInfo.processInfo.hostName), process \(ProcessInfo.processInfo.processIdentifier)"
    }

    /// The digest of what servers of one store must have in common: all but how each of them is reached.
    static func inCommon(_ configuration: Configuration) -> String? {
        guard case .object(var members) = configuration.settings else { return nil }
        members["server"] = nil
        // A vision system is listened to by one of them.
        members["sources"] = nil
        members["opcua"] = nil
        // Who changed the file, and why, is no setting.
        members["change"] = nil
        let whole: JSON = [
            "settings": .object(members), "files": .array(configuration.files.values.sorted().map { .string($0) }),
        ]
        return Hex.sha256(whole.canonicalBytes)
    }
}
