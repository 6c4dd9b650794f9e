public import Foundation

/// The origin of a piece of feedback: who gave it, when, and how long it took.
public struct Provenance: Sendable, Codable, Equatable {
  /// The labeller's stable name or number; simulated ones begin with `simulated:`.
  public var labeller: String
  /// The date, to the millisecond; nil where a data set does not say.
  public let date: Date?
  /// The time taken, in seconds.
  public var seconds: Double?
  /// The batch or campaign that it belongs to.
  public var batch: String?
  /// The part of a data set that it belongs to, such as `train` or `valid1`.
  public var split: String?
  /// The version of the project's guidelines that the labeller was shown.
  public var guidelines: Int?

  /// Describes where feedback comes from.
  public init(
    labeller: String, date: Date? = nil, seconds: Double? = nil, batch: String? = nil,
    split: String? = nil, guidelines: Int? = nil
  ) {
    self.labeller = labeller
    // Whole milliseconds survive text exactly, so that a stored item equals the one given.
    self.date = date.map(Self.rounded)
    self.seconds = seconds
    self.batch = batch
    self.split = split
    self.guidelines = guidelines
  }

  private enum CodingKeys: String, CodingKey {
    case labeller, date, seconds, batch, split, guidelines
  }

  /// Reads what ``encode(to:)`` wrote; dates are ISO 8601 in UTC, with or without milliseconds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decodeIfPresent(String.self, forKey: .date)
    let date = try text.map { text in
      guard let date = Self.date(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .date, in: container,
          debugDescription: "'\(text)' is not a date such as 2026-11-21T12:00:00.000Z")
      }
      return date
    }
    self.init(
      labeller: try container.decode(String.self, forKey: .labeller), date: date,
      seconds: try container.decodeIfPresent(Double.self, forKey: .seconds),
      batch: try container.decodeIfPresent(String.self, forKey: .batch),
      split: try container.decodeIfPresent(String.self, forKey: .split),
      guidelines: try container.decodeIfPresent(Int.self, forKey: .guidelines))
  }

  /// Writes what is known; dates as ISO 8601 in UTC with milliseconds, which sort as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(labeller, forKey: .labeller)
    try container.encodeIfPresent(date.map(Self.text), forKey: .date)
    try container.encodeIfPresent(seconds, forKey: .seconds)
    try container.encodeIfPresent(batch, forKey: .batch)
    try container.encodeIfPresent(split, forKey: .split)
    try container.encodeIfPresent(guidelines, forKey: .guidelines)
  }

  static func text(_ date: Date) -> String {
    // The formatter cuts off what lies below a millisecond: half of one makes that rounding.
    format.format(rounded(date).addingTimeInterval(0.0005))
  }

  /// The date that a text in ISO 8601 says; nil where it says none.
  static func date(_ text: String) -> Date? {
    [format, Date.ISO8601FormatStyle()].lazy.compactMap { try? $0.parse(text) }.first
  }

  private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  private static func rounded(_ date: Date) -> Date {
    Date(
      timeIntervalSinceReferenceDate: (date.timeIntervalSinceReferenceDate * 1000).rounded() / 1000)
  }
}
