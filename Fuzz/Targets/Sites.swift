import AndonLedger
import AndonModel

/// What the servers of sites send.
extension FuzzTarget {
    static let sites = [siteBatch]

    /// What is taken is written and read again as the same batch; a refusal is short.
    private static let siteBatch = FuzzTarget(
        "site-batch", seeds: { [Array(batch.utf8)] },
        check: { input in
            do throws(Problem) {
                let read = try SiteBatch(parsing: input)
                let bytes = read.document.canonicalBytes
                let again = Result { () throws(Problem) in try SiteBatch(parsing: bytes) }
                if again != .success(read) { throw Problem.changedBatch }
            } catch {
                try promise(error != .changedBatch, "written and read again it is another batch")
                try promise(error.detail.utf8.count < 4000, "the refusal is long")
            }
        })

    private static let batch = """
        {"schema":"andon.site-batch/1","site":"BEDFORD","first":7,"next":10,
        "base":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "leaves":"\(String(repeating: "A", count: 128))","ledger":{"size":12,"at":"2026-11-29T10:00:00Z",
        "oldestAt":"2026-11-29T09:00:00Z"},"standing":{"waiting":1,"dead":0,"alarms":2},"checkpoint":"a\\n1\\nx\\n",
        "gone":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"items":[
        {"n":7,"at":"2026-11-29T09:00:00Z","kind":"report","id":"r-1","detectedAt":"2026-11-29T09:00:00Z","camera":"C",
        "asset":"A","lot":"L","inspected":1,"picture":{"sha256":
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","bytes":100,"mediaType":"image/jpeg"},
        "defects":[{"class":"scratch","outcome":"raised","order":"ABCDEFGH01","reason":"x"}],"body":{"id":"r-1"}},
        {"n":8,"at":"2026-11-29T09:00:00Z","kind":"order","reference":"ABCDEFGH01","asset":"A","class":"scratch",
        "orderKind":"corrective","priority":2,"delivery":"acknowledged","state":"open","raisedAt":"2026-11-29T09:00:00Z",
        "report":"r-1","connector":"desk","number":"77","further":{"occurrences":1}},
        {"n":9,"at":"2026-11-29T09:00:00Z","kind":"frames","id":"b-1","inspected":5,"assets":{"A":5}}]}
        """
}

extension Problem {
    fileprivate static let changedBatch = Problem(status: 500, type: "changed", title: "", detail: "")
}
