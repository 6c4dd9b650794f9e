import Foundation

/// A conversation on standard input: a question, an answer, what follows from it.
///
/// Every one understands `?`, `undo` and `q`, whatever else it takes.
public protocol Conversation {
  /// The answers and words that are understood, in a sentence or two.
  var help: String { get }
  /// The next question, with the answers that it takes; nil where there is nothing left to ask.
  mutating func question() -> String?
  /// The sentence to say where there is nothing left to ask.
  var ending: String { get }
  /// Whether a line is an answer, also where it is a word that conversations share.
  func isAnswer(_ line: String) -> Bool
  /// Takes a line that is no shared word.
  ///
  /// - Returns: why it is not understood, or nil.
  mutating func take(_ line: String) -> String?
  /// Takes the last answer back; false where there is none.
  mutating func undo() -> Bool
  /// What there is to say after each change.
  var remarks: [String] { get }
  /// The result, said at the end.
  var farewell: String { get }
}

extension Conversation {
  /// No line, unless the conversation says otherwise.
  public func isAnswer(_ line: String) -> Bool { false }

  /// Talks until the person quits, the input ends or there is nothing left to ask.
  public mutating func converse() {
    print("\n" + help)
    while true {
      guard let question = question() else {
        print(ending)
        break
      }
      print(question, terminator: " ")
      // What waits in the buffer is otherwise seen only after the answer where output is no terminal.
      fflush(nil)
      guard let line = readLine() else {
        print("")
        break
      }
      let word = line.trimmingCharacters(in: .whitespaces).lowercased()
      switch isAnswer(line) ? "" : word {
      case "q", "quit", "exit":
        print(farewell)
        return
      case "?", "h", "help":
        print(help)
        continue
      case "u", "undo":
        guard undo() else {
          print("There is nothing to take back.")
          continue
        }
      default:
        if let problem = take(line) {
          print(problem)
          continue
        }
      }
      for remark in remarks { print("  " + remark) }
    }
    print(farewell)
  }
}
