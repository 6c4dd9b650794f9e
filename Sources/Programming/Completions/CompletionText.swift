import Foundation

/// The part of a model's text that is a solution.
public enum CompletionText {
  /// A text up to the first of the stops in it; the whole text where none is.
  public static func cut(_ text: String, at stops: [String]) -> String {
    let ends = stops.compactMap { stop in stop.isEmpty ? nil : text.range(of: stop, options: .literal)?.lowerBound }
    return ends.min().map { String(text[..<$0]) } ?? text
  }

  /// The blocks of code in a chat model's answer, without their fences; a block that isn't closed goes to the end.
  public static func codeBlocks(in answer: String) -> [String] {
    var blocks: [String] = []
    var lines: [Substring] = []
    // The fence that opened the block: its marks, and how far it is indented.
    var fence: (mark: Substring, indentation: Int)?
    for line in answer.split(separator: "\n", omittingEmptySubsequences: false) {
      let indentation = line.prefix { $0 == " " }.count
      let rest = line.dropFirst(indentation)
      if let open = fence {
        if rest.hasPrefix(open.mark), rest.drop(while: { $0 == open.mark.first }).allSatisfy(\.isWhitespace) {
          blocks.append(lines.joined(separator: "\n") + "\n")
          (lines, fence) = ([], nil)
        } else {
          lines.append(line.dropFirst(min(open.indentation, line.prefix { $0 == " " }.count)))
        }
      } else if let mark = ["```", "~~~"].first(where: { rest.hasPrefix($0) }), let sign = mark.first {
        let marks = rest.prefix { $0 == sign }
        // Behind the marks stands a language and nothing that closes them again.
        if !rest.dropFirst(marks.count).contains("`") { fence = (marks, indentation) }
      }
    }
    if fence != nil, !lines.isEmpty { blocks.append(lines.joined(separator: "\n")) }
    return blocks
  }

  /// A chat model's answer as a completion of a task's prompt: the last block of code that defines the function, else the first
  /// block, else the answer as it stands.
  ///
  /// A block that defines the function again follows the prompt as it is: Python takes the later definition. One that doesn't is
  /// the function's body, cut at the stops.
  public static func completion(of task: CodeTask, answer: String) -> String {
    let blocks = codeBlocks(in: answer)
    func defines(_ text: String) -> Bool {
      !task.entryPoint.isEmpty && text.contains("def \(task.entryPoint)")
        || task.entryPoint.isEmpty && text.contains("def ")
    }
    if task.shape == .mbpp { return blocks.last(where: defines) ?? blocks.first ?? answer }
    if let whole = blocks.last(where: defines) ?? (blocks.isEmpty && defines(answer) ? answer : nil) {
      return "\n\(whole)"
    }
    let body = blocks.first ?? answer
    // A body that came without its indentation.
    let isFlat = body.first.map { !$0.isWhitespace } ?? false
    let lines =
      isFlat
      ? body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n") : body
    return cut(lines, at: task.stops)
  }
}
