import ArgumentParser

/// `apprentice browse`.
struct BrowseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "browse",
    abstract: "Search, read and cite pages: a text browser for models, after WebGPT.",
    subcommands: [BrowseIndexCommand.self, BrowseAskCommand.self, BrowseMeasureCommand.self])
}
