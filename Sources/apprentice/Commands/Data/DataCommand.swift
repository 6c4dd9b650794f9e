import ArgumentParser

/// `apprentice data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Look at data files; move feedback in and out.",
    subcommands: [DataInspectCommand.self, DataImportCommand.self, DataExportCommand.self])
}
