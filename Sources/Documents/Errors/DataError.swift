public import Foundation

/// An error in a data file: which file, which line, what, and what to do about it.
public struct DataError: UserFacingError, Equatable {
  /// A kind of error; the command line turns it into an exit code.
  public enum Kind: Sendable, Equatable {
    /// A file or folder that isn't there, can't be opened, or holds nothing to read (exit 66).
    case noInput
    /// Content that can't be understood (exit 65).
    case badData
    /// Reading or writing failed half-way: a full disk, a lost file system (exit 74).
    case inputOutput
  }

  /// The kind of error.
  public var kind: Kind
  /// The file or folder, as the user named it.
  public var path: String
  /// The line, counted from 1, where one is to blame.
  public var line: Int?
  /// The problem, as a clause without a full stop.
  public var problem: String
  /// The advice, as a sentence.
  public var advice: String?

  /// Describes a problem with a file.
  public init(
    _ kind: Kind, path: String, line: Int? = nil, problem: String, advice: String? = nil
  ) {
    self.kind = kind
    self.path = path
    self.line = line
    self.problem = problem
    self.advice = advice
  }

  /// Describes the failure of a system call on a file, from `errno`.
  public init(errno code: Int32, path: String, action: String) {
    let missing = code == ENOENT || code == EACCES || code == ENOTDIR || code == EISDIR
    let advice: String? =
      switch code {
      case ENOENT: "Check the path."
      case EACCES: "Check the file's permissions."
      case ENOSPC, EDQUOT, EFBIG: "Free some space and try again; nothing was changed."
      default: nil
      }
    let reason = String(cString: strerror(code)).lowercased()
    let full = [ENOSPC, EDQUOT, EFBIG].contains(code) ? "the disk is full: " : ""
    self.init(
      missing ? .noInput : .inputOutput, path: path, problem: "can't \(action): \(full)\(reason)", advice: advice)
  }
}

extension DataError: LocalizedError {
  /// The exit code of its kind.
  public var exitStatus: ExitStatus {
    switch kind {
    case .noInput: .noInput
    case .badData: .badData
    case .inputOutput: .inputOutput
    }
  }

  /// One line: the file and line, the problem, the advice.
  public var description: String {
    let place = line.map { "\(path):\($0)" } ?? path
    let text = place.isEmpty ? problem : "\(place): \(problem)"
    return advice.map { "\(text). \($0)" } ?? text
  }

  /// The same text as ``description``.
  public var errorDescription: String? { description }
}
