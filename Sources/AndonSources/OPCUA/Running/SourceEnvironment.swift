import AndonModel
import Foundation
import Logging
import NIOCore
import UAClient
import UACodec
import UASecurity
import UATransport

/// What a source needs of the process around it.
public struct SourceEnvironment: Sendable {
    public var group: any EventLoopGroup
    /// Our own certificate, and whom we trust.
    public var application: ClientApplication
    /// The address that a host's name stands for, or an error where connections may not go there.
    public var resolve: @Sendable (_ host: String) async throws -> String
    public var time: any TimeSource
    public var random: any RandomSource
    public var logger: Logger
    public var pictureBytesMax: Int
    public var backoff: Backoff

    public init(
        group: any EventLoopGroup, application: ClientApplication,
        resolve: @escaping @Sendable (_ host: String) async throws -> String, time: any TimeSource,
        random: any RandomSource, logger: Logger, pictureBytesMax: Int, backoff: Backoff = Backoff()
    ) {
        self.group = group
        self.application = application
        self.resolve = resolve
        self.time = time
        self.random = random
        self.logger = logger
        self.pictureBytesMax = pictureBytesMax
        self.backoff = backoff
    }

    /// How the connection of a source is made and kept.
    func client(of settings: OPCUASettings, name: String) throws(ClientError) -> ClientConfiguration {
        var client = ClientConfiguration(
            address: try ServerAddress(settings.url), application: application,
            security: settings.requirement, identity: try settings.userIdentity(), sessionName: "Andon \(name)")
        client.resolve = resolve
        client.backoff = backoff
        client.allowsPlainPassword = settings.security.allowsPlainPassword
        client.limits.fileBytes = pictureBytesMax
        client.limits.codec.byteStringBytes = max(client.limits.codec.byteStringBytes, pictureBytesMax)
        client.limits.codec.messageBytes = max(client.limits.codec.messageBytes, pictureBytesMax + 1 << 20)
        client.limits.transport.messageBytes = max(client.limits.transport.messageBytes, pictureBytesMax + 1 << 20)
        return client
    }
}

extension OPCUASettings {
    var requirement: SecurityRequirement {
        let mode: UASecurity.MessageSecurityMode = security.mode == .sign ? .sign : .signAndEncrypt
        return switch security.policy {
        case .strongest: .strongest(atLeast: mode)
        case .basic256Sha256: .exactly(.basic256Sha256, mode)
        case .aes128Sha256RsaOaep: .exactly(.aes128Sha256RsaOaep, mode)
        case .aes256Sha256RsaPss: .exactly(.aes256Sha256RsaPss, mode)
        case .none: .none
        }
    }

    func userIdentity() throws(ClientError) -> UserIdentity {
        switch identity {
        case .anonymous: return .anonymous
        case .user(let name, let password): return .userName(name, password: password.reveal())
        case .certificate(let file, let key):
            do throws(ApplicationInstance.Failure) {
                return .certificate(try .load(certificate: file, key: key))
            } catch { throw .configuration("\(error)") }
        }
    }
}
