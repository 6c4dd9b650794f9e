import Documents
import Foundation
import ScalingLaws
import TestSupport
import Testing
import Training

@Suite("Sweeps")
struct SweepTests {
  private static let yaml = """
    data: [corpus.txt]
    tokenizer: words
    context: 10
    batch: 2
    shapes:
      - {layers: 2, width: 32, heads: 1}
      - {layers: 2, width: 64, heads: 2}
      - {layers: 4, width: 128, heads: 4}
    tokens: [200, 400]
    evaluations: 2
    """

  private func specification(_ text: String = yaml) throws -> SweepSpecification {
    let folder = try TemporaryFolder()
    return try SweepSpecification(path: try folder.write("sweep.yaml", text))
  }

  /// A trainer for tests: writes what a run writes, with a loss that falls with parameters and steps, and notes that it was called.
  private func script(_ run: SweepSpecification.Run, _ folder: String, _ body: String = "") -> (String, [String]) {
    let loss = 2 + 30 / run.shape.parameters.squareRoot()
    return (
      "/bin/sh",
      [
        "-c",
        """
        mkdir -p '\(folder)'; echo x >> '\(folder)/calls'
        \(body)
        echo '{"step": \(run.steps / 2), "eval_loss": \(loss + 1)}' > '\(folder)/metrics.jsonl'
        echo '{"step": \(run.steps), "loss": 9, "eval_loss": \(loss)}' >> '\(folder)/metrics.jsonl'
        echo '{"finished": "now"}' > '\(folder)/run.json'
        """,
      ]
    )
  }

  @Test(
    "each size with each budget, cheapest first; a failing run is named, the rest goes on, and only it is tried again")
  func resume() throws {
    let specification = try specification()
    #expect(specification.runs.count == 6)
    #expect(specification.runs.map(\.flops) == specification.runs.map(\.flops).sorted())
    #expect(specification.runs[0].shape.parameters == 12 * 2 * 32 * 32 && specification.runs[0].steps == 10)
    let folder = try TemporaryFolder()
    let breaks = specification.runs[3].name
    var lines: [String] = []
    let broken = Sweep(specification, folder: folder.path) { run, path in
      script(run, path, run.name == breaks ? "echo 'apprentice: error: training diverged at step 3'; exit 65" : "")
    }
    let states = try broken.run(log: { lines.append($0) })
    #expect(states.count { $0 == .done } == 5)
    #expect(states[3] == .failed("apprentice: error: training diverged at step 3"))
    #expect(lines.count == 6 && lines[5].contains("[6/6]") && lines[5].contains("0 s left"))
    #expect(broken.text(states).contains("failed: apprentice: error: training diverged"))
    let failure = #expect(throws: ScalingError.self) { try broken.requireNoFailure(states) }
    #expect(failure?.description.contains("1 of 6 runs failed") == true)
    // Points come out as fits read them.
    let points = try PointFile(path: folder.path("points.csv")).points
    #expect(points.count == 10)
    #expect(
      points[0]
        == TrainingPoint(
          run: specification.runs[0].name, step: 5, parameters: 24_576, tokens: 100, flops: 6 * 24_576 * 100,
          loss: 2 + 30 / (24_576.0).squareRoot() + 1))

