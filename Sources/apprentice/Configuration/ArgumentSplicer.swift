import ArgumentParser
import Documents

/// Puts the settings of a configuration file in front of the user's own flags.
///
/// `train sft --config sft.yaml --seed 2` becomes `train sft --learning-rate=3e-4 … --config
/// sft.yaml --seed 2`: what ArgumentParser checks on the command line it checks in the file, too.
/// A setting that the user also gave as a flag is left out, so that flags win, also where they are
/// lists or switches.
struct ArgumentSplicer {
  let root: any ParsableCommand.Type

  /// The arguments with the file's settings spliced in, and `--learning_rate` spelt
  /// `--learning-rate`.
  func splice(_ arguments: [String]) throws -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    var own = arguments[..<end].map(Self.respelt)
    let rest = arguments[end...]
    let paths = try Self.configurationPaths(in: own)
    guard !paths.isEmpty || own.contains(where: { $0.contains("=~") }) else { return own + rest }
    let (command, depth) = Self.command(named: own, below: root)
    let options = try DeclaredOption.all(of: command)
    own = own.map { Self.expanded($0, options) }
    let given = own.filter { $0.hasPrefix("--") }.map(Self.name(of:))
    var spliced: [String] = []
    var settled: Set<String> = []
    // The last file is looked at first, so that it wins over those before it.
    for path in paths.reversed() {
      let file = try ConfigurationFile(path: path.expandingHome)
      if let made = file.command, made != own[..<depth].joined(separator: " ") {
        throw ConfigurationError(
          exitStatus: .usage, path: path, problem: "it is of a run of '\(made)' and holds that command's settings")
      }
      for setting in file.settings {
        guard let option = options.first(where: { $0.isCalled(setting.key) }) else {
          throw Self.unknown(setting, in: file, options: options)
        }
        guard !given.contains(where: option.isCalled), !settled.contains(option.key) else {
          continue
        }
        spliced += try Self.arguments(for: option, setting, in: file)
      }
      settled.formUnion(
        file.settings.compactMap { setting in
          options.first { $0.isCalled(setting.key) }?.key
        })
    }
    own.insert(contentsOf: spliced, at: depth)
    return own + rest
  }

  /// `--a_b=c_d` as `--a-b=c_d`.
  private static func respelt(_ argument: String) -> String {
    guard argument.hasPrefix("--") else { return argument }
    let name = name(of: argument)
    return "--" + name.replacing("_", with: "-") + argument.dropFirst(2 + name.count)
  }

  /// The name of a long flag, without dashes and value.
  private static func name(of flag: String) -> String {
    String(flag.dropFirst(2).prefix { $0 != "=" })
  }

  /// `--model=~/m` with the home folder's path: shells leave it to the program behind an equals sign.
  private static func expanded(_ argument: String, _ options: [DeclaredOption]) -> String {
    guard argument.hasPrefix("--"), let sign = argument.firstIndex(of: "="),
      options.contains(where: { $0.isPath && $0.isCalled(name(of: argument)) })
    else { return argument }
    let start = argument.index(after: sign)
    return argument[..<start] + String(argument[start...]).expandingHome
  }

  private static func configurationPaths(in arguments: [String]) throws -> [String] {
    var paths: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument == "--config" {
        guard index + 1 < arguments.count else { continue }
        paths.append(arguments[index + 1])
      } else if argument.hasPrefix("--config=") {
        paths.append(String(argument.dropFirst("--config=".count)))
      }
    }
    return paths
  }

  /// The command that the leading words name, and how many words that took.
  private static func command(
    named words: [String], below root: any ParsableCommand.Type
  ) -> (any ParsableCommand.Type, depth: Int) {
    var command = root
    for (depth, word) in words.enumerated() {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word })
      else { return (command, depth) }
      command = next
    }
    return (command, words.count)
  }

  private static func arguments(
    for option: DeclaredOption, _ setting: ConfigurationFile.Setting, in file: ConfigurationFile
  ) throws -> [String] {
    func mistake(_ problem: String) -> ConfigurationError {
      ConfigurationError(exitStatus: .usage, path: file.path, line: setting.line, problem: problem)
    }
    guard option.isFlag else {
      guard option.isRepeating || !setting.isList else {
        throw mistake("'\(setting.key)' takes one value, not a list")
      }
      // The value joined to the name, so that one that starts with a dash is still a value.
      return setting.values.map { "--\(option.names[0])=\(option.isPath ? $0.expandingHome : $0)" }
    }
    guard !setting.isList, let isOn = truth(of: setting.values[0]) else {
      throw mistake("'\(setting.key)' must be true or false")
    }
    let name = setting.key.asFlag
    if isOn { return ["--\(name)"] }
    let opposite = name.hasPrefix("no-") ? String(name.dropFirst(3)) : "no-" + name
    return option.names.contains(opposite) ? ["--\(opposite)"] : []
  }

  private static func truth(of word: String) -> Bool? {
    switch word.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  private static func unknown(
    _ setting: ConfigurationFile.Setting, in file: ConfigurationFile, options: [DeclaredOption]
  ) -> ConfigurationError {
    let keys = options.flatMap(\.names).map(\.asKey)
    let problem = keys.problem(ofUnknownKey: setting.key.asFlag.asKey, called: setting.key)
    return ConfigurationError(
      exitStatus: .usage, path: file.path, line: setting.line,
      problem: problem + ". '--help' lists them all.")
  }
}
