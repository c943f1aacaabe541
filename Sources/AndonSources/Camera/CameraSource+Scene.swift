import AndonLedger
import AndonModel
import AndonVision
import Foundation
import Logging

/// What the camera showed when all was well: kept, so that one that was moved while nobody looked is found after a start.
extension CameraSource {
    private var sceneSettings: JSON {
        let zone = settings.health.stillZone
        return .object(present: [
            "camera": .string(settings.camera),
            "stillZone": zone.map { .array([$0.x, $0.y, $0.width, $0.height].map { .number($0) }) },
        ])
    }

    /// What an earlier run has learned, where it was learned with the settings of now.
    func recallScene() async {
        guard health.reference == nil, let kept = try? await journal.scene(), kept.settings == sceneSettings,
            let reference = try? JSONDecoder().decode(CameraReference.self, from: Data(kept.scene.canonicalBytes))
        else { return }
        health = CameraHealth(settings.health, reference: reference)
        board.update { $0.sceneLearnedAt = kept.learnedAt }
    }

    /// Looks whether the camera shows what it should, and keeps the scene when it has been learned.
    func watch(_ pixels: Pixels, _ frame: Frame) async {
        let wasLearned = health.reference != nil
        let changes = health.look(pixels, at: uptime)
        await tell(changes, frame)
        if health.reference == nil {
            if wasLearned { board.update { $0.sceneLearnedAt = nil } }
        } else if !wasLearned {
            await keepScene()
        }
    }

    /// Without it the camera is watched all the same; the next start learns anew.
    private func keepScene() async {
        let learnedAt = now
        board.update { $0.sceneLearnedAt = learnedAt }
        do {
            let scene = try JSON(parsing: Array(try JSONEncoder().encode(health.reference)))
            try await journal.put(CameraScene(settings: sceneSettings, learnedAt: learnedAt, scene: scene))
        } catch {
            log(.warning, "the camera's scene is not kept", "\(error)")
        }
    }

    /// The camera was turned on purpose: what it shows from now on is learned as right.
    ///
    /// - Throws: what the store refuses; then the scene before it stays.
    public func learnScene(by person: String, reason: String) async throws {
        try await journal.forgetScene(by: person, reason: reason)
        let over = health.learnAnew()
        board.update { $0.sceneLearnedAt = nil }
        await tell(over, nil)
    }
}
