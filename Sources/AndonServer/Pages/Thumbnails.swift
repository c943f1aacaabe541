import AndonIntake
import AndonLedger
import AndonModel
import Foundation

/// Small copies of pictures for pages: each is made once and lies in the data folder; those who ask for the same one at
/// once wait for one making, and two are made at once at most.
actor Thumbnails {
    private let pictures: PictureStore
    /// Nil where no process can be started for it: then there are none.
    private let worker: PictureWorker?
    private var underWay: [String: Task<Data, any Error>] = [:]
    /// Pictures that cannot be decoded, and why: they are not tried again and again.
    private var faults: [String: String] = [:]
    private static let faultsMax = 1000

    init(pictures: PictureStore, worker: PictureWorker?) {
        (self.pictures, self.worker) = (pictures, worker)
    }

    /// - Parameter width: one of ``ThumbnailFolder/widths``.
    /// - Returns: nil when the picture is not on the disk any more.
    /// - Throws: ``Problem``: 404 for a picture that has no copy, with the reason; 503 when it cannot be made now.
    func file(of picture: Picture, width: Int) async throws -> Data? {
        let path = pictures.thumbnails.path(of: picture.sha256, width: width)
        if let kept = FileManager.default.contents(atPath: path) { return kept }
        guard try await pictures.hasFile(of: picture) else { return nil }
        if let fault = faults[picture.sha256] { throw Self.missing(picture, fault) }
        guard let worker, [.jpeg, .png].contains(picture.mediaType) else {
            throw Self.missing(picture, "nothing here can make one")
        }
        let task = underWay[path] ?? make(picture, width: width, path, worker)
        do {
            let data = try await task.value
            return try await pictures.hasFile(of: picture) ? data : nil
        } catch let failure as PictureWorker.Failure where failure.isOfThePicture {
            if faults.count >= Self.faultsMax { faults.removeAll() }
            faults[picture.sha256] = failure.description
            throw Self.missing(picture, failure.description)
        } catch {
            throw Problem(
                status: 503, type: "no-thumbnail", title: "The small picture could not be made",
                detail: "\(error). The picture itself is at /pictures/\(picture.sha256).")
        }
    }

    private func make(
        _ picture: Picture, width: Int, _ path: String, _ worker: PictureWorker
    ) -> Task<Data, any Error> {
        let task = Task<Data, any Error> {
            defer { self.underWay[path] = nil }
            let shelf = pictures.thumbnails.shelf(of: picture.sha256)
            try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
            let original = try await pictures.file(of: picture)
            try await worker.thumbnail(original, width: width, output: path)
            let data = FileManager.default.contents(atPath: path)
            // A sweep that took the picture meanwhile has looked for copies before this one was there.
            if !(try await pictures.hasFile(of: picture)) { pictures.thumbnails.remove(picture.sha256) }
            guard let data else {
                throw PictureWorker.Failure(description: "the copy is not there", isOfThePicture: false)
            }
            return data
        }
        underWay[path] = task
        return task
    }

    private static func missing(_ picture: Picture, _ why: String) -> Problem {
        Answer.notFound("small copy of the picture \(picture.sha256): \(why)")
    }
}
