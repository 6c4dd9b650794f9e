import Documents

/// An error in a configuration file.
struct ConfigurationError: UserFacingError {
  var exitStatus: ExitStatus
  var path: String
  var line: Int?
  var problem: String

  var description: String {
    line.map { "\(path):\($0): \(problem)" } ?? "\(path): \(problem)"
  }
}
