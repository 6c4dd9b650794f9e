import ArgumentParser

/// `apprentice teach`.
struct TeachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teach",
    abstract: "Teach by examples: learn a regular expression from strings; the studies of it.",
    subcommands: [
      TeachRegexCommand.self, TeachRegexStudyCommand.self, TeachTeachingStudyCommand.self,
    ])
}
