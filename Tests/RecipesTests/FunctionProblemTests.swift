import Programming
import Recipes
import Sandbox
import Testing

/// The generated functions of the study of code from scratch.
@Suite("Generated functions")
struct FunctionProblemTests {
  private let graded = FunctionProblem.drawn(60, sizes: 2...4, forTests: true, seed: 4)
  private let tuning = FunctionProblem.drawn(1200, sizes: 1...3, forTests: false, seed: 4)

  @Test("no template is in both parts, and each single block is for tuning")
  func disjoint() {
    #expect(graded.count == 60 && tuning.count == 1200)
    #expect(Set(graded.map(\.template)).isDisjoint(with: tuning.map(\.template)))
    #expect(Set(graded.map(\.template)).count == 60 && graded.allSatisfy { $0.size > 1 })
    #expect(Set(tuning.filter { $0.isChain && $0.size == 1 }.map(\.template)).count == 16)
    #expect(Set(graded.map(\.size)) == [2, 3, 4] && Set(graded.map(\.isChain)).count == 2)
    #expect(FunctionProblem.drawn(60, sizes: 2...4, forTests: true, seed: 4).map(\.prompt) == graded.map(\.prompt))
  }

  @Test(
    "each solution passes its tests, and one with a step less or with nothing in it fails",
    .enabled(if: (try? Isolation.available()) != nil, "programs can't be isolated on this machine"))
  func solutions() throws {
    let tasks = graded.prefix(24).enumerated().map { $1.task(id: "\($0)") }
    let pool = SandboxPool(try Sandbox(.python))
    for result in try pool.run(tasks.map { $0.program(completing: $0.canonicalSolution ?? "") }) {
      #expect(result?.isPassed == true, "\(String(describing: result))")
    }
    for result in try pool.run(tasks.map { $0.program(completing: "    return 12345\n") }) {
      #expect(result?.verdict == .failed, "\(String(describing: result))")
    }
    // A mistake shows in the tests, but where another step hides it.
    let buggy = try pool.run(
      zip(graded, tasks).map { problem, task in task.program(completing: problem.buggySolution) })
    #expect(buggy.count { $0?.isPassed == true } <= 4, "\(buggy)")
    let after = FunctionProblem.context(tuning.prefix(2), buggy: true)
    #expect(after.contains(tuning[0].buggySolution) && tuning[0].buggySolution != tuning[0].solution)
    let late = graded[0].task(id: "late", after: after)
    #expect(try pool.sandbox.run(try #require(late.canonicalProgram)).isPassed)
    let shorter = try pool.run(
      tasks.map { task in
        var lines = (task.canonicalSolution ?? "").split(separator: "\n")
        lines.removeFirst()
        return task.program(completing: lines.joined(separator: "\n") + "\n")
      })
    // A block can be without effect after another, such as lower case after upper case.
    #expect(shorter.count { $0?.isPassed == true } <= 4, "\(shorter)")
  }
}

/// Docstrings that describe generated functions.
@Suite("Descriptions of generated functions")
struct FunctionDescriptionTests {
  @Test("a function's own docstring describes it, in other words too, and another function's doesn't")
  func descriptions() throws {
    let problems = FunctionProblem.drawn(80, sizes: 1...4, forTests: false, seed: 2)
    for problem in problems {
      let own = try #require(PythonDocstring(of: problem.name, in: problem.prompt)).words
      #expect(problem.isDescribed(by: own), "\(own)")
      #expect(problem.isDescribed(by: own.replacing(" ", with: "\n ")), "line breaks are no matter")
      for other in problems where other.template != problem.template {
        #expect(!other.isDescribed(by: own), "\(own) is no \(other.template)")
      }
    }
    let chain = try #require(
      problems.first { $0.isChain && $0.size == 1 && $0.template == "lower" }
        ?? FunctionProblem.drawn(400, sizes: 1...1, forTests: false, seed: 3).first { $0.template == "lower" })
    #expect(chain.isDescribed(by: "Take the text s: convert it to lower case."))
    #expect(chain.isDescribed(by: "Take the text s: make all letters small."))
    for wrong in ["", "convert it to lower case", "Take the text s: .", "Take the text s: reverse it."] {
      #expect(!chain.isDescribed(by: wrong), "\(wrong)")
    }
  }
}
