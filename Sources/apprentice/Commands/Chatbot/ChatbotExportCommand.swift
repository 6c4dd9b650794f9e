import ArgumentParser
import Chatbot
import Documents

/// `apprentice chatbot export`.
struct ChatbotExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a chatbot as a web page that needs no server but one for files.",
    discussion: """
      The page holds the model in 8 bits and a program for it in WebAssembly. It answers without a connection, and nothing \
      that is typed leaves it. Put the folder on any static host; opened as a file, without http, browsers don't run it.

      EXAMPLE:
        apprentice chatbot export --model runs/grizzle --out site
      """)

  @Option(help: .init("A run, a checkpoint or an exported model.bin.", valueName: "path"))
  var model: String

  @Option(help: .init("The folder for the page.", valueName: "folder"))
  var out: String

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let site = try ChatbotSite(contentsOf: model)
    try site.write(to: out)
    if site.size > ChatbotSite.largest {
      Log.warning(
        "the page has \(site.size) bytes, which is more than \(ChatbotSite.largest): fewer words (--vocabulary) or units make it smaller"
      )
    }
    output.show(
      [
        "folder": .string(out), "bytes": .int(site.size),
        "files": .array(site.files.map { ["name": .string($0.name), "bytes": .int($0.bytes.count)] }),
      ], text: "\(out)/index.html: \(site.size) bytes in \(site.files.count) files")
  }
}
