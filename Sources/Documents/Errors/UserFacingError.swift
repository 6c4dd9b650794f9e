/// An error written for a person: its description says what is wrong, where, and what to do about it, and its exit status
/// says how a command ends that meets it.
///
/// Each room's errors conform, so that the command line, the server and the studio need no list of them.
///
/// ```swift
/// struct BrushError: UserFacingError {
///   var path: String
///   var description: String { "\(path): not a MyPaint brush. Give a .myb file." }
/// }
/// ```
public protocol UserFacingError: Error, CustomStringConvertible {
  /// The exit status of a command that meets the error.
  var exitStatus: ExitStatus { get }
}

extension UserFacingError {
  /// Content that can't be used, which most errors are about.
  public var exitStatus: ExitStatus { .badData }
}
