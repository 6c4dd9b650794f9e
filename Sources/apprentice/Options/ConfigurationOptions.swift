import ArgumentParser

/// `--config`, which every command with settings takes.
///
/// The file is read before parsing (``ArgumentSplicer``); the option is declared so that the help
/// screen shows it and the parser lets it pass.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: .init("A JSON or YAML file of settings; flags win.", valueName: "file"))
  var config: [String] = []
}
