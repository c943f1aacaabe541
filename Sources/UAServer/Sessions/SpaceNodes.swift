import UACodec

/// The address space and its services, as the core sees them.
final class SpaceNodes: ServerNodes {
    private static let server = NodeId(2253)
    private static let number = NodeId(26)
    private static let anything = NodeId(24)
    private static let subscribeToEvents: UInt8 = 1

    let space: AddressSpace
    let limits: ServiceLimits
    private let random: (Int) -> [UInt8]
    /// What is left of answers that were full, by session; the oldest first.
    private var points: [NodeId: [(id: ByteString, rest: Rest, request: UInt64)]] = [:]

    /// Counts requests.
    private(set) var requestNumber: UInt64 = 0

    enum Rest {
        case browse(BrowseRest)
        case history(HistoryQuestion)
    }

    init(_ space: AddressSpace, limits: ServiceLimits, random: @escaping (Int) -> [UInt8]) {
        self.space = space
        self.limits = limits
        self.random = random
    }

    // MARK: Continuation points

    func beginRequest() { requestNumber += 1 }

    /// Keeps what is left. Points of earlier requests make way, the oldest first (Part 4, 7.9).
    ///
    /// - Returns: nil where the request has too many points itself.
    func keep(_ rest: Rest, for session: NodeId, request: UInt64) -> ByteString? {
        if let kept = points[session], kept.count >= limits.continuationPoints {
            guard let oldest = kept.firstIndex(where: { $0.request != request }) else { return nil }
            points[session]?.remove(at: oldest)
        }
        let id = ByteString(random(16))
        points[session, default: []].append((id, rest, request))
        return id
    }

    /// What a point stands for; it is used up by that.
    func take(_ point: ByteString?, of session: NodeId) -> Rest? {
        guard let point, let index = points[session]?.firstIndex(where: { $0.id == point }) else { return nil }
        return points[session]?.remove(at: index).rest
    }

    func forget(session: NodeId) { points[session] = nil }

    // MARK: Types

    func isEventType(_ type: NodeId) -> Bool { space.isEventType(type) }

    func isType(_ type: NodeId, derivedFrom base: NodeId) -> Bool { space.isType(type, derivedFrom: base) }

    // MARK: Watching

    func watch(_ target: ReadValueId, for caller: Caller) throws(StatusError) -> WatchedAttribute {
        guard let node = space[target.nodeId] else { throw StatusError(.badNodeIdUnknown) }
        let status = read(target, for: caller, at: space.time()).effectiveStatus
        // What the node will never have; a bad value may become good.
        switch status {
        case .badAttributeIdInvalid, .badNotReadable, .badUserAccessDenied, .badDataEncodingInvalid,
            .badDataEncodingUnsupported, .badIndexRangeInvalid:
            throw StatusError(status)
        default: break
        }
        guard let variable = node.variable, target.attributeId == AttributeId.value.rawValue else {
            return WatchedAttribute(isNumeric: false, range: nil, isComputed: true)
        }
        let type = variable.dataType
        return WatchedAttribute(
            isNumeric: type == Self.anything || space.isType(type, derivedFrom: Self.number), range: range(of: node),
            isComputed: variable.isComputed)
    }

    private func range(of node: Node) -> ValueRange? {
        let value = space.child(QualifiedName("EURange"), of: node)?.variable?.current.value
        return value?.value(as: ExtensionObject.self)?.value(as: ValueRange.self)
    }

    func countWatchers(of node: NodeId, by change: Int) { space[node]?.variable?.watchers += change }

    func watchEvents(of node: NodeId, for caller: Caller) throws(StatusError) {
        guard let node = space[node], space.permits(.browse, node, caller) else {
            throw StatusError(.badNodeIdUnknown)
        }
        guard case .object(let notifier) = node.content else { throw StatusError(.badAttributeIdInvalid) }
        guard notifier & Self.subscribeToEvents != 0 else { throw StatusError(.badNotSupported) }
        guard space.permits(.receiveEvents, node, caller) else { throw StatusError(.badUserAccessDenied) }
    }

    func mayHear(of source: NodeId, _ caller: Caller) -> Bool {
        space[source].map { space.permits(.receiveEvents, $0, caller) } ?? true
    }

    func notifiers(of source: NodeId) -> Set<NodeId> {
        var seen: Set<NodeId> = [source, Self.server]
        var waiting = [source]
        while let next = waiting.popLast() {
            for reference in space[next]?.references ?? [] where !reference.isForward {
                guard !seen.contains(reference.target),
                    space.isType(reference.type, derivedFrom: ReferenceType.hasEventSource)
                else { continue }
                seen.insert(reference.target)
                waiting.append(reference.target)
            }
        }
        return seen
    }

    func show(_ value: DataValue, at variable: NodeId) { space.setValue(value, of: variable) }
}
