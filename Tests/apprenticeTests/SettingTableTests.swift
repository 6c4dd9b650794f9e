import Agents
import Alignment
import Chatbot
import Foundation
import Settings
import Testing
import Training

/// The tables of settings in the documentation are made from the declarations.
///
/// `APPRENTICE_UPDATE_TABLES=1 ./test SettingTableTests` writes them anew.
@Suite("Tables of settings", .serialized)
struct SettingTableTests {
  private static func block(_ settings: any DeclaredSettings) -> String {
    guard let learner = settings as? any LearnerSettings else { return settings.table }
    let rate = type(of: learner).training.declarations.first { $0.key == "learning_rate" }
    return "The peak learning rate is `\(rate?.words.joined() ?? "")` unless given.\n\n\(settings.table)"
  }

  @Test(
    "the documentation shows every setting as it is declared",
    arguments: [
      ("Training/Training.docc/Training.md", TrainingSettings() as any DeclaredSettings),
      ("Alignment/Alignment.docc/Settings.md", PretrainingSettings()),
      ("Alignment/Alignment.docc/Settings.md", FineTuningSettings()),
      ("Alignment/Alignment.docc/Settings.md", RewardSettings()),
      ("Alignment/Alignment.docc/Settings.md", PPOSettings()),
      ("Alignment/Alignment.docc/Settings.md", DPOSettings()),
      ("Alignment/Alignment.docc/Settings.md", GroupSettings()),
      ("Alignment/Alignment.docc/Settings.md", AdapterSettings()),
      ("Alignment/Alignment.docc/Settings.md", InferenceSettings()),
      ("Agents/Agents.docc/Agents.md", AgentSettings()),
      ("Chatbot/Chatbot.docc/Chatbot.md", ChatbotSettings()),
    ] as [(String, any DeclaredSettings)])
  func tables(page: String, settings: any DeclaredSettings) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/\(page)").standardizedFileURL
    let text = try String(contentsOf: file, encoding: .utf8)
    let (start, end) = ("<!-- settings: \(type(of: settings)) -->\n", "\n<!-- end of settings -->")
    let from = try #require(text.range(of: start), "\(page) has no table of \(type(of: settings))")
    let to = try #require(text.range(of: end, range: from.upperBound..<text.endIndex))
    let wanted = Self.block(settings)
    if ProcessInfo.processInfo.environment["APPRENTICE_UPDATE_TABLES"] == "1" {
      try text.replacingCharacters(in: from.upperBound..<to.lowerBound, with: wanted)
        .write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(text[from.upperBound..<to.lowerBound] == wanted, "APPRENTICE_UPDATE_TABLES=1 ./test SettingTableTests")
    }
  }
}
