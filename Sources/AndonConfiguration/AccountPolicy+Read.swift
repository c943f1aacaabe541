import AndonModel

extension AccountPolicy {
    /// Reads the section `accounts`.
    init(reading reader: SettingsReader) {
        self.init()
        passwordLengthMin = reader.integer("passwordLengthMin", in: 8...64) ?? passwordLengthMin
        passwordAgeMax =
            reader.duration("passwordAgeMax", in: .seconds(86_400) ... .seconds(10 * 366 * 86_400)) ?? passwordAgeMax
        attemptsMax = reader.integer("attemptsMax", in: 2...10) ?? attemptsMax
        lockFor = reader.duration("lockFor", in: .seconds(60) ... .seconds(86_400)) ?? lockFor
        invitationAgeMax =
            reader.duration("invitationAgeMax", in: .seconds(600) ... .seconds(30 * 86_400)) ?? invitationAgeMax
        expectsSignedRules = reader.bool("expectSignedRules", default: expectsSignedRules)
        signsClosures = reader.bool("signClosures", default: signsClosures)
        rulesNeedApproval = reader.bool("rulesNeedApproval", default: rulesNeedApproval)
        idleTimeout = reader.duration("idleTimeout", in: .seconds(60) ... .seconds(86_400)) ?? idleTimeout
        sessionAgeMax = reader.duration("sessionAgeMax", in: .seconds(300) ... .seconds(30 * 86_400)) ?? sessionAgeMax
        reader.finish()
    }
}
