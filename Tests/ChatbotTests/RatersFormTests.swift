import Chatbot
import Documents
import Foundation
import Statistics
import TestSupport
import Testing

/// The raters' form, filled in.
@Suite struct RatersFormTests {
  @Test func ratingsAreReadBackBySystem() throws {
    let folder = try TemporaryFolder()
    let items = (0..<6).flatMap { number in
      ["good", "bad"].map {
        RatersForm.Item(question: "What, \"\(number)\"?", answer: "An answer,\nof \($0)", system: $0)
      }
    }
    let form = RatersForm(items, seed: 3)
    #expect(form.items != items && form.items.count == 12)
    try form.write(to: folder.path)
    let text = try String(contentsOfFile: folder.path("raters.csv"), encoding: .utf8)
    #expect(!text.contains("system"))
    // Two raters who agree but for one item, and one cell that is left empty.
    func filled(_ rater: Int) throws -> String {
      var lines = ["item,linguistic_quality,creativity,human_likeness"]
      for (place, item) in form.items.enumerated() {
        let score = item.system == "good" ? 4 + (place == 0 && rater == 1 ? 1 : 0) : 2
        lines.append("\(place + 1),\(score),\(place == 1 ? "" : "3"),\(score)")
      }
      return try folder.write("rater-\(rater).csv", lines.joined(separator: "\n"))
    }
    let forms = try [filled(0), filled(1)]
    let findings = try RatersForm.findings(of: forms, key: folder.path("raters-key.json"))
    #expect(findings.systems.map(\.name) == ["good", "bad"])
    let (good, bad) = (findings.systems[0], findings.systems[1])
    let raised = form.items[0].system == "good"
    #expect(abs(good.means[0].value - (raised ? 4 + 0.5 / 6 : 4)) < 1e-9 && bad.means[0].value == 2)
    #expect(good.means[1].value == 3 && good.means[0].n == 6)
    #expect(findings.agreement[0].value > 0.9)
    // One rater agrees with nobody.
    let alone = try RatersForm.findings(of: [forms[0]], key: folder.path("raters-key.json"))
    #expect(alone.agreement[0].value.isNaN && alone.systems[0].means[0].value == 4)
  }

  @Test(arguments: ["1,6,3,3", "1,4.5,3,3", "1,good,3,3", "99,3,3,3", "x,3,3,3"])
  func whatIsNoRatingIsRefused(line: String) throws {
    let folder = try TemporaryFolder()
    try RatersForm([.init(question: "q", answer: "a", system: "s")], seed: 1).write(to: folder.path)
    let form = try folder.write("form.csv", "item,linguistic_quality,creativity,human_likeness\n\(line)\n")
    let error = #expect(throws: DataError.self) {
      _ = try RatersForm.findings(of: [form], key: folder.path("raters-key.json"))
    }
    #expect(error?.line == 2)
    #expect(throws: DataError.self) { _ = try RatersForm.findings(of: [form], key: form) }
  }
}
