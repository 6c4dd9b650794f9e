import Foundation

/// A progress bar's figures at one moment, and their wording.
struct ProgressReading: Equatable {
  var title: String
  var step: Int
  var total: Int
  var tokensPerSecond: Double?
  /// A number with its label.
  struct Figure: Equatable {
    var label: String
    var value: Double
  }
  var figures: [Figure] = []
  var shareOfPeak: Double?
  var secondsLeft: Double?

  /// One line without a bar, for logs.
  var line: String {
    ([title, "step \(step)/\(total)"].filter { !$0.isEmpty } + details).joined(separator: "  ")
  }

  /// One line with a bar, no wider than `width` columns.
  func bar(width: Int, colored: Bool) -> String {
    let percent = total > 0 ? min(100, step * 100 / total) : 0
    let padded = String(repeating: " ", count: 3 - min(3, String(percent).count)) + "\(percent)%"
    let head = title.isEmpty ? padded : "\(title) \(padded)"
    var tail = ["\(step)/\(total)"] + details
    // What doesn't fit is dropped from the end, the bar before the numbers.
    while tail.count > 1, head.count + 1 + tail.joined(separator: "  ").count > width {
      tail.removeLast()
    }
    let text = tail.joined(separator: "  ")
    let room = min(30, width - head.count - text.count - 4)
    guard room >= 5 else { return String("\(head) \(text)".prefix(width)) }
    let filled = total > 0 ? min(room, room * step / total) : 0
    let done = String(repeating: "█", count: filled)
    let rest = String(repeating: "░", count: room - filled)
    return "\(head) " + (colored ? "\u{1B}[32m\(done)\u{1B}[90m\(rest)\u{1B}[0m" : done + rest)
      + "  \(text)"
  }

  private var details: [String] {
    var details: [String] = []
    for figure in figures { details.append("\(figure.label) \(Self.fixed(figure.value, digits: 4))") }
    if let tokensPerSecond {
      details.append("\(Self.grouped(Int(tokensPerSecond.rounded()))) tok/s")
    }
    if let secondsLeft { details.append("ETA \(Self.duration(secondsLeft))") }
    if let shareOfPeak { details.append("\(Int((shareOfPeak * 100).rounded()))% of peak") }
    return details
  }

  static func fixed(_ value: Double, digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "\(value)"
  }

  /// `1234567` as `1,234,567`.
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
      String(digits.prefix(end).suffix(min(3, end)))
    }
    return (number < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// `3725` as `1:02:05`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e8 else { return "?" }
    let whole = Int(max(0, seconds).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest)
      : String(format: "%d:%02d", minutes, rest)
  }
}
