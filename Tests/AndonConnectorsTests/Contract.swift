import AndonModel
import AndonTesting
import Foundation
import Testing

/// What every connector must do, whatever system is on the other side. A new connector passes these before it
/// is anything else.
struct Contract {
    let bench: any Bench

    var connector: any Connector { bench.connector }
    var wire: any Wire { bench.wire }

    private func order(_ reference: Reference) -> WorkOrder { SampleOrder.make(reference.text) }

    func created(_ reference: Reference) async throws -> Receipt {
        try await connector.perform(.create(order(reference)), over: wire)
    }

    func all() async throws {
        try await createsAndFinds()
        try await findsWhatWasAnsweredByNobody()
        try await countsCopies()
        if bench.speaksHTTP { try await namesTheKindOfFailure() }
        if connector.traits.takesAttachments {
            try await attachesThePictureUnaltered()
            try await attachesWhatIsMade()
        }
        if connector.traits.takesOccurrences { try await appendsNotesWithoutLosingOthers() }
        try await bringsTheRepairBack()
        try await seesCancelledAndRemoved()
        if connector.traits.cancels { try await withdrawsATrial() }
        try await movesThePlannedDate()
        try await takesAnyText()
        try await signsInAgain()
        try await readsChangesOnce()
        try await losesNothingToAnUnknownAsset()
        try await seesChangesThoughClocksDiffer()
        if connector.traits.hasOldOrders { try await listsTheOrdersOfPeople() }
    }

    /// Refused with the asset's name, or there without it: never lost, and never at another asset.
    func losesNothingToAnUnknownAsset() async throws {
        var order = order(Reference.fresh())
        order.place.asset = "GHOST-99"
        do {
            _ = try await connector.perform(.create(order), over: wire)
            #expect(bench.copies(order.reference) == 1)
        } catch {
            #expect(error.name == "refused" && error.detail.contains("GHOST-99"), "\(error)")
            #expect(bench.copies(order.reference) == 0)
        }
    }

