public import Documents

/// An error of the arcade's: what is wrong, where, and what to do about it.
public struct ArcadeError: UserFacingError, Equatable {
  /// The sentence for the user.
  public var description: String
  /// The exit status of a command that meets it.
  public var exitStatus: ExitStatus

  init(_ description: String, _ exitStatus: ExitStatus = .usage) {
    self.description = description
    self.exitStatus = exitStatus
  }

  static func unknown(_ kind: String, _ name: String, among names: [String]) -> ArcadeError {
    let hint = names.nearest(to: name).map { " Did you mean '\($0)'?" } ?? ""
    return ArcadeError("There is no \(kind) '\(name)'; there are \(names.sorted().joined(separator: ", ")).\(hint)")
  }

  static func state(_ problem: String) -> ArcadeError {
    ArcadeError("The state can't be restored: \(problem). Nothing was changed.", .badData)
  }
}
