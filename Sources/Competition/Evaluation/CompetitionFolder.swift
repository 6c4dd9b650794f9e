import Arcade
import Documents
import Foundation

/// A competition's folder: its description, its secret, submissions, results, logs, replays, the leaderboard.
///
/// | name | content |
/// |---|---|
/// | `competition.yaml` | the description, see ``Competition`` |
/// | `secret` | the seed of all levels; nobody but its owner may read it |
/// | `submissions/NAME/` | a copy of each submission |
/// | `results/TRACK/GAME/…json` | what came of each job, written once |
/// | `logs/TRACK/GAME/…log` | what the submissions wrote |
/// | `replays/TRACK/GAME/…gif` | the first scored episode |
/// | `leaderboard.html`, `leaderboard.json` | the ranking |
public struct CompetitionFolder: Sendable {
  /// The folder's path.
  public let path: String
  /// The description.
  public let competition: Competition
  /// The seed of all levels.
  let secret: UInt64

  /// The name of the description.
  public static let description = "competition.yaml"
  private static let secretFile = "secret"

  /// Opens a folder.
  ///
  /// - Throws: `DataError` for what is wrong with its files.
  public init(_ path: String) throws {
    self.path = path
    competition = try Competition(contentsOf: "\(path)/\(Self.description)")
    let text = try FileContents.text(of: "\(path)/\(Self.secretFile)").trimmingCharacters(in: .whitespacesAndNewlines)
    guard let number = UInt64(text, radix: 16) else {
      throw DataError(
        .badData, path: "\(path)/\(Self.secretFile)", problem: "this isn't a number of sixteen hexadecimal digits",
        advice: "'apprentice competition init' makes one.")
    }
    secret = number
  }

  /// Makes a folder with a description, a secret and, if wanted, starting points for submissions.
  ///
  /// - Throws: ``CompetitionError`` where there is a competition already.
  public static func make(_ path: String, description: String, secret: UInt64? = nil) throws {
    let file = "\(path)/\(Self.description)"
    guard !FileManager.default.fileExists(atPath: file) else {
      throw CompetitionError("\(file) is there already; give another folder, or change that file.", .usage)
    }
    try FileManager.default.createDirectory(atPath: "\(path)/submissions", withIntermediateDirectories: true)
    var generator = SystemRandomNumberGenerator()
    let number = String(secret ?? generator.next(), radix: 16)
    let hidden = "\(path)/\(secretFile)"
    try DurableFile.write(String(repeating: "0", count: 16 - number.count) + number + "\n", to: hidden)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: hidden)
    try DurableFile.write(description, to: file)
  }

  // MARK: Submissions

  /// The submissions, by name.
  ///
  /// - Throws: `DataError` for a folder that can't be read; what is wrong with one submission is said by `problems`.
  public func submissions(problems: (String) -> Void = { _ in }) throws -> [Submission] {
    let folder = "\(path)/submissions"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    return names.filter { !$0.hasPrefix(".") }.compactMap { name in
      do {
        let submission = try Submission(folder: "\(folder)/\(name)")
        guard submission.name == name else {
          problems("\(folder)/\(name): its manifest names it '\(submission.name)'; it is left out")
          return nil
        }
        return submission
      } catch {
        problems("\(error); it is left out")
        return nil
      }
    }
  }

  /// Takes a copy of a submission, readable for everybody; an older one of its name is replaced.
  ///
  /// - Throws: `DataError` for a manifest that is wrong or files that can't be copied.
  @discardableResult
  public func submit(_ folder: String) throws -> Submission {
    let submission = try Submission(folder: folder)
    let target = "\(path)/submissions/\(submission.name)"
    let work = "\(path)/submissions/.\(submission.name)-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: work) }
    let manager = FileManager.default
    for name in try Submission.files(of: folder) {
      let (from, to) = ("\(folder)/\(name)", "\(work)/\(name)")
      try manager.createDirectory(
        atPath: (to as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try manager.copyItem(atPath: from, toPath: to)
      let mode = manager.isExecutableFile(atPath: from) ? 0o755 : 0o644
      try manager.setAttributes([.posixPermissions: mode], ofItemAtPath: to)
    }
    if manager.fileExists(atPath: target) { try manager.removeItem(atPath: target) }
    try manager.moveItem(atPath: work, toPath: target)
    return try Submission(folder: target)
  }

  /// Hands in the submissions that come with the program.
  ///
  /// - Throws: `DataError` where they can't be written.
  public func submitStarters() throws {
    let work = "\(path)/.starters-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: work) }
    for name in Starter.names { try submit(Starter.copy(name, into: work)) }
  }

  // MARK: Jobs and results

  /// All jobs of some submissions, game by game.
  public func jobs(of submissions: [Submission]) -> [CompetitionJob] {
    competition.tracks.flatMap { track in
      competition.games.flatMap { entry in
        submissions.flatMap { submission in
          (0..<competition.repetitions).map { repetition in
            CompetitionJob(
              submission: submission.name, digest: submission.digest, track: track.name, game: entry.game.rawValue,
              repetition: repetition)
          }
        }
      }
    }
  }

  /// The file of a job's result.
  public func resultPath(of job: CompetitionJob) -> String { "\(path)/results/\(job.name).json" }
  /// The file of a job's log.
  public func logPath(of job: CompetitionJob) -> String { "\(path)/logs/\(job.name).log" }
  /// The file of a job's replay.
  public func replayPath(of job: CompetitionJob) -> String { "\(path)/replays/\(job.name).gif" }

  /// The result of a job; nil where there is none yet.
  ///
  /// - Throws: `DataError` for a file that is none: it isn't written over.
  public func result(of job: CompetitionJob) throws -> JobResult? {
    let file = resultPath(of: job)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    do {
      return try JSONValue(contentsOf: file).decoded(as: JobResult.self)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(
        .badData, path: file, problem: "this isn't a job's result", advice: "Remove the file to have it made again.")
    }
  }

  /// Writes a job's result, whole.
  func write(_ result: JobResult, of job: CompetitionJob) throws {
    let text = try JSONValue(encoding: result).serialized() + "\n"
    try Self.write(Data(text.utf8), to: resultPath(of: job))
  }

  /// Writes a file whose folders may not be there yet.
  static func write(_ data: Data, to path: String) throws {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try DurableFile.write(data, to: path)
  }
}

/// Keeps a second process from a job for as long as the object lives; the kernel's, so that it ends with the process.
final class JobClaim {
  private let file: Int32

  /// Nil where another process has the job.
  init?(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw DataError(errno: errno, path: path, action: "open the lock") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      return nil
    }
  }

  deinit { close(file) }
}
