import Documents
import Foundation
import Pages

/// Puts a node's request into words.
struct SummaryPrompt {
  var book: Book
  var settings: SummarySettings
  var instructions: String?

  /// The words that a summary of a height may have: fewer than its cap holds, so that it comes to its end.
  func words(height: Int, isRoot: Bool) -> Int {
    if isRoot, let length = settings.length { return length }
    return max(12, settings.cap(height: height) * 3 / 5 / 5 * 5)
  }

  /// The most tokens of a summary.
  func cap(height: Int, isRoot: Bool) -> Int {
    if isRoot, let length = settings.length { return max(32, length * 9 / 5 + 24) }
    return settings.cap(height: height)
  }

  /// The request for a node.
  ///
  /// - Parameters:
  ///   - chapter: the heading of the chapter in which the text begins.
  ///   - previous: what happened before, as far as it was summarised at this height.
  func text(height: Int, isRoot: Bool, chapter: String?, previous: String, source: String) -> String {
    var parts: [String] = []
    let name =
      book.title.map { "'\(Self.plain($0))'\(book.author.map { " by \(Self.plain($0))" } ?? "")" } ?? "a longer text"
    if height == 0 {
      parts.append("Here is a passage of \(name)\(chapter.map { ", from '\(Self.plain($0))'" } ?? "").")
    } else {
      parts.append("Here are summaries of consecutive parts of \(name), in their order.")
    }
    if !previous.isEmpty {
      parts.append("What came before it, in short, is only for your orientation:\n\(Self.plain(previous))")
    }
    parts.append("\(height == 0 ? "Passage" : "Summaries"):\n\"\"\"\n\(Self.plain(source))\n\"\"\"")
    parts.append(task(height: height, isRoot: isRoot))
    return parts.joined(separator: "\n\n")
  }

  private func task(height: Int, isRoot: Bool) -> String {
    let words = words(height: height, isRoot: isRoot)
    let what =
      height == 0
      ? "Summarize this passage" : isRoot ? "Write a summary of the whole from them" : "Summarize these parts together"
    var text = "\(what) in at most \(words) words. "
    text +=
      instructions.map { Self.plain($0).trimmingWhitespace + " " }
      ?? "Say who does what and what comes of it, in plain sentences, with names. Keep to what the text says. "
    if let focus = settings.focus { text += "Pay attention to this above all: \(Self.plain(focus)). " }
    if let language = settings.language { text += "Write in this language: \(Self.plain(language)). " }
    return text + "Write nothing but the summary."
  }

  /// A text that no chat template takes for its own marks.
  static func plain(_ text: String) -> String {
    var text = text
    for (mark, other) in [
      ("<|", "< |"), ("|>", "| >"), ("<start_of_turn>", "(start_of_turn)"), ("<end_of_turn>", "(end_of_turn)"),
      ("[INST]", "(INST)"), ("[/INST]", "(/INST)"),
    ]
    where text.contains(mark) { text = text.replacing(mark, with: other) }
    return text
  }

  /// A passage as a model reads it: its lines joined, so that a file's line width is no matter.
  static func flowing(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(\.trimmingWhitespace)
      .split(whereSeparator: \.isEmpty).map { $0.joined(separator: " ") }.joined(separator: "\n\n")
  }

  /// What a model wrote, without what isn't the summary: thoughts, fences, "Summary:".
  static func cleaned(_ answer: String, wasCut: Bool) -> String {
    var text = answer
    if let end = text.range(of: "</think>", options: .backwards) { text = String(text[end.upperBound...]) }
    text = text.trimmingWhitespace
    while let fence = ["\"\"\"", "```"].first(where: { text.hasPrefix($0) || text.hasSuffix($0) }) {
      if text.hasPrefix(fence) { text = String(text.dropFirst(fence.count)) }
      if text.hasSuffix(fence) { text = String(text.dropLast(fence.count)) }
      text = text.trimmingWhitespace
    }
    if let colon = text.firstIndex(of: ":"), text.distance(from: text.startIndex, to: colon) < 40 {
      let head = text[..<colon].lowercased()
      if head.contains("summary") || head.contains("zusammenfassung") || head.contains("résumé") {
        text = String(text[text.index(after: colon)...]).trimmingWhitespace
      }
    }
    return wasCut ? Sentences.whole(text).trimmingWhitespace : text
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  var trimmingWhitespace: String {
    var view = self[...]
    while let last = view.last, last.isWhitespace { view.removeLast() }
    while let first = view.first, first.isWhitespace { view.removeFirst() }
    return String(view)
  }
}
