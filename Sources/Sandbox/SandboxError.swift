public import Documents

/// A program that can't be run here at all, as opposed to one that was run and failed.
public struct SandboxError: UserFacingError, Equatable {
  /// A kind of error; the command line turns it into an exit code.
  public enum Kind: Sendable, Equatable {
    /// This machine can't isolate programs, or lacks the language (exit 69).
    case unavailable
    /// What was asked for makes no sense (exit 65).
    case badRequest
    /// The machine failed half-way: no descriptors, no memory, no disk (exit 74).
    case machine
  }

  /// The kind of error.
  public var kind: Kind
  /// The problem and the way out.
  public var description: String

  /// An error with its text.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// The exit code of its kind.
  public var exitStatus: ExitStatus {
    switch kind {
    case .unavailable: .unavailable
    case .badRequest: .badData
    case .machine: .inputOutput
    }
  }
}
