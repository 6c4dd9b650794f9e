public import Documents
import Foundation

/// The runs of a sweep, as a YAML or JSON file names them.
///
/// ```yaml
/// data: [corpus/]            # as of 'apprentice train pretrain'
/// tokenizer: tokenizer
/// context: 128               # tokens a row
/// batch: 16                  # rows a step
/// parameters: [25000, 100000, 400000]   # shapes by rule, or  shapes: [{layers: 2, width: 32, heads: 1}]
/// aspect: 100                # width over depth, for shapes by rule
/// tokens: [200000, 800000]   # each size with each; or  flops: [1e11, 1e12]  for equal compute
/// learning_rate: 0.002       # of all; left out, by Kaplan's rule; or  {base: 0.004, width: 32}  for 1/width
/// evaluations: 10            # points on each learning curve
/// seed: 1
/// ```
public struct SweepSpecification: Sendable {
  /// How the peak learning rate follows from a shape.
  public enum LearningRate: Sendable, Equatable {
    /// The same for all.
    case fixed(Double)
    /// 0.003239 − 0.0001395·log N (Kaplan et al., 2020, appendix D.6).
    case kaplan
    /// base·(its width/width): what was found at one width carried to others, as µP does for hidden matrices under Adam.
    case transferred(base: Double, width: Int)

    /// The rate of a shape.
    public func rate(of shape: ModelShape) -> Double {
      switch self {
      case .fixed(let rate): rate
      case .kaplan: 0.003239 - 0.0001395 * log(shape.parameters)
      case .transferred(let base, let width): base * Double(width) / Double(shape.width)
      }
    }
  }

  /// One run.
  public struct Run: Sendable, Equatable {
    /// Its name, also of its folder.
    public var name: String
    /// Its shape.
    public var shape: ModelShape
    /// The steps that it is trained for.
    public var steps: Int
    /// The tokens of a step.
    public var tokensPerStep: Int
    /// The peak learning rate.
    public var learningRate: Double

    /// The tokens that it reads.
    public var tokens: Double { Double(steps) * Double(tokensPerStep) }
    /// The compute that it takes.
    public var flops: Double { TrainingPoint.flopsPerParameterAndToken * shape.parameters * tokens }
  }

  /// Files and folders of text.
  public let data: [String]
  /// The tokenizer of all models.
  public let tokenizer: String
  /// Tokens a row.
  public let context: Int
  /// Rows a step.
  public let batch: Int
  /// Points on each learning curve.
  public let evaluations: Int
  /// The seed of every run.
  public let seed: Int
  /// The runs, the cheapest first.
  public let runs: [Run]

  /// The largest model that a sweep may have.
  private static let mostParameters = 1e12

  /// Reads a file.
  ///
  /// - Throws: ``DataError`` with line and field where a value can't be.
  public init(path: String) throws(DataError) {
    let file = try StructuredFile(path: path)
    let fields = try file.fields()
    try fields.allowOnly(
      "data", "tokenizer", "context", "batch", "parameters", "shapes", "aspect", "tokens", "flops", "learning_rate",
      "evaluations", "seed")
    data = try Self.words(fields, "data")
    tokenizer = try fields.string("tokenizer")
    context = try fields.integer("context", in: 2...1_000_000)
    batch = try fields.integer("batch", in: 1...1_000_000)
    evaluations = fields["evaluations"] == nil ? 10 : try fields.integer("evaluations", in: 1...100_000)
    seed = fields["seed"] == nil ? 1 : try fields.integer("seed", in: 0...Int.max)
    let shapes = try Self.shapes(fields)
    let rate = try Self.learningRate(fields)
    guard (fields["tokens"] == nil) != (fields["flops"] == nil) else {
      throw file.error(at: [], "the sweep needs either \"tokens\" or \"flops\"")
    }
    let isCompute = fields["flops"] != nil
    let budgets = try Self.numbers(fields, isCompute ? "flops" : "tokens", in: 1...1e30)
    var runs: [Run] = []
    for shape in shapes {
      for budget in budgets {
        let tokens = isCompute ? budget / (TrainingPoint.flopsPerParameterAndToken * shape.parameters) : budget
        let steps = (tokens / Double(context * batch)).rounded()
        guard steps >= 1, steps < 1e9 else {
          let name = isCompute ? "flops" : "tokens"
          throw fields.error(
            at: name,
            "gives the shape of \(short(shape.parameters)) parameters \(short(tokens)) tokens, which is \(short(steps)) steps of "
              + "\(context * batch): it must be from 1 to 1e9")
        }
        let learningRate = rate.rate(of: shape)
        guard learningRate > 0 else {
          throw fields.error(at: "learning_rate", "is \(short(learningRate)) for \(short(shape.parameters)) parameters")
        }
        let run = Run(
          name: "l\(shape.layers)-d\(shape.width)-s\(Int(steps))", shape: shape, steps: Int(steps),
          tokensPerStep: context * batch, learningRate: learningRate)
        if !runs.contains(where: { $0.name == run.name }) { runs.append(run) }
      }
    }
    self.runs = runs.sorted { ($0.flops, $0.name) < ($1.flops, $1.name) }
  }

