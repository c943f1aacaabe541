import NIOCore
import NIOPosix
import Testing
import UACodec
import UASecurity
import UATransport

@testable import UAClient

@Suite("Servers that lie, over TCP")
struct LiarTests {
    /// What a client says that connects over an encrypted channel to a server which changes its CreateSession answer.
    private func refusal(
        _ change: @escaping @Sendable (inout CreateSessionResponse, PKI) -> Void
    ) async throws -> ClientError? {
        let pki = try await PKI.shared.value
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await Liar.with(pki) { request, peer in
            guard let create = request as? CreateSessionRequest else { return nil }
            var response = Liar(pki.server, loop) { _, _ in nil }.session(create, peer)
            change(&response, pki)
            return .response(response)
        } _: { port in
            let configuration = pki.configuration(port: port, .strongest(atLeast: .signAndEncrypt))
            do throws(ClientError) {
                let client = UAClient(configuration, group: MultiThreadedEventLoopGroup.singleton)
                try await client.connect()
                await client.close()
                return nil
            } catch { return error }
        }
    }

    private func isInsecure(_ error: ClientError?) -> Bool {
        if case .insecure? = error { true } else { false }
    }

    @Test("An honest one is believed")
    func honest() async throws {
        #expect(try await refusal { _, _ in } == nil)
    }

    @Test("One that does not prove its certificate's key is left")
    func signature() async throws {
        #expect(isInsecure(try await refusal { response, _ in response.serverSignature.signature = [1, 2, 3] }))
        #expect(isInsecure(try await refusal { response, _ in response.serverSignature = SignatureData() }))
        #expect(isInsecure(try await refusal { response, _ in response.serverSignature.algorithm = "none" }))
        let other = try await refusal { response, pki in
            let forged = try? PossessionProof.sign(
                certificate: pki.client.certificate.der, nonce: [UInt8](repeating: 0, count: 32),
                policy: .basic256Sha256, key: pki.stranger.key)
            response.serverSignature.signature = forged.map { ByteString($0) }
        }
        #expect(isInsecure(other))
    }

    @Test("One whose nonce is too short, or missing, is left")
    func nonce() async throws {
        #expect(isInsecure(try await refusal { response, _ in response.serverNonce = nil }))
        #expect(isInsecure(try await refusal { response, _ in response.serverNonce = ByteString([1, 2, 3]) }))
    }

    @Test("One that shows another certificate than its channel's is left")
    func certificate() async throws {
        let error = try await refusal { response, pki in
            response.serverCertificate = ByteString(pki.stranger.chain)
        }
        #expect(isInsecure(error))
    }

    @Test("One that lists fewer endpoints than discovery did is left")
    func endpoints() async throws {
        #expect(isInsecure(try await refusal { response, _ in response.serverEndpoints.removeLast() }))
    }

    @Test("A session without a token is none")
    func token() async throws {
        guard case .violation? = try await refusal({ response, _ in response.authenticationToken = .null }) else {
            return fail("taken")
        }
    }

    /// What a client says that reads, and whether it is still connected afterwards.
    private func reading(
        _ answer: @escaping @Sendable (ReadRequest) -> Liar.Answer?
    ) async throws -> (error: ClientError?, isConnected: Bool, after: ClientError?) {
        let pki = try await PKI.shared.value
        return try await Liar.with(pki) { request, _ in
            guard let read = request as? ReadRequest, read.nodesToRead[0].nodeId == NodeId(4711) else { return nil }
            return answer(read)
        } _: { port in
            var configuration = pki.configuration(port: port)
            configuration.limits.codec.nesting = 20
            configuration.limits.codec.arrayLength = 100
            configuration.requestTimeout = .seconds(2)
            return try await withClient(configuration) { client in
                let error = await self.read(NodeId(4711), client)
                let isConnected = await client.isConnected
                return (error, isConnected, isConnected ? await self.read(NodeId(1), client) : nil)
            }
        }
    }

    private func read(_ node: NodeId, _ client: UAClient) async -> ClientError? {
        do throws(ClientError) {
            _ = try await client.readValue(node)
            return nil
        } catch { return error }
    }

    private func isViolation(_ error: ClientError?) -> Bool {
        if case .violation? = error { true } else { false }
    }

    @Test("Values that are nested too deeply end the connection")
    func deep() async throws {
        let seen = try await reading { _ in
            var value = Variant([Variant(Int32(1))])
            for _ in 0..<30 { value = Variant([value]) }
            return .response(ReadResponse(results: [DataValue(value)]))
        }
        #expect(isViolation(seen.error) && !seen.isConnected)
    }

    @Test("Arrays that are too long end the connection")
    func long() async throws {
        let seen = try await reading { _ in
            .response(ReadResponse(results: [DataValue(Variant([Int32](repeating: 1, count: 101)))]))
        }
        #expect(isViolation(seen.error) && !seen.isConnected)
    }

    @Test("An answer of another service ends the connection")
    func other() async throws {
        let seen = try await reading { _ in .response(WriteResponse(results: [.good])) }
        #expect(isViolation(seen.error) && !seen.isConnected)
    }

    @Test("An answer to a request that never was ends the connection")
    func misplaced() async throws {
        let seen = try await reading { _ in .misplaced(ReadResponse(results: [DataValue()]), by: 1000) }
        #expect(seen.error?.mayHaveHappened == true)
        #expect(!seen.isConnected)
    }

    @Test("An answer that is too late is passed over, and the connection goes on")
    func late() async throws {
        let seen = try await reading { _ in .late(ReadResponse(results: [DataValue()]), .milliseconds(2500)) }
        guard case .unanswered(.badTimeout, _)? = seen.error else { return fail("\(String(describing: seen.error))") }
        #expect(seen.isConnected && seen.after == nil)
    }
}
