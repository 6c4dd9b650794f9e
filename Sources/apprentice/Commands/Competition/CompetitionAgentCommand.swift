public import Agents
public import ArgumentParser
import Competition
import Documents
import NeuralNetworks
import Settings

/// `apprentice competition agent`.
struct CompetitionAgentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "Be a submission: learn by PPO in the games of the evaluator that started this.",
    discussion: """
      A manifest starts it, {"protocol": 1, "name": "ppo", "run": ["apprentice", "competition", "agent", "--width", "2"]}.

      EXAMPLE:
        apprentice competition agent --network small --width 2
      """)

  @Option(help: .init("The network: small or impala.", valueName: "name"))
  var network = ActorCritic.Kind.small

  @Option(in: .from(0.05, to: 16), help: .init("A factor on the numbers of channels.", valueName: "factor"))
  var width = 1.0

  @Option(
    in: .from(1, to: 64),
    help: .init("See the first and the last of so many frames together; 1 is the last alone.", valueName: "count"))
  var stack = 1

  @Option(in: .above(0, below: 1), help: .init("The learning rate at width 1.", valueName: "rate"))
  var learningRate = 5e-4

  @OptionGroup(title: "PPO") var agent: SettingsOptions<AgentSettings>
  @OptionGroup var configuration: ConfigurationOptions

  func run() throws {
    var submission = AgentSubmission()
    (submission.network, submission.width, submission.learningRate) = (network, width, learningRate)
    (submission.settings, submission.stack) = (agent.settings, stack)
    try submission.run(CompetitionClient())
  }
}

extension ActorCritic.Kind: ExpressibleByArgument {}
