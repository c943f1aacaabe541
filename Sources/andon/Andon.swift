import AndonModel
import ArgumentParser

@main
struct Andon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "andon",
        abstract: "Turns every defect that a vision system sees into one work order, and proves it.",
        version: "andon \(Software.version)",
        subcommands: [
            DemoCommand.self, InitCommand.self, ServeCommand.self, TestDetectionCommand.self, CheckCommand.self,
            SendCommand.self, ConnectorCommand.self,
            SourceCommand.self,
            ChartCommand.self, BacktestCommand.self, TuneCommand.self, ReconcileCommand.self, LedgerCommand.self,
            ExportCommand.self, ValidationCommand.self, HoldCommand.self, PicturesCommand.self, SimulateCommand.self,
            LearnCommand.self,
            AnnotateCommand.self, CropCommand.self, FloorPlanCommand.self, ThumbnailCommand.self,
            VisionCommand.self,
            AccountCommand.self, KeyCommand.self, BackupCommand.self, RestoreCommand.self,
            SignCommand.self, OPCUACommand.self, AccessCommand.self,
        ])
}

/// Where a command finds the store.
struct DataOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "The data folder (server.dataFolder of the configuration).")
    var data = "andon-data"
}
