import ArgumentParser
import Console
import Documents

/// `--json`, which every command with a result takes.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on stdout instead of text.")
  var json = false

  /// Prints the result: as one JSON document, or as the text for people, which gives a terminal no orders.
  func show(_ document: JSONValue, text: @autoclosure () throws -> String) rethrows {
    let shown = json ? document.serialized(indent: 2) : try text()
    print(Terminal.isWatched ? SafeText.of(shown) : shown)
  }
}
