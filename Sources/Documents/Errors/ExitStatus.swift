/// The exit codes of sysexits.h that a command ends with.
public enum ExitStatus: Int32, Sendable {
  /// The command was used wrongly.
  case usage = 64
  /// The input's content can't be used.
  case badData = 65
  /// An input isn't there or can't be opened.
  case noInput = 66
  /// Something that is needed is not to be had on this machine.
  case unavailable = 69
  /// Something this program did not foresee.
  case `internal` = 70
  /// Reading or writing failed.
  case inputOutput = 74
}
