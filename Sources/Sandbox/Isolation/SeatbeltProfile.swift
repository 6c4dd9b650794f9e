/// A profile for macOS's `sandbox-exec`: reading the system, writing one folder, no network.
///
/// Written from the profiles that ship with the system; it has never been run. Seatbelt has no namespaces: other processes can be
/// seen, though not signalled, and memory is limited for each process only.
struct SeatbeltProfile {
  /// The folder that may be written to.
  let scratch: String
  /// Folders of compilers and interpreters.
  let folders: [String]

  /// The profile's text.
  var text: String {
    let readable =
      (["/usr", "/bin", "/sbin", "/System", "/Library", "/opt/homebrew", "/dev", "/private/etc", scratch] + folders)
      .map { "(subpath \"\($0)\")" }.joined(separator: " ")
    return """
      (version 1)
      (deny default)
      (allow process-fork)
      (allow process-exec \(readable))
      (allow signal (target same-sandbox))
      (allow sysctl-read)
      (allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
      (allow file-read-metadata)
      (allow file-read* \(readable) (literal "/"))
      (allow file-write* (subpath "\(scratch)") (literal "/dev/null"))
      (deny network*)
      """
  }

  /// The command that runs another one under the profile.
  func command(running words: [String]) -> [String] { ["/usr/bin/sandbox-exec", "-p", text] + words }
}
