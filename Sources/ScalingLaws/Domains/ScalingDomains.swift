import Console
public import Documents

/// The domains that there are.
public enum ScalingDomains {
  /// Their names, in the order of lists.
  public static let names = [
    "grammar", "code", "math", "image-8", "image-16", "video", "text-to-image", "image-to-text",
  ]

  /// The domain of a name.
  ///
  /// - Parameter seed: seeds what of the domain is generated: a grammar, a source of images; not what is drawn from it.
  /// - Throws: ``ScalingError`` for a name that isn't among ``names``, and what its data throws where the machine has none.
  public static func named(_ name: String, seed: UInt64 = 1) throws -> any ScalingDomain {
    switch name {
    case "grammar": return GrammarDomain(seed: seed)
    case "code": return try CodeDomain()
    case "math": return MathematicsDomain()
    case "image-8": return ImageDomain(side: 8, seed: seed)
    case "image-16": return ImageDomain(side: 16, seed: seed)
    case "video": return VideoDomain()
    case "text-to-image": return CaptionedImageDomain(.textToImage)
    case "image-to-text": return CaptionedImageDomain(.imageToText)
    default:
      let near = names.nearest(to: name).map { " Did you mean '\($0)'?" } ?? ""
      throw .unusable("There is no domain '\(name)': there are \(names.joined(separator: ", ")).\(near)")
        as ScalingError
    }
  }
}

extension ScalingDomains {
  /// A domain in lists.
  public struct Summary: Sendable {
    /// The domain; nil where this machine hasn't what it is made of.
    public var domain: (any ScalingDomain)?
    /// Its name.
    public var name: String
    /// The reason why it can't be had.
    public var problem: String?

    /// The least loss that a model can have on the held-out sequences, where it is known.
    var entropy: Double? { domain?.sourceLoss() }

    /// The summary as JSON.
    public var document: JSONValue {
      [
        "name": .string(name), "title": .string(domain?.title ?? problem ?? ""),
        "vocabulary": domain.map { .int($0.vocabularySize) } ?? .null,
        "context": domain.map { .int($0.context) } ?? .null, "entropy": entropy.map { .double($0) } ?? .null,
        "published": domain?.published.map { .string($0) } ?? .null,
      ]
    }
  }

  /// All domains.
  public static var summaries: [Summary] {
    names.map { name in
      do { return Summary(domain: try named(name), name: name) } catch {
        return Summary(domain: nil, name: name, problem: "\(error)")
      }
    }
  }

  /// The domains as a table.
  public static func text(_ summaries: [Summary]) -> String {
    var table = Table([
      ("domain", .left), ("tokens", .right), ("context", .right), ("nats a token", .right), ("", .left),
    ])
    for summary in summaries {
      table.add([
        summary.name, summary.domain.map { "\($0.vocabularySize)" } ?? "–",
        summary.domain.map { "\($0.context)" } ?? "–", summary.entropy.map { short($0) } ?? "unknown",
        summary.domain?.title ?? summary.problem ?? "",
      ])
    }
    return table.text
  }
}
