import AndonTransparency
import Foundation

/// A file with the proof for one entry (`.tlog-proof`).
public enum ProofFile {
    /// Checks a proof with nothing but the file and the keys.
    ///
    /// - Parameter name: what the file is called in a fault.
    public static func verify(
        _ text: String, name: String, keys: [VerifierKey], witnesses: [VerifierKey] = []
    ) -> BundleVerification {
        var result = BundleVerification()
        do {
            let proof = try LogProof(parsing: text)
            guard proof.description == text else {
                throw TransparencyError.malformed("proof", "it is not written in the one right way")
            }
            result.checkpoint = try Checkpoint(parsing: proof.note.text)
            let (_, signatures) = try proof.verified(by: keys, witnesses: witnesses)
            result.witnesses = signatures.filter { $0.key.algorithm == .cosignature }
            let known = Set((keys + witnesses).map(\.id))
            if let stranger = proof.note.signatures.first(where: { !known.contains($0.keyID) }) {
                throw TransparencyError.untrue(
                    "its signature of \(stranger.name) is by no key that was given; name it with --witness")
            }
        } catch {
            let index = (try? LogProof(parsing: text))?.index
            result.fault = .init(file: name, entry: index, reason: "\(error)")
        }
        return result
    }
}