    let again = Sweep(specification, folder: folder.path) { run, path in script(run, path) }
    #expect(try again.run().allSatisfy { $0 == .done })
    for (index, run) in specification.runs.enumerated() {
      let calls = try String(contentsOfFile: again.path(of: run) + "/calls", encoding: .utf8)
      #expect(calls == (index == 3 ? "x\nx\n" : "x\n"), "\(run.name)")
    }
    #expect(try PointFile(path: folder.path("points.csv")).points.count == 12)
  }

  @Test("one task of an array makes one run, and the script names them all")
  func array() throws {
    let specification = try specification()
    let folder = try TemporaryFolder()
    var sweep = Sweep(specification, folder: folder.path) { run, path in script(run, path) }
    sweep.workers = 2
    let states = try sweep.run(only: [4])
    #expect(states.indices.filter { states[$0] == .done } == [4])
    // What is done isn't in the array.
    let array = sweep.slurmArray
    #expect(array.jobs.map(\.name) == specification.runs.indices.filter { $0 != 4 }.map { specification.runs[$0].name })
    #expect(array.script.contains("--array=0-4%2") && array.script.hasPrefix("#!/bin/bash\n"))
  }

  @Test("a run that a larger one beats is stopped, and stays so")
  func beaten() throws {
    let specification = try specification(
      Self.yaml.replacingOccurrences(of: "tokens: [200, 400]", with: "tokens: [200, 8000]"))
    let folder = try TemporaryFolder()
    // The small model at much data: it reports a loss above what the larger ones had for less, and would go on for ever.
    let small = try #require(
      specification.runs.first { $0.shape.layers == 2 && $0.shape.width == 32 && $0.steps > 100 })
    var sweep = Sweep(specification, folder: folder.path) { run, path in
      guard run == small else { return script(run, path) }
      return (
        "/bin/sh",
        [
          "-c",
          "mkdir -p '\(path)'; echo '{\"step\": \(run.steps / 2), \"eval_loss\": 5}' > '\(path)/metrics.jsonl'; exec sleep 600",
        ]
      )
    }
    sweep.workers = 2
    sweep.stopsBeaten = 0.05
    let states = try sweep.run()
    let place = try #require(specification.runs.firstIndex(of: small))
    #expect(states[place] == .beaten && sweep.state(of: small) == .beaten)
    #expect(states.count { $0 == .done } == 5)
  }

  @Test("a stopped sweep ends its runs and is gone on with")
  func stop() throws {
    let specification = try specification()
    let folder = try TemporaryFolder()
    let sweep = Sweep(specification, folder: folder.path) { run, path in
      ("/bin/sh", ["-c", "mkdir -p '\(path)'; exec sleep 600"])
    }
    #expect(try sweep.run(shouldStop: { true }).allSatisfy { $0 == .open })
    var asked = 0
    let states = try sweep.run(shouldStop: {
      asked += 1
      return asked > 3
    })
    #expect(states.allSatisfy { $0 == .open })
  }

  @Test("shapes and rates by rule")
  func rules() throws {
    let language = ModelShape(parameters: 1e8, aspect: 100)
    #expect(language.layers == 9 && abs(Double(language.width) / 962 - 1) < 0.05)
    let image = ModelShape(parameters: 1e8, aspect: 10)
    #expect(image.layers == 44 && abs(image.parameters / 1e8 - 1) < 0.1)
    #expect(ModelShape(parameters: 1_000, aspect: 100) == ModelShape(layers: 2, width: 32, heads: 1))
    let shape = ModelShape(layers: 2, width: 64, heads: 2)
    #expect(SweepSpecification.LearningRate.transferred(base: 0.004, width: 32).rate(of: shape) == 0.002)
    let rate = SweepSpecification.LearningRate.kaplan.rate(of: shape)
    #expect(abs(rate - (0.003239 - 0.0001395 * log(98_304.0))) < 1e-12)
    let arguments = try specification().arguments(of: specification().runs[0], into: "x")
    #expect(arguments.contains("--max-steps") && arguments.suffix(2) == ["--run", "x"])
  }

  @Test("an impossible sweep says where and why")
  func badFiles() throws {
    for (old, new, words) in [
      ("width: 32", "width: 33", ["sweep.yaml:", "width", "33"]),
      ("tokens: [200, 400]", "tokens: [3]", ["steps of 20"]),
      ("tokens: [200, 400]", "token: [200]", ["token", "tokens"]),
      ("width: 128", "width: 900000000", ["width", "from 2"]),
      ("layers: 4, width: 128", "layers: 10000, width: 1000000", ["1e12 is the most"]),
      ("tokens: [200, 400]", "flops: []", ["list of numbers"]), ("context: 10", "context: none", ["whole number"]),
      ("tokens: [200, 400]", "seed: 2", ["either"]),
    ] {
      let error = #expect(throws: DataError.self) {
        try specification(Self.yaml.replacingOccurrences(of: old, with: new))
      }
      for word in words { #expect(error?.description.contains(word) == true, "\(new): \(error?.description ?? "")") }
    }
  }
}
