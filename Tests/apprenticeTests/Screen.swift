import Foundation
import Testing

/// The built tool in a terminal of its own.
final class Screen {
  let process = Process()
  /// Everything that was shown.
  private(set) var seen = ""
  private let keyboard: Int32
  private let terminal: Int32
  private let before: termios

  /// - Parameter environment: variables besides this process's; nothing of the person who runs the tests is read or written.
  init(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws {
    #if os(Linux)
      // Glibc's module leaves out posix_openpt; these are its ioctls (TIOCSPTLCK, TIOCGPTN).
      keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var (lock, number): (Int32, Int32) = (0, 0)
      try #require(
        keyboard >= 0 && ioctl(keyboard, 0x4004_5431, &lock) == 0 && ioctl(keyboard, 0x8004_5430, &number) == 0)
      terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    #else
      keyboard = posix_openpt(O_RDWR | O_NOCTTY)
      try #require(keyboard >= 0 && grantpt(keyboard) == 0 && unlockpt(keyboard) == 0)
      terminal = open(try #require(ptsname(keyboard)), O_RDWR | O_NOCTTY)
    #endif
    try #require(terminal >= 0)
    var mode = termios()
    try #require(tcgetattr(terminal, &mode) == 0)
    before = mode
    process.executableURL = URL(fileURLWithPath: try Tool.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let usual = ["OMP_NUM_THREADS": "1", "APPRENTICE_HISTORY": "", "TERM": "xterm", "NO_COLOR": ""]
    process.environment = ProcessInfo.processInfo.environment.merging(usual) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle(fileDescriptor: terminal)
    process.standardOutput = FileHandle(fileDescriptor: terminal)
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
    close(keyboard)
    close(terminal)
  }

  /// Whether the terminal echoes and takes lines as it did at first.
  var isAsBefore: Bool {
    var mode = termios()
    return tcgetattr(terminal, &mode) == 0 && mode.c_lflag == before.c_lflag && mode.c_iflag == before.c_iflag
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(keyboard, bytes, bytes.count)
  }

  /// Reads until a text has been shown so many times.
  func wait(for text: String, times: Int) throws {
    while seen.components(separatedBy: text).count <= times {
      try #require(look(seconds: 60), "no \(text.debugDescription) in \(seen.debugDescription)")
    }
  }

  /// The exit status, after the rest was shown; that of a signal where the program doesn't end in a minute.
  func status() -> Int32 {
    let start = ContinuousClock.now
    while process.isRunning {
      _ = look(seconds: 0.05)
      if ContinuousClock.now - start > .seconds(60) { process.terminate() }
    }
    while look(seconds: 0.05) {}
    return process.terminationStatus
  }

  private func look(seconds: Double) -> Bool {
    var asked = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
    guard poll(&asked, 1, Int32(seconds * 1000)) > 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(keyboard, &bytes, bytes.count)
    guard count > 0 else { return false }
    seen += String(decoding: bytes[..<count], as: UTF8.self)
    return true
  }
}

/// A port that is taken.
final class Listener {
  let port: Int
  private let descriptor: Int32

  init() throws {
    #if canImport(Glibc)
      let own = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let own = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    descriptor = own
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(own, $0, length) == 0 && listen(own, 1) == 0 && getsockname(own, $0, &length) == 0
      }
    }
    try #require(isBound)
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }
}
