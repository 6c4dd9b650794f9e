import Foundation

/// A piece of feedback of any kind, as a store keeps it.
///
/// In JSON it is the item's own object with one more key, `kind`.
public enum FeedbackItem: Sendable, Equatable, Identifiable {
  /// A demonstration.
  case demonstration(Demonstration)
  /// Which of two is better.
  case comparison(Comparison)
  /// The order of several.
  case ranking(Ranking)
  /// A fault, in words.
  case critique(Critique)
  /// A place on a scale.
  case rating(Rating)

  /// The kinds of feedback.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A demonstration.
    case demonstration
    /// Which of two is better.
    case comparison
    /// The order of several.
    case ranking
    /// A fault, in words.
    case critique
    /// A place on a scale.
    case rating
  }

  /// Which kind it is.
  public var kind: Kind {
    switch self {
    case .demonstration: .demonstration
    case .comparison: .comparison
    case .ranking: .ranking
    case .critique: .critique
    case .rating: .rating
    }
  }

  /// The item's identifier.
  public var id: String {
    switch self {
    case .demonstration(let item): item.id
    case .comparison(let item): item.id
    case .ranking(let item): item.id
    case .critique(let item): item.id
    case .rating(let item): item.id
    }
  }

  /// The prompt that the feedback is about.
  public var prompt: Prompt {
    switch self {
    case .demonstration(let item): item.prompt
    case .comparison(let item): item.prompt
    case .ranking(let item): item.prompt
    case .critique(let item): item.prompt
    case .rating(let item): item.prompt
    }
  }

  /// The labeller, the date and the time taken.
  public var provenance: Provenance {
    switch self {
    case .demonstration(let item): item.provenance
    case .comparison(let item): item.provenance
    case .ranking(let item): item.provenance
    case .critique(let item): item.provenance
    case .rating(let item): item.provenance
    }
  }

  /// The responses that it is about, in the item's own order.
  public var responses: [Response] {
    switch self {
    case .demonstration(let item): [item.completion]
    case .comparison(let item): [item.first, item.second]
    case .ranking(let item): item.responses
    case .critique(let item): [item.response]
    case .rating(let item): [item.response]
    }
  }

  /// The same item under another identifier.
  func identified(as id: String) -> FeedbackItem {
    switch self {
    case .demonstration(var item):
      item.id = id
      return .demonstration(item)
    case .comparison(var item):
      item.id = id
      return .comparison(item)
    case .ranking(var item):
      item.id = id
      return .ranking(item)
    case .critique(var item):
      item.id = id
      return .critique(item)
    case .rating(var item):
      item.id = id
      return .rating(item)
    }
  }
}

extension FeedbackItem: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind
  }

  /// Reads an item of the kind that it names.
  public init(from decoder: any Decoder) throws {
    let kind = try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .kind)
    switch kind {
    case .demonstration: self = .demonstration(try Demonstration(from: decoder))
    case .comparison: self = .comparison(try Comparison(from: decoder))
    case .ranking: self = .ranking(try Ranking(from: decoder))
    case .critique: self = .critique(try Critique(from: decoder))
    case .rating: self = .rating(try Rating(from: decoder))
    }
  }

  /// Writes the item and its kind into one object.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .demonstration(let item): try item.encode(to: encoder)
    case .comparison(let item): try item.encode(to: encoder)
    case .ranking(let item): try item.encode(to: encoder)
    case .critique(let item): try item.encode(to: encoder)
    case .rating(let item): try item.encode(to: encoder)
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
  }
}

/// A fresh identifier that no other item has.
public func newIdentifier() -> String { UUID().uuidString.lowercased() }
