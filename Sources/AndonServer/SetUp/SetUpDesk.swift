import AndonConfiguration
import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import Foundation
import Logging

/// What is known in the middle of a set-up. Nothing of it is durable but the draft of what was typed, until the end.
actor SetUpDesk {
    /// Beside the fields of the form.
    enum Field {
        static let login = "administrator.login"
        static let printedName = "administrator.printedName"
        static let password = "administrator.password"
    }

    nonisolated let connectors: SetUpConnectors
    /// The configuration file that is to be written.
    nonisolated let config: String
    /// Whether the data folder has people already, so that none is made.
    nonisolated let hasAccounts: Bool
    private let time: any TimeSource
    private let random: any RandomSource
    private let logger: Logger
    private var form: SetUpForm
    /// Kept until the account can be made, in memory alone: an account's key is named after the plant, which comes later.
    private var password: String?
    private var report: Commissioning?
    private var isEnding = false

    /// - Parameters:
    ///   - start: what stands in the fields at first; a draft of an earlier set-up goes before it.
    ///   - dataFolder: where a store may be already.
    init(
        config: String, start: [String: String], dataFolder: String, time: any TimeSource, random: any RandomSource,
        logger: Logger
    ) throws {
        connectors = try SetUpConnectors()
        self.config = config
        (self.time, self.random, self.logger) = (time, random, logger)
        form = SetUpForm(start.merging(Self.draft(config)) { $1 })
        let store = try? Store.reading(folder: dataFolder, time: time)
        hasAccounts = (try? store?.readNow { try !$0.accounts().isEmpty }) ?? false
        try? store?.close()
    }

    nonisolated var folder: String { SetUpFiles(SetUpAnswers(), config: config).folder }

    private var choice: SetUpConnectors.Choice? { connectors[form.connectorType] }

    private func text(_ field: String) -> String { form.fields[field] ?? "" }

    // MARK: The draft

    private static func draftPath(_ config: String) -> String { config + ".set-up" }

    private static func draft(_ config: String) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: draftPath(config)), data.count <= 8 << 20,
            let json = try? JSON(parsing: Array(data), limits: JSONLimits(bytesMax: 8 << 20, stringBytesMax: 6 << 20))
        else { return [:] }
        return (json.object ?? [:]).compactMapValues(\.string)
    }

    /// Takes what was typed, and keeps it over a restart: an environment variable can be set only by one.
    func keep(_ typed: [String: String]) {
        if typed.contains(where: { SetUpStep.owner(of: $0.key) == .connector && form.fields[$0.key] != $0.value }) {
            report = nil
        }
        form.fields.merge(typed) { $1 }
        let text = JSON.object(form.fields.mapValues { .string($0) }).canonicalText
        do {
            try DurableFile.write(text, to: Self.draftPath(config), mode: 0o600)
        } catch {
            logger.warning("what was typed is not kept over a restart", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Checks

    private func check() -> SetUpCheck { SetUp.check(answers.answers, folder: folder) }

    private var answers: (answers: SetUpAnswers, remarks: [SetUpRemark]) { form.answers(choice?.sample) }

    private func document() -> String { SetUpDocument(answers.answers).text }

    /// Of every step. A message is a sentence, or a key of the texts of the set-up.
    func remarks() -> [SetUpRemark] { personRemarks() + answers.remarks + check().remarks }

    /// - Parameter typed: a password that was typed just now, twice; nil keeps the one that is there.
    func takePassword(_ typed: (first: String, second: String)?, accepts: Bool) -> [SetUpRemark] {
        var remarks: [SetUpRemark] = []
        if let typed {
            password = typed.first
            if typed.first != typed.second { remarks.append(SetUpRemark(Field.password, "remark-passwords")) }
            if !accepts { remarks.append(SetUpRemark(Field.password, "remark-consent")) }
        }
        remarks += personRemarks()
        if remarks.contains(where: { $0.field == Field.password }) { password = nil }
        return remarks
    }

    private func personRemarks() -> [SetUpRemark] {
        guard !hasAccounts else { return [] }
        let person = FirstAccount(login: text(Field.login).trimmed, printedName: text(Field.printedName).trimmed)
        let remarks = person.faults(password: password).map { fault in
            switch fault.part {
            case .login: SetUpRemark(Field.login, fault.detail)
            case .printedName: SetUpRemark(Field.printedName, fault.detail)
            case .password: SetUpRemark(Field.password, fault.detail)
            }
        }
        return password == nil ? remarks + [SetUpRemark(Field.password, "remark-password-needed")] : remarks
    }

    // MARK: The connector

    /// Walks the connector's way without a change there, by the configuration as it would be.
    ///
    /// - Returns: false when the configuration has faults still.
    func checkConnector() async -> Bool {
        guard let name = answers.answers.connector?.name, let configuration = check().configuration else {
            return false
        }
        report = await Commissioning.run(name, in: configuration, trial: false, time: time, random: random)
        return true
    }

    /// Makes the plant's assets those of the CMMS.
    ///
    /// - Returns: how many there are; nil when the configuration has faults still.
    /// - Throws: the connector's refusal.
    func readAssets() async throws -> Int? {
        guard let name = answers.answers.connector?.name, let configuration = check().configuration else { return nil }
        let found = try await ConnectorTools.assets(name, in: configuration, time: time)
        keep([SetUpForm.Field.assets: found.csv])
        return found.csv.split(whereSeparator: \.isNewline).count - 1
    }

    /// Everything that a page shows.
    func view() -> SetUpView {
        SetUpView(
            form: form, remarks: remarks(), choice: choice, report: report, hasPassword: password != nil,
            document: document())
    }

    // MARK: The end

    /// Writes the configuration and makes the first account.
    ///
    /// - Parameter adjust: what the command line says beside the file.
    /// - Returns: what the server goes on with, and the token of a session for the new administrator.
    /// - Throws: ``Problem``, and nothing is left behind.
    func finish(
        _ adjust: @Sendable (Configuration) -> Configuration
    ) async throws -> (configuration: Configuration, token: String?) {
        guard !isEnding else { throw Self.underWay }
        isEnding = true
        defer { isEnding = false }
        let files = SetUpFiles(answers.answers, config: config)
        try files.write()
        do {
            let configuration = adjust(try Wiring.load(config))
            let token = hasAccounts ? nil : try await administrator(configuration)
            try? FileManager.default.removeItem(atPath: Self.draftPath(config))
            password = nil
            return (configuration, token)
        } catch {
            files.remove()
            throw error
        }
    }

    private static let underWay = Problem(
        status: 409, type: "set-up-under-way", title: "The configuration is being written",
        detail: "It was sent twice; wait for the first answer.")

    private func administrator(_ configuration: Configuration) async throws -> String {
        let store = try Store(
            folder: configuration.server.dataFolder, time: time, random: random,
            steps: DeskSchema.steps + IdentitySchema.steps)
        defer { try? store.close() }
        let keeping = try await LedgerKeeping(
            store: store, settings: configuration.ledger, plant: configuration.plant, accepting: nil, wire: DeadWire(),
            logger: logger)
        let accounts = Accounts(store: store, policy: configuration.accounts, origin: keeping.origin)
        let code = try SetUpCode(folder: store.folder).make(random: random)
        let account = try await accounts.setUp(
            code: code, login: text(Field.login), printedName: text(Field.printedName), password: password ?? "",
            accepts: true)
        return try await Sessions(accounts).begin(account, by: .link).token
    }
}

/// The set-up as it stands at one moment.
struct SetUpView: Sendable {
    var form: SetUpForm
    /// Of all steps.
    var remarks: [SetUpRemark]
    /// The system that was chosen; nil for the desk.
    var choice: SetUpConnectors.Choice?
    /// What the connector's check found.
    var report: Commissioning?
    var hasPassword: Bool
    /// The configuration as it will be written.
    var document: String

    func remarks(of step: SetUpStep) -> [SetUpRemark] {
        remarks.filter { SetUpStep.owner(of: $0.field) == step }
    }

    /// Whether the step stands in the way of the end.
    func isWrong(_ step: SetUpStep) -> Bool { remarks(of: step).contains { !$0.isWarning } }
}
