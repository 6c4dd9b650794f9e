import ArgumentParser
import Chatbot
import Console
import Documents
import Statistics

/// `apprentice chatbot ratings`.
struct ChatbotRatingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ratings",
    abstract: "Say what people's filled-in forms tell about the systems behind them.",
    discussion: """
      'apprentice recipe chatbot' writes the form, raters.csv, and its key. Each rater fills in a copy of the form, which doesn't say \
      who answered: whole numbers from 1 to 5. Means have 95% intervals over questions; agreement is Krippendorff's alpha.

      EXAMPLE:
        apprentice chatbot ratings anna.csv ben.csv --key runs/chatbot/raters-key.json
      """)

  @Argument(help: .init("Filled-in forms, one of each rater.", valueName: "file"))
  var forms: [String]

  @Option(help: .init("The key that tells who answered.", valueName: "file"))
  var key: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let findings = try RatersForm.findings(of: forms, key: key)
    var table = Table([("system", .left)] + RatersForm.aspects.map { ($0.replacing("_", with: " "), .right) })
    for system in findings.systems {
      table.add([system.name] + system.means.map { "\($0)" })
    }
    table.add(["agreement (alpha)"] + findings.agreement.map { "\($0)" })
    output.show(try JSONValue(encoding: findings), text: table.text)
  }
}