  private static func words(_ fields: StructuredFields, _ name: String) throws(DataError) -> [String] {
    let value = try fields.value(name)
    if let word = value.string { return [word] }
    let words = try fields.list(name).compactMap(\.string)
    guard !words.isEmpty, words.count == value.array?.count else {
      throw fields.error(at: name, "must be a path or a list of paths")
    }
    return words
  }

  private static func numbers(
    _ fields: StructuredFields, _ name: String, in range: ClosedRange<Double>
  ) throws(DataError) -> [Double] {
    let values = try fields.list(name)
    let numbers = values.compactMap(\.double).filter { range.contains($0) }
    guard !numbers.isEmpty, numbers.count == values.count else {
      throw fields.error(
        at: name, "must be a list of numbers from \(short(range.lowerBound)) to \(short(range.upperBound))")
    }
    return numbers
  }

  private static func shapes(_ fields: StructuredFields) throws(DataError) -> [ModelShape] {
    guard (fields["parameters"] == nil) != (fields["shapes"] == nil) else {
      throw fields.file.error(at: [], "the sweep needs either \"parameters\" or \"shapes\"")
    }
    if fields["parameters"] != nil {
      let aspect = fields["aspect"] == nil ? 100 : try fields.number("aspect", in: 0.1...10_000)
      return try numbers(fields, "parameters", in: 1_000...mostParameters).map {
        ModelShape(parameters: $0, aspect: aspect)
      }
    }
    var shapes: [ModelShape] = []
    for item in try fields.listOfFields("shapes") {
      try item.allowOnly("layers", "width", "heads")
      let shape = ModelShape(
        layers: try item.integer("layers", in: 1...10_000), width: try item.integer("width", in: 2...1_000_000),
        heads: try item.integer("heads", in: 1...10_000))
      guard shape.width.isMultiple(of: 2 * shape.heads) else {
        throw item.error(at: "width", "is \(shape.width), which \(shape.heads) heads of an even size can't divide")
      }
      guard shape.parameters <= mostParameters else {
        throw item.error(at: "width", "makes a model of \(short(shape.parameters)) parameters: 1e12 is the most")
      }
      shapes.append(shape)
    }
    return shapes
  }

  private static func learningRate(_ fields: StructuredFields) throws(DataError) -> LearningRate {
    guard let value = fields["learning_rate"] else { return .kaplan }
    if value.object == nil { return .fixed(try fields.number("learning_rate", in: 1e-9...10)) }
    let rule = try fields.fields("learning_rate")
    try rule.allowOnly("base", "width")
    return .transferred(
      base: try rule.number("base", in: 1e-9...10), width: try rule.integer("width", in: 1...1_000_000))
  }
}

extension SweepSpecification {
  /// The words of `apprentice` that train a run into a folder.
  public func pretraining(_ run: Run, into folder: String) -> [String] {
    ["train", "pretrain", "--data"] + data
      + [
        "--tokenizer", tokenizer, "--layers", "\(run.shape.layers)", "--hidden-size", "\(run.shape.width)", "--heads",
        "\(run.shape.heads)", "--context", "\(context)", "--batch-size", "\(batch)", "--max-steps", "\(run.steps)",
        "--learning-rate", "\(run.learningRate)", "--lr-scheduler-type", "cosine", "--warmup-steps",
        "\(min(run.steps / 10, 3_000))", "--min-lr-ratio", "0.1", "--eval-steps",
        "\(max(1, run.steps / evaluations))", "--seed", "\(seed)", "--run", folder,
      ]
  }
}
