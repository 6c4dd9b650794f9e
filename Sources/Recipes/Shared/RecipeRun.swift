public import Evaluation
import Foundation
import Documents
import Torch
public import Training

/// A recipe at work in its folder: its stages, how long they took, and what is left.
///
/// The folder holds `run.json` (another recipe or other options are refused), `stages.json`, a folder or file for each
/// stage, and the reports at the end. The same command over it goes on where it was stopped: finished stages are read back,
/// and a training stage resumes to the bit.
public final class RecipeRun {
  /// A signal asked for it; the same command goes on from here.
  public struct Interrupted: Error {}

  /// One stage's time.
  public struct StageTime: Sendable, Codable, Equatable {
    /// The stage.
    public var name: String
    /// The seconds that it took, over all attempts that could note them.
    public var seconds: Double
    /// Whether it came to its end.
    public var isDone: Bool

    enum CodingKeys: String, CodingKey {
      case name, seconds
      case isDone = "done"
    }
  }

  /// The folder's path.
  public let path: String
  /// The command's options.
  public let options: RecipeOptions
  /// The stages so far, in the order in which they began.
  public private(set) var times: [StageTime]
  private let folder: RunFolder
  private let command: String
  private let configuration: [String: JSONValue]
  private let plan: [PlannedStage]
  let log: (String) -> Void

  /// Opens a recipe's folder, or makes it.
  ///
  /// - Parameter log: gets a line as each stage begins and ends.
  public init(
    _ recipe: some Recipe, _ options: RecipeOptions, folder path: String, log: @escaping (String) -> Void
  ) throws {
    self.path = path
    self.options = options
    self.log = log
    command = "recipe \(type(of: recipe).card.name)"
    configuration = try options.noted.merging(recipe.configuration) { $1 }
    plan = recipe.plan
    folder = try RunFolder(
      path, manifest: RunManifest(command: command, configuration: configuration, seed: options.seed))
    let file = folder.path(of: Self.stagesFile)
    times =
      FileManager.default.fileExists(atPath: file)
      ? try JSONValue(contentsOf: file).decoded(as: [StageTime].self) : []
  }

  private static let stagesFile = "stages.json"

  /// The seconds of all stages.
  public var seconds: Double { times.reduce(0) { $0 + $1.seconds } }

  // MARK: Stages

