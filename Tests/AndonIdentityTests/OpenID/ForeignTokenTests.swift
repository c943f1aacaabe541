import AndonModel
import AndonTesting
import Testing

@testable import AndonIdentity

@Suite("ID tokens that another program made")
struct ForeignTokenTests {
    private func check(_ tokens: ForeignTokens) {
        #expect(tokens.made.count == 11)
        for made in tokens.made {
            do throws(ProviderFault) {
                let token = try IDToken(made.text, keys: tokens.keys, expected: tokens.expected)
                #expect(token.subject == "248289761001" && token.claims["name"] == "K. Sömmer", "\(made)")
            } catch {
                Issue.record("\(made): \(error)")
            }
        }
        #expect(Set(tokens.made.map(\.algorithm)) == Set(TokenAlgorithm.allCases.map(\.rawValue)))
        #expect(tokens.refused.count == 4)
        for (why, text) in tokens.refused {
            #expect(tokenFault(text, tokens.keys, tokens.expected) != nil, "\(why)")
        }
    }

    @Test("Tokens of joserfc are taken, by each kind of key and each algorithm, and its wrong ones are not")
    func kept() throws { check(try ForeignTokens.kept()) }

    @Test(
        "So are new ones, by new keys",
        .enabled(if: OpenIDPython.path != nil, OpenIDPython.reason))
    func fresh() async throws { check(try await ForeignTokens.fresh(try #require(OpenIDPython.path))) }

    @Test("Each of the wrong ones is refused for what is wrong with it")
    func reasons() throws {
        let tokens = try ForeignTokens.kept()
        func fault(_ why: String) throws -> ProviderFault? {
            let text = try #require(tokens.refused.first { $0.why == why }?.text)
            return tokenFault(text, tokens.keys, tokens.expected)
        }
        #expect(
            try fault("HS256 with the public key as its secret") == .algorithm("signatures by \"HS256\" are not taken"))
        #expect(try fault("another key under the same name") == .signature)
        #expect(try fault("a key that nobody has") == .noKey("gone"))
        #expect(
            try fault("a key that is for another algorithm") == .algorithm("PS256 does not fit the key \"rsa-3072\""))
    }

    @Test("Of a set, keys of other kinds, for other uses and of too few bits are left out")
    func keys() throws {
        let tokens = try ForeignTokens.kept()
        #expect(tokens.json["jwks"]?["keys"]?.array?.count == 11)
        #expect(tokens.keys.keys.compactMap(\.id) == ["rsa", "rsa-3072", "p256", "p384", "p521", "ed25519"])
    }

    @Test("One letter of a token that is another one, and it is not taken, wherever it stands")
    func altered() throws {
        let tokens = try ForeignTokens.kept()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=".utf8)
        for seed in UInt64(1)...2000 {
            var random = SeededRandom(seed: seed)
            let made = random.pick(tokens.made)
            var letters = Array(made.text.utf8)
            let place = random.int(0...letters.count - 1)
            let was = letters[place]
            letters[place] = random.pick(alphabet.filter { $0 != was })
            let text = String(decoding: letters, as: UTF8.self)
            let fault = tokenFault(text, tokens.keys, tokens.expected)
            #expect(fault != nil, "seed \(seed), place \(place) of \(made)")
        }
    }

    @Test("However a token is cut, doubled and mixed with others, only the ones that were signed are taken")
    func mutated() throws {
        let tokens = try ForeignTokens.kept()
        let originals = tokens.made.map { Array($0.text.utf8) }
        let right = Set(tokens.made.map(\.text))
        for seed in UInt64(1)...3000 {
            var random = SeededRandom(seed: seed)
            var letters = random.pick(originals)
            for _ in 0...random.int(0...3) { mutate(&letters, originals, &random) }
            let text = String(decoding: letters, as: UTF8.self)
            let isTaken = tokenFault(text, tokens.keys, tokens.expected) == nil
            #expect(!isTaken || right.contains(text), "seed \(seed): \(text)")
        }
    }

    private func mutate(_ letters: inout [UInt8], _ originals: [[UInt8]], _ random: inout SeededRandom) {
        guard letters.count > 1 else {
            letters = random.pick(originals)
            return
        }
        let place = random.int(0...letters.count - 1)
        switch random.int(0...6) {
        case 0: letters.remove(at: place)
        case 1: letters.insert(UInt8(random.int(0...255)), at: place)
        case 2: letters.removeLast(random.int(1...min(40, letters.count - 1)))
        case 3: letters.append(contentsOf: letters.prefix(place))
        case 4: letters.swapAt(place, random.int(0...letters.count - 1))
        case 5: letters = Array(letters.prefix(place)) + random.pick(originals).dropFirst(place)
        default: exchangeParts(&letters, random.pick(originals), part: random.int(0...2))
        }
    }

    /// Head, content or signature of another token.
    private func exchangeParts(_ letters: inout [UInt8], _ other: [UInt8], part: Int) {
        let dot = UInt8(ascii: ".")
        var parts = letters.split(separator: dot, omittingEmptySubsequences: false)
        let others = other.split(separator: dot, omittingEmptySubsequences: false)
        guard parts.indices.contains(part) else { return }
        parts[part] = others[part]
        letters = Array(parts.joined(separator: [dot]))
    }
}
