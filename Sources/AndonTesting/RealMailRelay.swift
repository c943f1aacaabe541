import AndonModel
import Foundation
import Synchronization

/// A real mail relay (aiosmtpd, from Debian) started for a test. What it takes is read by Python's own mail parser.
public final class RealMailRelay: Sendable {
    public let port: Int
    private let folder: TemporaryFolder
    private let process: Mutex<Process>

    public struct Message: Sendable {
        public var id: String
        public var from: String
        public var to: [String]
        public var subject: String
        public var date: String
        public var text: String
        public var files: [(name: String, type: String, bytes: [UInt8])]
        public var isEncrypted: Bool
    }

    public struct StartError: Error, CustomStringConvertible {
        public var description: String
    }

    private static let program = """
        import asyncio, base64, email, email.policy, json, ssl, sys, warnings
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult, LoginPassword
        warnings.filterwarnings("ignore")
        folder, security, certificate, key, password = sys.argv[1:6]

        class Handler:
            taken = 0
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("nobody@"):
                    return "550 5.1.1 no such box"
                if address.startswith("later@"):
                    return "451 4.3.0 try again later"
                envelope.rcpt_tos.append(address)
                return "250 OK"
            async def handle_DATA(self, server, session, envelope):
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                files = [{"name": part.get_filename(), "type": part.get_content_type(),
                          "bytes": base64.b64encode(part.get_content()).decode()}
                         for part in message.iter_attachments()]
                self.taken += 1
                record = {"id": message["message-id"], "from": envelope.mail_from, "to": envelope.rcpt_tos,
                          "subject": message["subject"], "date": str(message["date"].datetime),
                          "text": message.get_body().get_content(), "files": files,
                          "encrypted": session.ssl is not None or security == "tls", "defects": [str(d) for d in message.defects]}
                with open(f"{folder}/{self.taken:06}.json", "w") as file:
                    json.dump(record, file)
                return "250 OK queued"

        def authenticate(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and data.password.decode() == password
            return AuthResult(success=good, handled=False)

        context = None
        if security != "none":
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, key)
        options = {"ssl_context": context} if security == "tls" else {}
        if security == "starttls":
            options.update(tls_context=context, require_starttls=True)
        if password:
            options.update(authenticator=authenticate, auth_required=True, auth_require_tls=security == "starttls")
        controller = Controller(Handler(), hostname="127.0.0.1", port=int(sys.argv[6]), **options)
        controller.start()
        print("ready", flush=True)
        sys.stdin.read()
        """

    /// - Parameters:
    ///   - security: `none`, `starttls` or `tls`, the last two with PEM files of a certificate and its key.
    ///   - password: asked for when it is not empty.
    public init(
        security: String = "none", certificate: String = "", key: String = "", password: String = ""
    ) throws {
        folder = try TemporaryFolder("andon-mail")
        port = try freePort()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", Self.program, folder.path, security, certificate, key, password, String(port)]
        process.standardOutput = output
        process.standardInput = Pipe()
        try process.run()
        self.process = Mutex(process)
        let first = try output.fileHandleForReading.read(upToCount: 5)
        guard first == Data("ready".utf8) else {
            throw StartError(description: "the relay did not start; run scripts/setup --tests")
        }
    }

    deinit {
        process.withLock { process in
            // Children of the tests' threads are born with SIGTERM blocked.
            _ = kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// All that it took, in order.
    public var messages: [Message] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        return names.filter { $0.hasSuffix(".json") }.compactMap { name in
            let bytes = Array(FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data())
            guard let json = try? JSON(parsing: bytes, limits: JSONLimits(bytesMax: 64 << 20, stringBytesMax: 32 << 20))
            else { return nil }
            func text(_ name: String) -> String { json[name]?.string ?? "" }
            return Message(
                id: text("id"), from: text("from"), to: (json["to"]?.array ?? []).compactMap(\.string),
                subject: text("subject"), date: text("date"), text: text("text"),
                files: (json["files"]?.array ?? []).map { file in
                    (
                        file["name"]?.string ?? "", file["type"]?.string ?? "",
                        Array(Data(base64Encoded: file["bytes"]?.string ?? "") ?? Data())
                    )
                }, isEncrypted: json["encrypted"]?.bool ?? false)
        }
    }
}
