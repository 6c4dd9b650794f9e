import Foundation
import Media
import Omni
import Recipes
import Statistics
import TestSupport
import Testing

/// The recipe omni in its quick form: the path holds, goes on where it was stopped, and leaves a model that can be used.
@Suite struct OmniRecipeTests {
  @Test(.enabled(if: Speaker.isInstalled, "espeak-ng isn't installed"))
  func quickPathLeavesAModel() async throws {
    let folder = try TemporaryFolder()
    var options = RecipeOptions()
    options.isQuick = true
    let runner = RecipeRunner(command: "apprentice recipe omni --quick") { _ in }
    let first = try await runner.run(options, folder: folder.path) { try OmniRecipe($0) }
    #expect(first.findings.effects.count == 10)
    #expect(first.findings.effects.allSatisfy { $0.estimate.value.isFinite })
    for name in ["report.json", "report.html", "codecs.json", "answers.json"] {
      #expect(folder.contents.contains(name), "\(name)")
    }
    // What is there is read back, and what the decoder answers comes of it again.
    try FileManager.default.removeItem(at: folder.file("answers.json"))
    let again = try await runner.run(options, folder: folder.path) { try OmniRecipe($0) }
    #expect(again.findings.effects == first.findings.effects)

    let model = try OmniModel.load(folder.file("model"))
    let picture = RGBImage(width: 32, height: 32, grey: 230)
    let question: [OmniBlock] = [try model.block(of: picture), .text("how many")]
    for modality in OmniModality.allCases {
      // Even a model that has learnt nothing writes whole blocks only.
      let answers = try model.answers(to: [question, question], in: modality)
      #expect(answers.count == 2)
      #expect(answers.allSatisfy { $0.modality == modality })
    }
    #expect(throws: OmniError.self) { try model.block(of: Sound(rate: 16_000, [Float](repeating: 0, count: 8000))) }
    #expect(throws: OmniError.self) {
      try model.block(of: Sound(rate: 16_000, [Float](repeating: 0.5, count: 160_000)))
    }
    #expect(throws: OmniError.self) { try model.block(ofVideo: []) }
    #expect(try model.block(ofVideo: [picture]).modality == .video)
  }
}
