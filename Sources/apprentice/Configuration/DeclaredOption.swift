import ArgumentParser
import Foundation

/// An option or flag that a command declares, as ArgumentParser itself describes it.
///
/// The declaration in the command is the only one: names, kinds and repetition are read from the
/// description that ArgumentParser gives to its manual generators.
struct DeclaredOption {
  /// The long names, without dashes; a flag with an inversion has both here.
  var names: [String]
  var isFlag: Bool
  var isRepeating: Bool
  /// Whether its values name files or folders.
  var isPath: Bool

  /// The name to say to people, in the spelling of a key.
  var key: String { (names.first { !$0.hasPrefix("no-") } ?? names[0]).asKey }

  /// The options of a command, those aside that make no sense in a configuration file.
  static func all(of command: any ParsableCommand.Type) throws -> [DeclaredOption] {
    let description = try JSONDecoder().decode(
      ToolDescription.self, from: Data(command._dumpHelp().utf8))
    var options: [DeclaredOption] = []
    for argument in description.command.arguments ?? [] where argument.kind != "positional" {
      let names = (argument.names ?? []).filter { $0.kind == "long" }.map(\.name)
      guard !names.isEmpty, Set(names).isDisjoint(with: ["help", "version", "config"]) else {
        continue
      }
      options.append(
        DeclaredOption(
          names: names, isFlag: argument.kind == "flag", isRepeating: argument.isRepeating,
          isPath: ["path", "file", "folder"].contains(argument.valueName)))
    }
    return options
  }

  /// Whether a name from a file or a flag, in either spelling, means this option.
  func isCalled(_ name: String) -> Bool { names.contains(name.asFlag) }
}

extension String {
  /// The spelling on the command line: `learning-rate`.
  var asFlag: String { replacing("_", with: "-").replacing(".", with: "-") }

  /// The spelling in a file: `learning_rate`.
  var asKey: String { replacing("-", with: "_") }
}

/// The part of ArgumentParser's JSON description that is used here.
private struct ToolDescription: Decodable {
  struct Command: Decodable {
    var arguments: [Argument]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }

    var kind: String
    var isRepeating: Bool
    var valueName: String?
    var names: [Name]?
  }

  var command: Command
}
