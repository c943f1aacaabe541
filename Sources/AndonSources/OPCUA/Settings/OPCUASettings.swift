import AndonModel

/// A vision system that speaks OPC UA, as the configuration has it.
public struct OPCUASettings: Sendable {
    /// `opc.tcp://host:port/path`.
    public var url: String
    public var security: Security
    public var identity: Identity
    public var form: Form
    public var mapping: FieldMapping
    public var picture: PictureSettings?
    /// How often the server sends what is new.
    public var publishing: Duration
    /// Events that the server keeps for one monitored item between two publishings.
    public var queue: Int
    /// What an unknown source begins with.
    public var startWith: Start
    /// How far before the newest kept result a search for missed ones begins: results may be finished out of turn.
    public var overlap: Duration
    /// Warnings and errors of the system itself become inspections of this asset.
    public var condition: ConditionSettings?
    /// After so long without a connection there is an alarm.
    public var alarmAfter: Duration

    public enum Policy: String, Sendable, CaseIterable {
        /// The strongest that the server offers.
        case strongest
        case basic256Sha256 = "Basic256Sha256"
        case aes128Sha256RsaOaep = "Aes128_Sha256_RsaOaep"
        case aes256Sha256RsaPss = "Aes256_Sha256_RsaPss"
        case none = "None"
    }

    public enum Mode: String, Sendable, CaseIterable {
        case signAndEncrypt = "SignAndEncrypt"
        case sign = "Sign"
    }

    public struct Security: Sendable, Hashable {
        public var policy: Policy
        public var mode: Mode
        /// Lets a password go where anyone on the network can read it.
        public var allowsPlainPassword: Bool
    }

    public enum Identity: Sendable {
        case anonymous
        case user(String, password: Secret)
        /// PEM or DER files of a person's certificate and its key.
        case certificate(file: String, key: String)
    }

    public enum Start: String, Sendable, CaseIterable {
        /// Only what comes from now on.
        case new
        /// All that the server still has.
        case kept
    }

    public enum Form: Sendable, Hashable {
        /// OPC 40100-1. `system` is one VisionSystem's node; nil for all of the server.
        case machineVision(system: String?)
        /// OPC 40001-101.
        case machineryResult
        case event(EventForm)
        case variables(VariablesForm)

        public enum Name: String, Sendable, CaseIterable {
            case machineVision, machineryResult, event, variables
        }

        public var name: Name {
            switch self {
            case .machineVision: .machineVision
            case .machineryResult: .machineryResult
            case .event: .event
            case .variables: .variables
            }
        }
    }
}

/// Events of any type.
public struct EventForm: Sendable, Hashable {
    /// The event type's node, or its browse name.
    public var type: String
    /// Namespace of the browse names below; nil for the standard's.
    public var namespace: String?
    /// The node that sends the events; the server object when nil.
    public var notifier: String?
    /// Browse paths from the type: `DefectClass`, `Result/Confidence`.
    public var fields: [String]
}

/// Plain variables, of which one says that the others are new.
public struct VariablesForm: Sendable, Hashable {
    public enum TriggerKind: String, Sendable, CaseIterable {
        /// Each new number is a new detection; what lies between two was missed.
        case counter
        /// Each change is a new detection.
        case change
        /// A Boolean that becomes true.
        case rising
    }

    public enum Taking: String, Sendable, CaseIterable {
        /// In one Read when the trigger changes.
        case read
        /// With the trigger in one subscription, as they were at its source time.
        case monitor
    }

    public var trigger: String
    public var triggerKind: TriggerKind
    public var taking: Taking
    /// Node by the field's name.
    public var nodes: [String: String]
}

/// A sick camera is itself worth a work order (OPC 40100-1, 1034 to 1036).
public struct ConditionSettings: Sendable, Hashable {
    public var asset: String
    public var camera: String
    /// Classes of warnings, errors and errors that stay.
    public var warningClass: String?
    public var errorClass: String
    /// Events below this severity (1...1000) make nothing.
    public var severityMin: Int
}

/// Where a report's picture is.
public struct PictureSettings: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// ResultTransfer of the vision system: GenerateFileForRead with the result's id.
        case transfer
        /// A file of the server (FileType), by its node.
        case file(FieldText)
        /// A ByteString among the fields.
        case field(String)
        /// A variable with a ByteString, by its node.
        case variable(FieldText)
        /// A shared folder that this server sees too, and the path within it.
        case folder(String, path: FieldText)
    }

    public enum Of: String, Sendable, CaseIterable {
        case all
        /// Good parts have none.
        case defects
    }

    public var place: Place
    public var of: Of
    /// How long it is waited for.
    public var wait: Duration
    /// A file in a folder is whole when its size and time have not changed for so long.
    public var stableFor: Duration
}
