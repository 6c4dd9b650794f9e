import Foundation
import Testing

@Suite("Help")
struct HelpTests {
  /// All commands that the tool describes, each with the words that call it.
  private func commands() throws -> [(words: [String], description: [String: Any])] {
    let root = try Tool.run("--experimental-dump-help").json()
    func walk(_ node: [String: Any], _ words: [String]) -> [([String], [String: Any])] {
      let children = node["subcommands"] as? [[String: Any]] ?? []
      return [(words, node)]
        + children.flatMap { child -> [([String], [String: Any])] in
          let name = child["commandName"] as? String ?? ""
          return name == "help" ? [] : walk(child, words + [name])
        }
    }
    return walk(try #require(root["command"] as? [String: Any]), [])
  }

  @Test("every command has a summary, every leaf an example of itself, every option a help text")
  func completeness() throws {
    let all = try commands()
    #expect(all.count >= 12)
    for (words, node) in all {
      let name = words.joined(separator: " ")
      #expect(node["abstract"] is String, "\(name)")
      let children = (node["subcommands"] as? [[String: Any]] ?? [])
        .filter { $0["commandName"] as? String != "help" }
      if children.isEmpty {
        let discussion = node["discussion"] as? String ?? ""
        #expect(discussion.contains("EXAMPLE:\n  apprentice \(name)"), "\(name)")
      }
      for argument in node["arguments"] as? [[String: Any]] ?? [] {
        #expect(argument["abstract"] is String, "\(name) \(argument["valueName"] ?? "")")
      }
    }
  }

  @Test("asking for help is no error and loads no libtorch")
  func help() throws {
    for arguments in [
      ["--help"], ["help"], ["data", "inspect", "--help"], ["help", "run", "list"],
    ] {
      let result = try Tool.run(arguments: arguments, environment: ["LD_DEBUG": "files"])
      #expect(result.status == 0)
      #expect(result.output.contains("USAGE: apprentice"))
      #expect(!result.errors.contains("libtorch") && !result.errors.contains("libctorch"))
    }
  }

  @Test("the help of a command, whole")
  func screen() throws {
    #expect(
      try Tool.run("run", "list", "--help").output == """
        OVERVIEW: List the runs in a folder, the newest first.

        EXAMPLE:
          apprentice run list
          apprentice run list experiments

        USAGE: apprentice run list [<folder>] [--runs <folder>] [--config <file> ...] [--json]

        ARGUMENTS:
          <folder>                The folder that holds the runs; --runs says the same.
                                  Default: runs.

        OPTIONS:
          --runs <folder>         The folder that holds the runs.
          --config <file>         A JSON or YAML file of settings; flags win.
          --json                  Print one JSON document on stdout instead of text.
          --version               Show the version.
          -h, --help              Show help information.


        """)
  }

  @Test("the version")
  func version() throws {
    let result = try Tool.run("--version")
    #expect(result.status == 0)
    #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
