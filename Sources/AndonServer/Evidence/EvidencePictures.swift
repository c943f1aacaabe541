import AndonDispatch
import AndonIntake
import AndonLedger
import AndonModel
import Foundation

/// What is made of an order's own picture: the annotated copy, and the defect enlarged.
struct EvidencePictures: Sendable {
    let store: Store
    let pictures: PictureStore
    /// nil where no process can be started for it: then there is neither.
    let worker: PictureWorker?
    let drawn: DrawnFiles

    /// Whether a copy may exist; what is in the picture shows when it is made.
    func applies(to order: WorkOrder) -> Bool { worker != nil && order.picture.map(Self.isPicture) == true }

    private static func isPicture(_ picture: Picture) -> Bool { [.jpeg, .png].contains(picture.mediaType) }

    /// The order's picture, if its bytes are still there.
    private func kept(_ order: WorkOrder) async throws -> Picture? {
        guard let picture = order.picture, Self.isPicture(picture) else { return nil }
        return try await pictures.hasFile(of: picture) ? picture : nil
    }

    /// For the CMMS; nil, with the reason in the ledger, where the picture cannot be drawn on. The order goes on with the
    /// original alone.
    func annotatedForSending(_ order: WorkOrder) async throws -> DerivedFiles.Content? {
        try await forSending(order, "picture.not-annotated") { try await annotated($0)?.content }
    }

    /// The same of the enlarged defect.
    func cropForSending(_ order: WorkOrder) async throws -> DerivedFiles.Content? {
        try await forSending(order, "picture.not-enlarged") { try await crop($0)?.content }
    }

    private func forSending(
        _ order: WorkOrder, _ kind: String, _ make: (WorkOrder) async throws -> DerivedFiles.Content?
    ) async throws -> DerivedFiles.Content? {
        do {
            return try await make(order)
        } catch let failure as PictureWorker.Failure where failure.isOfThePicture {
            _ = try await store.write { transaction in
                try transaction.record(
                    kind, of: order.reference.text,
                    ["picture": .string(order.picture?.sha256 ?? ""), "reason": .string(failure.description)])
            }
            return nil
        }
    }

    /// The same bytes each time, by the same version of this program.
    ///
    /// - Returns: nil for an order without a picture, or whose defects have no place in it.
    /// - Throws: ``PictureWorker/Failure``.
    func annotated(_ order: WorkOrder) async throws -> Drawn? {
        guard let worker, let picture = try await kept(order),
            let annotation = try await store.read({ try OrderAnnotation(order: order).annotation($0) })
        else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let key = DrawnFiles.Key.annotated(
            picture: picture.sha256, annotation: Array(try encoder.encode(annotation)))
        return try await drawn.file(key) { [pictures] in
            let bytes = try await Self.made(picture.mediaType.fileExtension) {
                try await worker.annotate(pictures.file(of: picture), annotation, output: $0)
            }
            return DerivedFiles.Content(bytes, picture.mediaType)
        }
    }

    /// The defect, beside the same place on the newest picture without one that the camera took before.
    ///
    /// - Returns: nil for an order without a picture, or whose defect has no place in it.
    func crop(_ order: WorkOrder) async throws -> Drawn? {
        guard let worker, let picture = try await kept(order), let region = order.region else { return nil }
        let good = try await store.read {
            try $0.newestGoodPicture(camera: order.camera, before: order.inspectionID)
        }
        var beside: PictureWorker.Good?
        if let good {
            beside = PictureWorker.Good(
                path: try await pictures.file(of: good.picture),
                title: "The newest picture of \(order.camera) without a defect, \(Self.time(good.detectedAt))")
        }
        let shown = beside
        let title = "\(order.className) on \(order.place.asset), \(Self.time(order.detectedAt))"
        let key = DrawnFiles.Key.crop(
            picture: picture.sha256, box: region.box, title: title, good: good?.picture.sha256,
            goodTitle: shown?.title)
        return try await drawn.file(key) { [pictures] in
            let bytes = try await Self.made("png") {
                try await worker.crop(
                    pictures.file(of: picture), box: region.box, title: title, good: shown, output: $0)
            }
            return DerivedFiles.Content(bytes, .png)
        }
    }

    private static func time(_ time: Timestamp) -> String { String(time.description.prefix(19)) + "Z" }

    private static func made(
        _ type: String, _ make: (_ output: String) async throws -> Void
    ) async throws -> [UInt8] {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).\(type)").path
        defer { try? FileManager.default.removeItem(atPath: output) }
        try await make(output)
        guard let data = FileManager.default.contents(atPath: output) else {
            throw PictureWorker.Failure(description: "the copy is not there", isOfThePicture: false)
        }
        return Array(data)
    }
}
