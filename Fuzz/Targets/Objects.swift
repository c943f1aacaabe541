import AndonIntake

/// What an S3 server answers with.
extension FuzzTarget {
    static let objects = [list, refusal]

    private static let seeds = [
        """
        <?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a&amp;b/&#x63;</Key>
        <LastModified>2026-11-29T12:00:00.000Z</LastModified><Size>17</Size></Contents></ListBucketResult>
        """,
        "<Error><Code>NoSuchBucket</Code><Message>The &lt;bucket&gt; is not there</Message></Error>",
    ].map { Array($0.utf8) }

    /// Of the input at most so many objects as are asked for, each with a length that can be one.
    private static let list = FuzzTarget(
        "s3-list", seeds: { seeds },
        check: { input in
            guard let page = S3Answer.list(input) else { return }
            try promise(
                page.objects.count <= 1000 && page.objects.allSatisfy { $0.bytes >= 0 }, "no list that was asked for")
            for object in page.objects {
                guard let name = ObjectName(object.key) else { continue }
                try promise(name.description == object.key && name.generation >= 0, "a name is read as another")
            }
        })

    /// Short words, which go into answers and logs.
    private static let refusal = FuzzTarget(
        "s3-refusal", seeds: { seeds },
        check: { input in
            guard let refusal = S3Answer.refusal(input) else { return }
            try promise(
                !refusal.code.isEmpty && refusal.code.count <= 100 && refusal.message.count <= 400, "long words")
        })
}
