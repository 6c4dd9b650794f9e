import ArgumentParser
import Documents

/// `--json`, which every command with a result takes.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on stdout instead of text.")
  var json = false

  /// Prints the result: as one JSON document, or as the text for people.
  func show(_ document: JSONValue, text: @autoclosure () throws -> String) rethrows {
    print(json ? document.serialized(indent: 2) : try text())
  }
}
