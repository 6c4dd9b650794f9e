import Documents
import Feedback
import Foundation
import Synchronization

/// Trainings as processes of their own, so that neither their memory nor their end is the studio's.
final class Trainings: Sendable {
  private let settings: Studio.Settings
  private let running = Mutex<[String: Running]>([:])

  /// A process and where its words go.
  private struct Running: @unchecked Sendable {
    // Foundation's process may be used from any thread; the compiler isn't told.
    let process: Process
    let log: String
    /// What it writes when it ends well; nil for trainings, which have their folders.
    var records: String?
    /// What waits for its end.
    var taking: Task<Void, any Error>?
    /// Whether something is done with its records yet.
    var isTaken = true
    /// Why that failed.
    var problem: String?
  }

  init(settings: Studio.Settings) { self.settings = settings }

  /// Begins `apprentice train VERB` into a run's folder.
  ///
  /// - Throws: `ProjectError` where there is no program or no model to start from, or the run is going on.
  func start(_ verb: String, run: String, data: String) throws {
    guard let program = settings.program, let model = settings.model else {
      throw ProjectError(.invalid, "start the studio with --model: a training begins with a model")
    }
    let folder = "\(settings.runs)/\(run)"
    guard !isRunning(run) else { throw ProjectError(.invalid, "\(folder) is being trained already") }
    let log = "\(folder).log"
    try FileManager.default.createDirectory(atPath: settings.runs, withIntermediateDirectories: true)
    var arguments = ["train", verb, "--model", model, "--data", data, "--run", folder]
    if model.lowercased().hasSuffix(".gguf") { arguments += ["--lora-r", "16"] }
    try launch(program, arguments, as: run, log: log)
  }

  private func launch(_ program: String, _ arguments: [String], as name: String, log: String) throws {
    guard FileManager.default.createFile(atPath: log, contents: nil) else {
      throw ProjectError(.invalid, "\(log) can't be written; is the disk full?")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let file = FileHandle(forWritingAtPath: log)
    process.standardOutput = file
    process.standardError = file
    try process.run()
    running.withLock { $0[name] = Running(process: process, log: log) }
  }

  /// Begins `apprentice sample`: the models' answers to the prompts, as records.
  ///
  /// - Parameters:
  ///   - name: what it is asked for by; one of that name that goes on is ended.
  ///   - taking: what becomes of the records' file.
  /// - Throws: `ProjectError` where there is no program.
  func sample(
    _ prompts: [Prompt], by models: [String], as name: String, tokens: Int, temperature: Double?,
    taking: (@Sendable (_ records: String) async throws -> Void)? = nil
  ) throws {
    guard let program = settings.program else {
      throw ProjectError(.invalid, "This studio has no program that could draw.")
    }
    forget(name)
    let (data, out, log) = (Studio.temporary(".jsonl"), Studio.temporary(".jsonl"), Studio.temporary(".log"))
    let lines = try prompts.map { try JSONValue.object(["prompt": JSONValue(encoding: $0)]).serialized() + "\n" }
    try DurableFile.write(lines.joined(), to: data)
    var arguments = ["sample", "--data", data, "--out", out, "--max-tokens", "\(max(1, min(2048, tokens)))"]
    for model in models { arguments += ["--model", model] }
    if let temperature { arguments += ["--temperature", "\(max(0, min(10, temperature)))"] }
    try launch(program, arguments, as: name, log: log)
    let process = running.withLock { running in
      running[name]?.records = out
      running[name]?.isTaken = taking == nil
      return running[name]
    }
    let task = Task { [weak self] in
      defer { try? FileManager.default.removeItem(atPath: data) }
      while process?.process.isRunning == true { try await Task.sleep(for: .milliseconds(100)) }
      var problem: String?
      if process?.process.terminationStatus == 0, let taking {
        do { try await taking(out) } catch { problem = "\(error)" }
      }
      self?.running.withLock { [problem] running in
        running[name]?.isTaken = true
        running[name]?.problem = problem
      }
    }
    running.withLock { $0[name]?.taking = task }
  }

  /// Ends what goes on under a name, and removes its files.
  private func forget(_ name: String) {
    guard let old = running.withLock({ $0.removeValue(forKey: name) }) else { return }
    old.taking?.cancel()
    if old.process.isRunning { old.process.terminate() }
    for path in [old.log, old.records].compactMap({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Where a drawing's records are, once it has ended well.
  func records(_ name: String) -> String? { running.withLock { $0[name]?.records } }

  private static func queueName(_ project: Project) -> String { "/queue \(project.id)" }

  /// Begins, changes or ends the choice of a project's next comparison, as its settings say.
  func followChoice(of project: Project, store: String) throws {
    let name = Self.queueName(project)
    if let old = running.withLock({ $0.removeValue(forKey: name) }), old.process.isRunning { old.process.interrupt() }
    guard project.kind == .comparison, let choice = project.settings.choice, let program = settings.program,
      let model = settings.model
    else { return }
    let log = Studio.temporary(".log")
    try launch(
      program,
      [
        "experiment", "queue", "--store", store, "--project", "\(project.id)", "--model", model, "--by", choice,
        "--watch",
      ], as: name, log: log)
  }

  /// The last that the choice of a project's next comparison said; nil where none was begun.
  func choiceState(of project: Project) -> String? {
    state(Self.queueName(project)).map { state in
      let line = (state.words.split(separator: "\n").last.map(String.init) ?? "").replacing("apprentice: ", with: "")
      return state.isRunning ? (line.isEmpty ? "The model reads the comparisons." : line) : "It has ended. \(line)"
    }
  }

  /// Whether a run is being trained by this studio.
  func isRunning(_ run: String) -> Bool { running.withLock { $0[run]?.process.isRunning ?? false } }

  /// How a training that this studio began stands, with the last it said; nil where it began none of that name.
  func state(_ run: String) -> (isRunning: Bool, status: Int32?, words: String)? {
    guard let training = running.withLock({ $0[run] }) else { return nil }
    let text = (try? String(contentsOfFile: training.log, encoding: .utf8)) ?? ""
    if let problem = training.problem { return (false, 1, problem) }
    let isRunning = training.process.isRunning || !training.isTaken
    return (isRunning, isRunning ? nil : training.process.terminationStatus, String(text.suffix(2_000)))
  }

  /// Lets runs end at their next step; what they have learned stays and can be gone on with.
  func stop() async {
    let processes = running.withLock { $0.values.map(\.process) }
    for process in processes where process.isRunning { process.interrupt() }
    for process in processes {
      for _ in 0..<300 where process.isRunning { try? await Task.sleep(for: .milliseconds(100)) }
      if process.isRunning { process.terminate() }
    }
    for name in running.withLock({ $0.filter { $0.value.records != nil }.map(\.key) }) { forget(name) }
  }
}
