import ArgumentParser
import Browsing
import Console
import Documents
import Foundation
import Pages

/// `apprentice browse index`.
struct BrowseIndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Make pages searchable, or bring their index up to date.",
    discussion: """
      HTML and text files below the folders are read; what hasn't changed since the last time is left as it is, and what is gone is \
      taken out. The index is one SQLite file that holds the pages too.

      EXAMPLE:
        apprentice browse index --data /usr/share/doc/python3.11/html --out python.index
      """)

  @Option(parsing: .upToNextOption, help: .init("Folders with pages.", valueName: "folder"))
  var data: [String]

  @Option(help: .init("The index.", valueName: "file"))
  var out: String

  @Flag(help: "Read navigation, footers and notices as well as the pages' own content.")
  var keepSurroundings = false

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let index = try PageIndex(path: out, makes: true)
    var next = 0
    let report = try FolderIndexer(reader: HTMLReader(keepsSurroundings: keepSurroundings)).update(index, from: data) {
      done, all in
      guard done >= next || done == all else { return }
      next = done + max(64, all / 10)
      Log.info("\(done) of \(all) pages")
    }
    for problem in report.skipped { Log.warning(problem) }
    let count = try index.count
    output.show(
      [
        "pages": .int(count), "read": .int(report.read), "unchanged": .int(report.unchanged),
        "removed": .int(report.removed), "skipped": .array(report.skipped.map { .string($0) }),
      ],
      text: "\(count) pages: \(report.read) read, \(report.unchanged) unchanged, \(report.removed) taken out: \(out)")
  }
}