    /// Our clock is ten minutes ahead of the system's, or behind it.
    func seesChangesThoughClocksDiffer() async throws {
        for seconds in [-600, 600] {
            let wire = ShiftedWire(wire: wire, by: .seconds(seconds))
            let order = order(Reference.fresh())
            let receipt = try await connector.perform(.create(order), over: wire)
            #expect(try await connector.find(.create(order), over: wire) == [receipt])
            var cursor: String?
            func poll() async throws -> [RemoteOrder] {
                var orders: [RemoteOrder] = []
                for _ in 0..<100 {
                    let changes = try await connector.changes(after: cursor, over: wire)
                    orders += changes.orders
                    cursor = changes.cursor
                    if !changes.more { break }
                }
                return orders
            }
            _ = try await poll()
            bench.repair(order.reference)
            let seen = try await poll()
            #expect(
                seen.contains { $0.reference == order.reference && $0.state == .closed },
                "our clock is \(seconds) s off")
        }
    }

    func createsAndFinds() async throws {
        let reference = Reference.fresh()
        #expect(try await connector.find(.create(order(reference)), over: wire).isEmpty)
        let receipt = try await created(reference)
        #expect(receipt.number?.isEmpty == false, "people need a number to call it by")
        #expect(bench.copies(reference) == 1)
        #expect(try await connector.find(.create(order(reference)), over: wire) == [receipt])
        let remote = try await connector.read(receipt.remoteID, over: wire)
        #expect(remote?.state == .open)
        #expect(remote?.reference == reference)
        #expect(remote?.closure == nil, "nobody has worked on it: \(String(describing: remote?.closure))")
    }

    func findsWhatWasAnsweredByNobody() async throws {
        let lost = Reference.fresh()
        bench.faults.queue(.dropAfter)
        await expect("answer-lost") { _ = try await created(lost) }
        #expect(bench.copies(lost) == 1)
        #expect(try await connector.find(.create(order(lost)), over: wire).count == 1)
        let never = Reference.fresh()
        bench.faults.queue(.dropBefore)
        await expect("answer-lost") { _ = try await created(never) }
        #expect(try await connector.find(.create(order(never)), over: wire).isEmpty)
    }

    /// Most stand-ins take an order twice, as the real ones do: only asking first keeps it from happening. Where the
    /// key is unique, the second attempt finds the first one's order.
    func countsCopies() async throws {
        let reference = Reference.fresh()
        let first = try await created(reference)
        var again = order(reference)
        again.reason = "sent by someone who did not ask first"
        let second = try await connector.perform(.create(again), over: wire)
        guard bench.takesCopies else {
            #expect(bench.copies(reference) == 1 && second == first)
            return
        }
        #expect(bench.copies(reference) == 2)
        #expect(try await connector.find(.create(order(reference)), over: wire).count == 2)
    }

    func namesTheKindOfFailure() async throws {
        let cases: [(StandInFault, String)] = [
            (.answer(status: 503, headers: ["retry-after": "7"], body: "<html>busy</html>"), "busy"),
            (.answer(status: 429, headers: ["retry-after": "7"]), "busy"),
            (.answer(status: 401), "unauthorized"), (.answer(status: 500, body: "deadlock"), "answer-lost"),
            (.answer(status: 502, body: "<html>Bad gateway</html>"), "answer-lost"),
            (.answer(status: 504), "answer-lost"),
            (.answer(status: 200, body: "<html>Welcome to the plant's proxy</html>"), "answer-lost"),
            (.answer(status: 400, body: "{}"), "refused"), (.dropBefore, "answer-lost"),
        ]
        for (fault, name) in cases {
            // Signed in, and with every name known: the fault meets the order itself.
            _ = try await created(Reference.fresh())
            let reference = Reference.fresh()
            bench.faults.queue(fault)
            // A connector with sessions signs in anew once: only a refusal that lasts is one of the credentials.
            if name == "unauthorized" { bench.faults.queue(fault, fault) }
            let error = await expect(name, "\(fault)") { _ = try await created(reference) }
            bench.faults.clear()
            if name == "busy", case .busy(let after, _)? = error {
                #expect(after == .seconds(7), "the server's own wish: \(fault)")
            }
            #expect(bench.copies(reference) == 0)
        }
    }

    func attachesThePictureUnaltered() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/picture"
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let reference = Reference.fresh()
        let receipt = try await created(reference)
        let attachment = Attachment(
            reference: reference, role: .original,
            picture: Picture(sha256: String(repeating: "ab", count: 32), bytes: bytes.count, mediaType: .jpeg))
        let effect = Effect.attach(attachment, file: file, to: receipt.remoteID)
        #expect(try await connector.find(effect, over: wire).isEmpty)
        bench.faults.queue(.dropAfter)
        let error = await #expect(throws: ConnectorError.self) { try await connector.perform(effect, over: wire) }
        #expect(["answer-lost", "unreachable"].contains(error?.name), "\(String(describing: error))")
        // Of several exchanges the first may have been the lost one: then the upload goes on where it stopped.
        if try await connector.find(effect, over: wire).isEmpty {
            _ = try await connector.perform(effect, over: wire)
        }
        #expect(try await connector.find(effect, over: wire).count == 1, "an upload without an answer is found")
        if let bytes = try await connector.download(attachment, of: receipt.remoteID, over: wire) {
            #expect(bytes == (try Array(Data(contentsOf: URL(fileURLWithPath: file)))))
        }
        let kept = bench.files(reference)
        #expect(kept.count == 1 && kept.first?.bytes == bytes && kept.first?.name == attachment.fileName)
    }

    /// Every kind of file that the traits promise arrives as it is, under its own name, and is found; others are refused.
    func attachesWhatIsMade() async throws {
        let folder = try TemporaryFolder()
        let reference = Reference.fresh()
        let receipt = try await created(reference)
        let cases: [(AndonModel.Attachment.Role, Picture.MediaType, [UInt8])] = [
            (.chart, .png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1]),
            (.map, .png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 2]),
            (.sheet, .pdf, Array("%PDF-1.5\n%%EOF\n".utf8)),
        ]
        var expected: Set<String> = []
        for (role, type, bytes) in cases {
            let file = "\(folder.path)/\(role.rawValue)"
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            let digest = String(repeating: "c\(expected.count)", count: 32)
            let attachment = Attachment(
                reference: reference, role: role, picture: Picture(sha256: digest, bytes: bytes.count, mediaType: type))
            let effect = Effect.attach(attachment, file: file, to: receipt.remoteID)
            guard connector.traits.attachmentTypes.contains(type) else {
                await expect("refused") { _ = try await connector.perform(effect, over: wire) }
                continue
            }
            _ = try await connector.perform(effect, over: wire)
            #expect(try await connector.find(effect, over: wire).count == 1, "\(role)")
            if let kept = try await connector.download(attachment, of: receipt.remoteID, over: wire) {
                #expect(kept == bytes, "\(role)")
            }
            expected.insert(attachment.fileName)
        }
        #expect(Set(bench.files(reference).map(\.name)) == expected && expected.count >= 2)
        #expect(bench.files(reference).count == expected.count)
    }

    func appendsNotesWithoutLosingOthers() async throws {
        let reference = Reference.fresh()
        let receipt = try await created(reference)
        func note(_ count: Int) -> Effect {
            let at = Timestamp("2026-11-23T22:00:00Z") ?? Timestamp(microseconds: 0)
            return .append(
                Occurrence(
                    reference: reference, count: count, added: 1, lastSeenAt: at, worstSeverity: 0.9, priority: 1,
                    timeZone: "UTC"
                ).note, to: receipt.remoteID)
        }
        #expect(try await connector.find(note(2), over: wire).isEmpty)
        _ = try await connector.perform(note(2), over: wire)
        _ = try await connector.perform(note(3), over: wire)
        #expect(try await connector.find(note(2), over: wire).count == 1)
        #expect(try await connector.find(note(3), over: wire).count == 1)
        #expect(try await connector.find(note(12), over: wire).isEmpty, "note 12 is not note 2")
        #expect(bench.notes(reference).count == 2)
        #expect(bench.notes(reference).contains { $0.contains("3 occurrences") })
    }

    func bringsTheRepairBack() async throws {
        let reference = Reference.fresh()
        let receipt = try await created(reference)
        bench.repair(reference)
        let remote = try #require(try await connector.read(receipt.remoteID, over: wire))
        #expect(remote.state == .closed)
        let closure = try #require(remote.closure)
        #expect(closure.technician?.uppercased().contains("WILSON") == true)
        #expect(closure.labourHours == 1.5)
        #expect(closure.parts.map(\.code) == ["DIE-4"] && closure.parts.first?.quantity == 1)
        #expect(closure.causeCode == "WEAR")
        var findings = Findings()
        findings.falseAlarm = .init(cause: ["wear"])
        #expect(closure.verdict == nil && findings.judged(remote).closure?.verdict == .falseAlarm)
        #expect(closure.notes?.contains("Die changed") == true)
        #expect(closure.closedAt != nil)
    }

    func seesCancelledAndRemoved() async throws {
        let reference = Reference.fresh()
        let receipt = try await created(reference)
        bench.cancel(reference)
        #expect(try await connector.read(receipt.remoteID, over: wire)?.state == .cancelled)
        guard bench.seesRemoval else { return }
        bench.remove(reference)
        #expect(try await connector.read(receipt.remoteID, over: wire) == nil)
        guard connector.traits.takesOccurrences else { return }
        let note = Occurrence(
            reference: reference, count: 2, added: 1, lastSeenAt: wire.now(), worstSeverity: nil, priority: 1,
            timeZone: "UTC"
        ).note
        await expect("gone") { _ = try await connector.perform(.append(note, to: receipt.remoteID), over: wire) }
    }

    func withdrawsATrial() async throws {
        let reference = Reference.fresh()
        let receipt = try await created(reference)
        try await connector.withdraw(receipt.remoteID, reason: "trial of the connector", over: wire)
        let remote = try await connector.read(receipt.remoteID, over: wire)
        #expect(remote.map { $0.state == .cancelled || $0.state == .closed } ?? true)
        // Between a look at the order and the withdrawal somebody else may have been faster.
        do throws(ConnectorError) {
            try await connector.withdraw(receipt.remoteID, reason: "once more", over: wire)
        } catch {
            #expect(["refused", "gone"].contains(error.name), "\(error)")
        }
        #expect(try await connector.read(receipt.remoteID, over: wire)?.state == remote?.state)
    }

    /// No length, script or markup makes an order refused; what the system holds is what was meant.
    func takesAnyText() async throws {
        let texts = [
            String(repeating: "very long and readable ", count: 400), "刮痕在压力机上 🏭🔥", "خدش على المكبس",
            "a \"quoted\" 'text' \\ with {braces}", "<b>&amp;</b>]]><script>alert(1)</script>", "=cmd|' /C calc'!A0",
            "line one\r\nline two\tand a tab", "x'; DROP TABLE orders; --", "\u{0}\u{1}\u{7}control\u{1F}",
            "%27 %0A + & = ; ~",
        ]
        for text in texts {
            var order = order(Reference.fresh())
            order.className = text
            order.reason = text
            order.lot = text
            order.attributes = ["note": .string(text)]
            let receipt = try await connector.perform(.create(order), over: wire)
            #expect(
                try await connector.find(.create(order), over: wire).map(\.remoteID) == [receipt.remoteID],
                "\(text.prefix(30))")
            #expect(try await connector.read(receipt.remoteID, over: wire)?.reference == order.reference)
        }
    }

    /// A session or token that ran out is renewed without an order being lost or doubled.
    func signsInAgain() async throws {
        let first = Reference.fresh()
        _ = try await created(first)
        bench.expireSessions()
        let second = Reference.fresh()
        _ = try await created(second)
        #expect(bench.copies(second) == 1)
        bench.expireSessions()
        #expect(try await connector.find(.create(order(second)), over: wire).count == 1)
    }

    /// More orders than one page holds are all seen, and a later poll sees a change.
    func readsChangesOnce() async throws {
        var references: Set<Reference> = []
        for _ in 0..<60 {
            let reference = Reference.fresh()
            _ = try await created(reference)
            references.insert(reference)
        }
        var cursor: String?
        var seen: Set<Reference> = []
        var pages = 0
        func poll() async throws -> [RemoteOrder] {
            var orders: [RemoteOrder] = []
            var more = true
            while more, pages < 100 {
                let changes = try await connector.changes(after: cursor, over: wire)
                orders += changes.orders
                cursor = changes.cursor
                more = changes.more
                pages += 1
            }
            return orders
        }
        seen.formUnion(try await poll().compactMap(\.reference))
        #expect(seen.isSuperset(of: references), "\(references.subtracting(seen).count) not seen")
        let one = try #require(references.first)
        bench.repair(one)
        let changed = try await poll()
        #expect(changed.contains { $0.reference == one && $0.state == .closed && $0.closure?.labourHours == 1.5 })
    }

    @discardableResult
    func expect(
        _ name: String, _ comment: String = "", _ body: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async -> ConnectorError? {
        do {
            try await body()
            Issue.record("no error, expected \(name) \(comment)", sourceLocation: sourceLocation)
            return nil
        } catch let error as ConnectorError {
            #expect(error.name == name, "\(comment): \(error)", sourceLocation: sourceLocation)
            #expect(!error.detail.isEmpty, sourceLocation: sourceLocation)
            return error
        } catch {
            Issue.record("\(error)", sourceLocation: sourceLocation)
            return nil
        }
    }
}
