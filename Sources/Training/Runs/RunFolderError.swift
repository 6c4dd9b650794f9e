public import Documents
public import Foundation

/// A reason why a run folder can't be used for this run.
public struct RunFolderError: UserFacingError, Equatable {
  /// The run folder.
  public var path: String
  /// The message: what is wrong and what to do.
  public var problem: String

  /// Describes why a folder can't be used.
  public init(path: String, problem: String) {
    self.path = path
    self.problem = problem
  }
}

extension RunFolderError: LocalizedError {
  /// The command names a folder that it can't use.
  public var exitStatus: ExitStatus { .usage }

  /// The folder, the problem and what to do.
  public var description: String { "\(path): \(problem)" }

  /// The same text as ``description``.
  public var errorDescription: String? { description }
}
