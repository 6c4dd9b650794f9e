import Foundation

extension Terminal {
  /// The columns and rows of the terminal.
  public static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Hands over what is typed at a steady rate, on a screen of its own, until `body` returns false.
  ///
  /// - Parameters:
  ///   - rate: how often a second.
  ///   - body: given the bytes that were typed since it was last called.
  public static func poll(rate: Double, _ body: ([UInt8]) throws -> Bool) throws {
    guard let mode = KeyMode() else { return }
    // The other screen, and no cursor.
    write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    defer {
      write("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l")
      mode.restore()
    }
    var next = ContinuousClock.now
    while true {
      next = next.advanced(by: .seconds(1 / rate))
      var typed: [UInt8] = []
      while true {
        let left = max(0, ContinuousClock.now.duration(to: next) / .milliseconds(1))
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard Foundation.poll(&input, 1, Int32(left)) > 0 else { break }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else { return }
        typed += bytes.prefix(count)
        if typed.contains(3) { break }
      }
      guard try body(typed) else { return }
    }
  }
}
