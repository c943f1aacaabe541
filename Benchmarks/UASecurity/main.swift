// What protecting a secure channel's chunks costs, in processor time, beside the bare algorithms of the same library.
//
// With nothing else on the heap, glibc gives the memory of every large chunk back to the system and asks for it again,
// which costs as much as the cipher. A server's heap is not empty: run with MALLOC_TRIM_THRESHOLD_=67108864.
import Crypto
import CryptoExtras
import Foundation
import UASecurity

let rounds = 21

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Processor time of this process's one thread: what other programs do on the machine is not counted.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

func seconds(_ calls: Int, _ body: () throws -> Void) rethrows -> Double {
    let start = processorSeconds()
    for _ in 0..<calls { try body() }
    return (processorSeconds() - start) / Double(calls)
}

/// Median times of one call, and the median of the rounds' ratios: the two take turns, as the machine is not quiet.
func compare(
    calls: Int, bare: () throws -> Void, ours: () throws -> Void
) rethrows -> (bare: Double, ours: Double, share: Double) {
    var times: [(Double, Double)] = []
    for _ in 0..<rounds { times.append((try seconds(calls, bare), try seconds(calls, ours))) }
    return (median(times.map(\.0)), median(times.map(\.1)), median(times.map { $0.0 / $0.1 }))
}

func text(_ value: Double, _ digits: Int = 0) -> String { String(format: "%.\(digits)f", value) }

let policy = SecurityPolicy.basic256Sha256
let keys = ChannelKeys(policy: policy, clientNonce: policy.makeNonce(), serverNonce: policy.makeNonce())
let header = Array("MSGF".utf8) + [UInt8](repeating: 0, count: 12)
let key = SymmetricKey(size: .bits256)
var sink = 0

/// The code over the content and, where wanted, one pass of the cipher: no chunk can cost less.
func bare(_ content: [UInt8], _ mode: MessageSecurityMode, encrypting: Bool) throws -> Int {
    let code = Array(HMAC<SHA256>.authenticationCode(for: content, using: key)).count
    guard mode == .signAndEncrypt else { return code }
    let text =
        encrypting
        ? try AES._CBC.encrypt(content, using: key, iv: .init(), noPadding: true)
        : try AES._CBC.decrypt(content, using: key, iv: .init(), noPadding: true)
    return code + text.count
}

print("| chunk | | bare, MB/s | ours, MB/s | share |\n| --- | --- | --- | --- | --- |")
for (mode, name) in [(MessageSecurityMode.sign, "Sign"), (.signAndEncrypt, "SignAndEncrypt")] {
    for size in [1024, 65_536] {
        let protection = MessageProtection(policy: policy, mode: mode, keys: keys.client)
        let content = [UInt8](repeating: 7, count: 8 + protection.bodyCapacity(chunkSize: size))
        let chunk = try protection.secure(header: header, content: content)
        let blocks = [UInt8](repeating: 7, count: content.count / 16 * 16)
        let calls = 4 << 20 / size
        let going = try compare(
            calls: calls, bare: { sink &+= try bare(blocks, mode, encrypting: true) },
            ours: { sink &+= try protection.secure(header: header, content: content).count })
        let coming = try compare(
            calls: calls, bare: { sink &+= try bare(blocks, mode, encrypting: false) },
            ours: { sink &+= try protection.open(chunk).count })
        for (direction, taken) in [("secured", going), ("opened", coming)] {
            let rates = [taken.bare, taken.ours].map { text(Double(content.count) / $0 / 1e6) }
            print("| \(name), \(size) bytes | \(direction) | \(rates[0]) | \(rates[1]) | \(text(taken.share, 2)) |")
        }
    }
}

print("\n| OPN of 132 bytes | | bare RSA, a second | ours, a second | share |\n| --- | --- | --- | --- | --- |")
for bits in [2048, 4096] {
    let (own, peer) = (try RSAPrivateKey(bits: bits), try RSAPrivateKey(bits: bits))
    let out = try OpeningProtection(policy: policy, own: own, peer: peer.publicKey)
    let back = try OpeningProtection(policy: policy, own: peer, peer: own.publicKey)
    let opening = Array("OPNF".utf8) + [UInt8](repeating: 0, count: 1100)
    let content = [UInt8](repeating: 7, count: 140)
    let chunk = try out.secure(header: opening, content: content)
    let blocks = Array(chunk[opening.count...])
    let calls = bits == 2048 ? 20 : 4
    let going = try compare(
        calls: calls, bare: { sink &+= try policy.sign(content, with: own).count },
        ours: { sink &+= try out.secure(header: opening, content: content).count })
    let coming = try compare(
        calls: calls, bare: { sink &+= policy.decrypt(blocks, with: peer)?.count ?? 0 },
        ours: { sink &+= try back.open(chunk, headerLength: opening.count).count })
    for (direction, taken) in [("signed, secured", going), ("decrypted, opened", coming)] {
        print(
            "| \(bits) bits | \(direction) | \(text(1 / taken.bare)) | \(text(1 / taken.ours)) | \(text(taken.share, 2)) |"
        )
    }
}
precondition(sink != 0)