  /// Runs a stage, which looks itself after what of it is there already.
  @discardableResult
  public func stage<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    try begin(name)
    let start = ContinuousClock.now
    do {
      let result = try body()
      try end(name, after: (ContinuousClock.now - start) / .seconds(1))
      return result
    } catch {
      try note(name, seconds: (ContinuousClock.now - start) / .seconds(1), isDone: false)
      throw error
    }
  }

  /// Runs a stage whose result is kept in `NAME.json`, or in a file of another name, and reads it from there the next time.
  public func stored<Result: Codable>(
    _ name: String, file: String? = nil, _ body: () async throws -> Result
  ) async throws -> Result {
    let file = "\(file ?? name).json"
    if FileManager.default.fileExists(atPath: folder.path(of: file)) {
      return try JSONValue(contentsOf: folder.path(of: file)).decoded(as: Result.self)
    }
    try begin(name)
    let start = ContinuousClock.now
    do {
      let result = try await body()
      try folder.write(try JSONValue(encoding: result).serialized() + "\n", to: file)
      try end(name, after: (ContinuousClock.now - start) / .seconds(1))
      return result
    } catch {
      try note(name, seconds: (ContinuousClock.now - start) / .seconds(1), isDone: false)
      throw error
    }
  }

  /// Runs a learner in a run folder of its own below the recipe's, from its last checkpoint on.
  ///
  /// - Parameter isTimeUp: asked before and after each step; where it says so the training ends there.
  /// - Returns: the steps that are made.
  /// - Throws: ``Interrupted`` if a signal stopped it.
  @discardableResult
  public func train(
    _ name: String, _ learner: any Learner, _ settings: TrainingSettings, isTimeUp: @escaping () -> Bool = { false }
  ) throws -> Int {
    let run = try RunFolder(
      folder.path(of: name),
      manifest: RunManifest(
        command: "\(command) \(name)",
        configuration: configuration.merging(["settings": try JSONValue(encoding: settings)]) { $1 },
        seed: options.seed, versions: try TorchLibrary.versions()))
    let loop = TrainingLoop(settings, folder: run, title: name)
    loop.isTimeUp = isTimeUp
    switch try loop.run(learner) {
    case .finished: return settings.maxSteps
    case .stoppedEarly(let step, _): return step
    case .interrupted(let step):
      guard isTimeUp(), !InterruptSignals.stopRequested else { throw Interrupted() }
      return step
    }
  }

  /// The path of something in the folder.
  public func path(of name: String) -> String { folder.path(of: name) }

  /// A metric of a training stage by step; nil where there is none.
  public func curve(_ stage: String, _ metric: String, _ title: String, _ label: String) -> Plot? {
    let points = points(stage, x: "step", y: metric)
    guard !points.isEmpty else { return nil }
    var plot = Plot(title: title, x: "step", y: .init(label))
    plot.add(label, points: points, smoothing: points.count > 100 ? 0.9 : 0.5)
    return plot
  }

  /// Two metrics of a training stage against each other, for the steps that have both.
  public func points(_ stage: String, x: String, y: String) -> [Plot.Point] {
    MetricsFile(ofRun: folder.path(of: stage)).lines.compactMap { line in
      guard let place = line[x], let value = line[y] else { return nil }
      return Plot.Point(x: place, y: value)
    }
  }

  /// Notes in `run.json` that the recipe came to its end.
  func finish() throws { try folder.finish() }

  // MARK: How far it is

  private func begin(_ name: String) throws {
    if InterruptSignals.stopRequested { throw Interrupted() }
    log("\(place(name)) \(name) …\(left.map { "  \($0)" } ?? "")")
  }

  private func end(_ name: String, after seconds: Double) throws {
    try note(name, seconds: seconds, isDone: true)
    log("\(place(name)) \(name): \(Self.duration(seconds))")
  }

  private func place(_ name: String) -> String {
    let number = plan.firstIndex { $0.name == name }.map { "\($0 + 1)" } ?? "·"
    return "[\(number)/\(plan.count)]"
  }

  private func note(_ name: String, seconds: Double, isDone: Bool) throws {
    if let i = times.firstIndex(where: { $0.name == name }) {
      // A finished stage that was only read back keeps its time.
      if !times[i].isDone { times[i].seconds += seconds }
      times[i].isDone = isDone || times[i].isDone
    } else {
      times.append(StageTime(name: name, seconds: seconds, isDone: isDone))
    }
    try folder.write(try JSONValue(encoding: times).serialized(indent: 2) + "\n", to: Self.stagesFile)
  }

  /// An estimate of the time left: the plan's seconds at the pace of the stages that are done.
  private var left: String? {
    let done = Dictionary(times.filter(\.isDone).map { ($0.name, $0.seconds) }) { $1 }
    let (past, rest) = (plan.filter { done[$0.name] != nil }, plan.filter { done[$0.name] == nil })
    let planned = past.reduce(0) { $0 + $1.seconds }
    // Before the first stage is done, the plan holds for its own scale only.
    guard planned > 0 || (options.scale == 1 && !options.isQuick) else { return nil }
    let pace = planned > 0 ? past.reduce(0) { $0 + (done[$1.name] ?? 0) } / planned : 1
    return "about \(Self.duration(pace * rest.reduce(0) { $0 + $1.seconds })) left"
  }

  /// A number of seconds as people say it.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(Int(seconds.rounded())) s"
    case ..<5400: "\(Int((seconds / 60).rounded())) min"
    default: String(format: "%.1f h", seconds / 3600)
    }
  }
}
