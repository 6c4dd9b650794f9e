import Documents
import Foundation
import ScalingLaws
import TestSupport
import Testing

@Suite("Points that can't be used")
struct BadPointTests {
  private func read(_ text: String, _ name: String = "points.csv") throws -> [TrainingPoint] {
    let folder = try TemporaryFolder()
    return try PointFile(path: try folder.write(name, text)).points
  }

  @Test("a bad row is named with its line, column and value")
  func badRows() throws {
    for (row, words) in [
      ("1e6,1e9,nan", ["points.csv:3", "loss is", "not finite", "diverged"]),
      ("-5,1e9,3", ["points.csv:3", "parameters is -5", "above 0"]),
      ("1e6,0,3", ["tokens is 0", "above 0"]), ("1e6,many,3", ["tokens is \"many\"", "not a number"]),
      ("1e6,1e9,", ["no 'loss'"]), (",,3", ["none of the columns"]), ("1e6,1e9", ["fields in this row: 2"]),
    ] {
      let error = #expect(throws: DataError.self) { try read("parameters,tokens,loss\n2e6,1e9,3.1\n\(row)\n") }
      for word in words { #expect("\(try #require(error))".contains(word), "\(row): \(error?.description ?? "")") }
    }
    let units = #expect(throws: DataError.self) {
      try read("parameters,tokens,flops,loss\n1e6,1e9,0.07,3\n")
    }
    #expect(units?.description.contains("Check the units") == true)
    #expect(throws: DataError.self) { try read("parameters,loss\n") }
  }

  @Test("the published file's headers, JSON Lines and learning curves are read")
  func headers() throws {
    let published = try read("x,Model Size,Training FLOP,loss\n1,1e9,6e19,2.5\n")
    #expect(published == [TrainingPoint(parameters: 1e9, flops: 6e19, loss: 2.5)])
    #expect(published[0].tokens == 1e10)
    let lines = try read(
      "{\"run\": \"a\", \"step\": 10, \"parameters\": 1000, \"tokens\": 2000, \"loss\": 4}\n", "points.jsonl")
    #expect(lines == [TrainingPoint(run: "a", step: 10, parameters: 1_000, tokens: 2_000, loss: 4)])
    #expect(lines[0].flops == 1.2e7)
  }

  private func reason(_ losses: [Double], _ parameters: [Double]? = nil) -> String {
    let points = losses.enumerated().map {
      TrainingPoint(parameters: parameters?[$0] ?? pow(10, Double($0 + 4)), loss: $1)
    }
    do {
      _ = try ScalingStudy(points: points, options: pointFit)
      return ""
    } catch { return error.description }
  }

  @Test("points that no law fits say why")
  func noLaw() {
    #expect(reason([3, 3.1, 3.3, 3.6, 4, 4.5]).contains("doesn't fall as parameters grows"))
    #expect(reason([3, 3, 3, 3, 3]).contains("All 5 points have the loss 3"))
    #expect(reason([3, 2.9]).contains("2 usable points can't fix them"))
    #expect(reason([3, 2.9, 2.8, 2.7, 2.6], [1e6, 1e6, 1e6, 1e6, 1e6]).contains("usable points"))
    #expect(reason([3, 2, 3.5, 1.9, 3.1, 2.2, 2.9, 3]).contains("No law"))
  }
}
