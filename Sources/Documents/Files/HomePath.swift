import Foundation

extension String {
  /// The path with the home folder in place of a leading `~`, as shells write it; others as they are.
  ///
  /// Shells do this only where a word begins: not behind the `=` of an option, in a configuration file, or in what is typed into a
  /// conversation. A folder that is called `~` is meant by `./~`.
  public var expandingHome: String {
    guard self == "~" || hasPrefix("~/") else { return self }
    let home = ProcessInfo.processInfo.environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    return home + dropFirst()
  }
}
