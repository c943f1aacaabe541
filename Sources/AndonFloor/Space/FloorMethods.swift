import UACodec
import UAServer

/// The methods that Andon offers: a report is handed in, and the CMMS says that it has news of an order.
struct FloorMethods {
    let actions: FloorActions

    init(_ actions: FloorActions) { self.actions = actions }

    static let submit = "Andon.SubmitDetection"
    /// The namespace of ISA-95 Job Control, OPC 10031-4 version 2.00.
    static let jobControl = "http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/"
    static let receiver = "Andon.JobResponseReceiver"
    /// Bytes of a report.
    static let reportMax = 1 << 20

    func add(
        to space: AddressSpace, under root: NodeId, namespace: UInt16
    ) throws(AddressSpace.Failure) {
        let actions = actions
        let text = NodeId(12)
        try space.addMethod(
            NodeId(Self.submit, namespace: namespace), QualifiedName("SubmitDetection", namespace: namespace),
            under: root,
            inputs: [
                Argument(
                    name: "Report", dataType: text, valueRank: -1,
                    description: LocalizedText("A report as JSON, as POST /api/v1/inspections takes it"))
            ],
            outputs: [
                Argument(name: "InspectionId", dataType: text, valueRank: -1),
                Argument(
                    name: "Repeated", dataType: NodeId(1), valueRank: -1,
                    description: LocalizedText("It was here before; the answer is the first one's")),
                Argument(
                    name: "Orders", dataType: text, valueRank: 1, arrayDimensions: [0],
                    description: LocalizedText("The work orders that it raised or joined")),
                Argument(
                    name: "Problem", dataType: text, valueRank: -1,
                    description: LocalizedText("Why it was not taken, in words; empty when it was")),
            ], .elsewhere { await Self.submitted($0, actions) })
        let jobs = try space.addNamespace(Self.jobControl)
        try addReceiver(to: space, under: root, namespace: namespace, jobs: jobs)
    }

    private static func submitted(_ call: MethodCall, _ actions: FloorActions) async -> MethodOutcome {
        guard call.caller.may(.submit) else { return MethodOutcome(.badUserAccessDenied) }
        guard let report = call.inputs.first?.value(as: String.self), report.utf8.count <= reportMax else {
            return MethodOutcome(.badInvalidArgument, inputResults: [.badOutOfRange])
        }
        func outcome(
            _ status: StatusCode, _ id: String, _ isRepeated: Bool, _ orders: [String], _ problem: String
        ) -> MethodOutcome {
            MethodOutcome(
                status,
                outputs: [Variant(id), Variant(isRepeated), Variant(orders.map { $0 as String? }), Variant(problem)])
        }
        // Outputs travel with a status that is not bad alone: the words of a refusal come with Uncertain.
        switch await actions.submit(report, call.caller.user) {
        case .accepted(let id, let isRepeated, let orders): return outcome(.good, id, isRepeated, orders, "")
        case .refused(let words): return outcome(.uncertain, "", false, [], words)
        case .unavailable: return MethodOutcome(.badResourceUnavailable)
        }
    }

    // MARK: Job responses

    /// An ISA-95 job response receiver: what it is told makes the next look at the CMMS come now. The closure itself is
    /// read where it is proved, in the CMMS.
    private func addReceiver(
        to space: AddressSpace, under root: NodeId, namespace: UInt16, jobs: UInt16
    ) throws(AddressSpace.Failure) {
        let actions = actions
        let type = NodeId(1004, namespace: jobs)
        let response = NodeId(3013, namespace: jobs)
        try space.addObjectType(type, QualifiedName("ISA95JobResponseReceiverObjectType", namespace: jobs))
        try JobResponseTypes(namespace: jobs).add(to: space)
        let receiver = NodeId(Self.receiver, namespace: namespace)
        try space.addObject(
            receiver, QualifiedName("JobResponseReceiver", namespace: namespace), under: root, type: type,
            text: LocalizedText("Takes job responses of OPC 10031-4 from the CMMS"))
        try space.addMethod(
            receiver.child("ReceiveJobResponse"), QualifiedName("ReceiveJobResponse", namespace: jobs),
            under: receiver, inputs: [Argument(name: "JobResponse", dataType: response, valueRank: -1)],
            outputs: [Argument(name: "ReturnStatus", dataType: NodeId(9), valueRank: -1)],
            .elsewhere { await Self.responded($0, actions) })
    }

    /// ReturnStatus is a bit map: bit 0 no error, bit 1 unknown job order, bit 32 invalid request (OPC 10031-4, B.2).
    private static func responded(_ call: MethodCall, _ actions: FloorActions) async -> MethodOutcome {
        guard call.caller.may(.respond) else { return MethodOutcome(.badUserAccessDenied) }
        func outcome(_ status: StatusCode, _ bits: UInt64) -> MethodOutcome {
            MethodOutcome(status, outputs: [Variant(bits)])
        }
        guard let order = call.inputs.first.flatMap(JobResponseTypes.jobOrder) else {
            return outcome(.uncertain, 1 << 32)
        }
        return await actions.respond(order, call.caller.user) ? outcome(.good, 1) : outcome(.uncertain, 2)
    }
}

extension Caller {
    func may(_ right: FloorRight) -> Bool { roles.contains(right.role) }
}
