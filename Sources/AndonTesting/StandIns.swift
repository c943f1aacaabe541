import AndonModel

/// How a stand-in is started by hand.
public struct StandInOptions: Sendable {
    /// The key, token or password that it takes.
    public var secret: String
    public var delay: Duration
    /// Keeps no pictures: for long runs.
    public var forgets: Bool
    /// Told of every order's reference the moment that it arrives.
    public var onArrival: (@Sendable (String) -> Void)?

    public init(
        secret: String = "test-key", delay: Duration = .zero, forgets: Bool = false,
        onArrival: (@Sendable (String) -> Void)? = nil
    ) {
        self.secret = secret
        self.delay = delay
        self.forgets = forgets
        self.onArrival = onArrival
    }
}

/// A stand-in that can be started by its connector's type.
public struct StandInKind: Sendable {
    public var type: String
    /// Below the address: what the connector's `url` ends with.
    public var path: String
    public var make: @Sendable (StandInOptions) -> any StandIn

    public static let all: [StandInKind] = [
        StandInKind(type: MaximoStandIn.type, path: "/maximo") { options in
            var setup = MaximoStandIn.Setup()
            setup.apiKey = options.secret
            setup.delay = options.delay
            setup.takesAnyAsset = true
            setup.keepsBytes = !options.forgets
            setup.remembersTransactions = false
            setup.locations = ["BR100", "BR110", "BR120", "BR200", "BR300", "BR400", "PLANT"]
            let standIn = MaximoStandIn(setup: setup)
            if let tell = options.onArrival { standIn.onArrival(tell) }
            return standIn
        },
        StandInKind(type: EMaintStandIn.type, path: "") { options in
            var setup = EMaintStandIn.Setup()
            setup.password = options.secret
            setup.takesAnyAsset = true
            return EMaintStandIn(setup: setup)
        },
        StandInKind(type: FiixStandIn.type, path: "") { options in
            var setup = FiixStandIn.Setup()
            setup.secretKey = options.secret
            setup.takesAnyAsset = true
            return FiixStandIn(setup: setup)
        },
        StandInKind(type: FusionStandIn.type, path: "") { options in
            var setup = FusionStandIn.Setup()
            setup.clientSecret = options.secret
            setup.takesAnyAsset = true
            return FusionStandIn(setup: setup)
        },
        StandInKind(type: InforStandIn.type, path: "/axis/restservices") { options in
            var setup = InforStandIn.Setup()
            setup.password = options.secret
            setup.takesAnyAsset = true
            return InforStandIn(setup: setup)
        },
        StandInKind(type: LimbleStandIn.type, path: "") { options in
            var setup = LimbleStandIn.Setup()
            setup.clientSecret = options.secret
            setup.takesAnyAsset = true
            return LimbleStandIn(setup: setup)
        },
        StandInKind(type: EBSStandIn.type, path: "/webservices/rest") { options in
            var setup = EBSStandIn.Setup()
            setup.password = options.secret
            setup.takesAnyAsset = true
            return EBSStandIn(setup: setup)
        },
        StandInKind(type: OdooStandIn.type, path: "") { options in
            var setup = OdooStandIn.Setup()
            setup.password = options.secret
            return OdooStandIn(setup: setup)
        },
        StandInKind(type: SAPStandIn.type, path: "") { options in
            var setup = SAPStandIn.Setup()
            setup.password = options.secret
            setup.takesAnyAsset = true
            return SAPStandIn(setup: setup)
        },
        StandInKind(type: ECCStandIn.type, path: "") { options in
            var setup = ECCStandIn.Setup()
            setup.password = options.secret
            setup.takesAnyAsset = true
            return ECCStandIn(setup: setup)
        },
    ]
}
