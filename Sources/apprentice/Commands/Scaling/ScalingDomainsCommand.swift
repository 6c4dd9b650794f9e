import ArgumentParser
import Documents
import ScalingLaws

/// `apprentice scaling domains`.
struct ScalingDomainsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "domains",
    abstract: "List the domains that sweeps learn from, with their entropy where it is known.",
    discussion: """
      EXAMPLE:
        apprentice scaling domains
      """)

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let summaries = ScalingDomains.summaries
    output.show(.array(summaries.map(\.document)), text: ScalingDomains.text(summaries))
  }
}
