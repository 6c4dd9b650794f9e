public import Documents
import Foundation
import Pages

/// What summarising a book will take, known before the start.
public struct SummaryPlan: Sendable {
  /// The passages.
  public var passages: [Passage]
  /// The tree over them.
  public var shape: TreeShape
  /// The settings in force: those asked for, made smaller where the model's context is.
  public var settings: SummarySettings
  /// What to know about it, as sentences.
  public var remarks: [String]
  /// The number of times the model will be asked, at most.
  public var calls: Int
  /// The tokens it will read, about.
  public var read: Int
  /// The tokens it will write, at most.
  public var written: Int
  /// The most requests that can be under way at once.
  public var width: Int

  /// The plan for people, in a line.
  public var text: String {
    func words(_ count: Int, _ noun: String) -> String { "\(Self.grouped(count)) \(noun)\(count == 1 ? "" : "s")" }
    return "\(words(passages.count, "passage")), \(words(shape.height + 1, "height")), \(words(calls, "call")): "
      + "about \(Self.grouped(read)) tokens to read and up to \(Self.grouped(written)) to write"
  }

  /// The plan for programs.
  public var document: JSONValue {
    [
      "passages": .int(passages.count), "heights": .int(shape.height + 1), "calls": .int(calls),
      "tokens_read": .int(read),
      "tokens_written": .int(written), "remarks": .array(remarks.map { .string($0) }),
    ]
  }

  /// How fast a model reads and writes, measured on the first passage.
  public struct Pace: Sendable {
    /// Seconds for a token that is read.
    public var read: Double
    /// Seconds for a token that is written, one request alone.
    public var write: Double

    /// A pace.
    public init(read: Double, write: Double) { (self.read, self.write) = (read, write) }
  }

  /// About how many minutes it takes at a pace, in words: writing together is faster than alone, by how much depends on the machine.
  ///
  /// - Parameter together: requests that are answered at once, at most.
  public func duration(at pace: Pace, together: Int) -> String {
    // Measured for a 0.5B model on two cores: 16 together write six times as fast as one.
    let gain = pow(Double(max(1, min(width, together, 16))), 0.65)
    let seconds = Double(read) * pace.read + Double(written) * 0.7 * pace.write / gain
    func said(_ seconds: Double) -> String {
      seconds < 90
        ? "\(max(1, Int(seconds.rounded()))) s"
        : seconds < 5400 ? "\(Int((seconds / 60).rounded())) min" : String(format: "%.1f h", seconds / 3600)
    }
    let (low, high) = (said(seconds * 0.7), said(seconds * 1.4))
    return low == high ? low : "\(low) to \(high)"
  }

  private static func grouped(_ number: Int) -> String {
    var digits = Array("\(number)")
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }
}

/// An error of summarising, in words for a person.
public struct SummaryError: UserFacingError {
  /// The problem and the way out.
  public let description: String
  /// The exit status of a command that meets it.
  public let exitStatus: ExitStatus

  /// An error.
  public init(_ description: String, exitStatus: ExitStatus = .badData) {
    (self.description, self.exitStatus) = (description, exitStatus)
  }
}

/// A signal ended the work; what was answered is kept.
public struct SummaryInterrupted: Error {
  /// Answers that are kept.
  public var answered: Int
}
