import Foundation
import Synchronization

/// The terminal in front of the program, for as long as somebody talks to it.
///
/// While a line is typed the terminal hands over every key; in between, and whenever the program ends, it is as it was before.
public struct Terminal {
  private var editor: LineEditor
  private let file: LineHistory?

  /// The terminal.
  ///
  /// - Parameter history: a file of the lines that were typed at other times; those of this time join it.
  public init(history: LineHistory? = nil) {
    file = history
    editor = LineEditor(history: history?.lines() ?? [])
  }

  /// Whether somebody types and looks.
  public static var isThere: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// Whether somebody looks at what is printed.
  public static var isWatched: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether text may be coloured: somebody looks, and neither `NO_COLOR` nor a dumb terminal forbids it.
  public static var hasStyles: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isWatched && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  /// Shows text at once, whatever stands in stdout's buffer.
  public static func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// Empties the screen.
  public static func clear() { write("\u{1B}[H\u{1B}[2J") }

  /// The next line; nil at the end of input.
  ///
  /// - Parameter prompt: what stands before it, and how it is coloured.
  public mutating func readLine(_ prompt: String, colour: (begin: String, end: String)) -> String? {
    guard let mode = KeyMode() else { return Swift.readLine() }
    defer {
      mode.restore()
      Self.write("\u{1B}[?2004l\r\n")
    }
    Self.write("\u{1B}[?2004h")
    while true {
      show(prompt, colour)
      var byte: UInt8 = 0
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return nil }
      switch editor.take(byte) {
      case .editing: continue
      case .cleared: Self.clear()
      case .interrupted: Self.write("^C\r\n")
      case .ended: return nil
      case .line(let text):
        if editor.history.last == text { file?.append(text) }
        return text
      }
    }
  }

  private func show(_ prompt: String, _ colour: (begin: String, end: String)) {
    let (text, cursor) = editor.view(columns: Self.size.columns - prompt.count)
    Self.write("\r\(colour.begin)\(prompt)\(colour.end)\(text)\u{1B}[K\r\u{1B}[\(prompt.count + cursor)C")
  }
}

/// A terminal that hands over every key, until it is told to be as before.
struct KeyMode {
  /// The terminal's state that a signal which ends the program puts back; nothing is allocated or locked there.
  nonisolated(unsafe) private static let saved = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private static let isOn = Atomic(false)

  init?() {
    var mode = termios()
    guard tcgetattr(STDIN_FILENO, &mode) == 0 else { return nil }
    Self.saved.initialize(to: mode)
    Self.isOn.store(true, ordering: .sequentiallyConsistent)
    var ending = sigset_t()
    sigemptyset(&ending)
    for number in [SIGTERM, SIGHUP] {
      // Whoever started the program may have blocked them.
      sigaddset(&ending, number)
      signal(number) { number in
        if KeyMode.isOn.load(ordering: .sequentiallyConsistent) { tcsetattr(STDIN_FILENO, TCSANOW, KeyMode.saved) }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &ending, nil)
    mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    mode.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR)
    withUnsafeMutableBytes(of: &mode.c_cc) {
      $0[Int(VMIN)] = 1
      $0[Int(VTIME)] = 0
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
  }

  func restore() {
    tcsetattr(STDIN_FILENO, TCSADRAIN, Self.saved)
    Self.isOn.store(false, ordering: .sequentiallyConsistent)
  }
}

/// Control-C while the program is at work on something that can be given up.
public enum Interruption {
  private static let asked = Atomic(false)

  /// Whether it was asked for since the last look.
  public static var wasAsked: Bool { asked.exchange(false, ordering: .sequentiallyConsistent) }

  /// Does something that Control-C gives up instead of ending the program.
  public static func heeded<Value>(_ body: () throws -> Value) rethrows -> Value {
    _ = wasAsked
    signal(SIGINT) { _ in Interruption.asked.store(true, ordering: .sequentiallyConsistent) }
    defer { signal(SIGINT, SIG_DFL) }
    return try body()
  }
}
