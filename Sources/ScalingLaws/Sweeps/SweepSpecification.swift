import Documents
import Foundation
public import Training

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
///
/// With `domain: image-8` in the place of `data`, `tokenizer` and `context` the runs learn a ``ScalingDomain``: `aspect` is the domain's
/// unless given, `batch` and `learning_rate` follow a rule, and `optimizer`, `source_seed` and `unique_tokens` (so many different ones
/// are read over and over) may be given.
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
    /// How many different tokens there are to learn from; nil where there are always more.
    public var uniqueTokens: Double?

    /// A run on a domain, its name made of its sizes.
    ///
    /// - Parameter rows: sequences a step; by ``SweepSpecification/rows(tokens:context:)`` unless given.
    public init(
      _ shape: ModelShape, on domain: any ScalingDomain, tokens: Double, rows: Int? = nil, learningRate: Double? = nil,
      uniqueTokens: Double? = nil
    ) {
      let rows = rows ?? SweepSpecification.rows(tokens: tokens, context: domain.context)
      // Down, so that no run spends more than its budget.
      let steps = max(1, Int(tokens / Double(rows * domain.context)))
      self.init(
        name: "l\(shape.layers)-d\(shape.width)-s\(steps)" + (uniqueTokens.map { "-u\(Int($0))" } ?? ""), shape: shape,
        steps: steps, tokensPerStep: rows * domain.context, learningRate: learningRate ?? DomainRun.muonRate,
        uniqueTokens: uniqueTokens)
    }

    init(
      name: String, shape: ModelShape, steps: Int, tokensPerStep: Int, learningRate: Double, uniqueTokens: Double? = nil
    ) {
      (self.name, self.shape, self.steps, self.tokensPerStep) = (name, shape, steps, tokensPerStep)
      (self.learningRate, self.uniqueTokens) = (learningRate, uniqueTokens)
    }

    /// The tokens that it reads.
    public var tokens: Double { Double(steps) * Double(tokensPerStep) }
    /// The compute that it takes.
    public var flops: Double { TrainingPoint.flopsPerParameterAndToken * shape.parameters * tokens }
  }

  /// The data of all runs.
  public enum Content: Sendable, Equatable {
    /// Files and folders of text, and the tokenizer of all models.
    case text(data: [String], tokenizer: String)
    /// A ``ScalingDomain`` by name, the seed of what of it is generated, and the optimizer.
    case domain(String, sourceSeed: UInt64, optimizer: TrainingSettings.OptimizerKind)
  }

  /// The data of all runs.
  public let content: Content
  /// Tokens a row.
  public let context: Int
  /// Points on each learning curve.
  public let evaluations: Int
  /// The seed of every run.
  public let seed: Int
  /// The runs, the cheapest first.
  public let runs: [Run]

  /// The sequences of a step for a run over so many tokens: 512 tokens at 100,000, growing with their 0.4th power.
  ///
  /// A rule of thumb: larger batches leave small runs too few steps, smaller ones make large runs slow.
  public static func rows(tokens: Double, context: Int) -> Int {
    max(1, Int((512 * pow(tokens / 1e5, 0.4) / Double(context)).rounded()))
  }

  /// A sweep over runs on a domain, the cheapest first.
  public init(
    domain: any ScalingDomain, sourceSeed: UInt64, optimizer: TrainingSettings.OptimizerKind = .muon, runs: [Run],
    evaluations: Int = 10, seed: Int
  ) {
    content = .domain(domain.name, sourceSeed: sourceSeed, optimizer: optimizer)
    (context, self.evaluations, self.seed) = (domain.context, evaluations, seed)
    self.runs = runs.sorted { ($0.flops, $0.name) < ($1.flops, $1.name) }
  }

  /// The largest model that a sweep may have.
  private static let mostParameters = 1e12

  /// Reads a file.
  ///
  /// - Throws: ``DataError`` with line and field where a value can't be.
  public init(path: String) throws {
    let file = try StructuredFile(path: path)
    let fields = try file.fields()
    var domain: (any ScalingDomain)?
    if fields["domain"] == nil {
      try fields.allowOnly(
        "data", "tokenizer", "domain", "context", "batch", "parameters", "shapes", "aspect", "tokens", "flops",
        "learning_rate", "evaluations", "seed")
      content = .text(data: try Self.words(fields, "data"), tokenizer: try fields.string("tokenizer"))
      context = try fields.integer("context", in: 2...1_000_000)
    } else {
      try fields.allowOnly(
        "domain", "source_seed", "optimizer", "unique_tokens", "batch", "parameters", "shapes", "aspect", "tokens",
        "flops", "learning_rate", "evaluations", "seed")
      let seed = fields["source_seed"] == nil ? 1 : try fields.integer("source_seed", in: 0...Int.max)
      let word = fields["optimizer"] == nil ? "muon" : try fields.string("optimizer")
      guard let optimizer = TrainingSettings.OptimizerKind(rawValue: word) else {
        let known = TrainingSettings.OptimizerKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw fields.error(at: "optimizer", "is '\(word)', and must be one of \(known)")
      }
      let name = try fields.string("domain")
      guard ScalingDomains.names.contains(name) else {
        throw fields.error(at: "domain", "is '\(name)': there are \(ScalingDomains.names.joined(separator: ", "))")
      }
      let made = try ScalingDomains.named(name, seed: UInt64(seed))
      content = .domain(name, sourceSeed: UInt64(seed), optimizer: optimizer)
      context = made.context
      domain = made
    }
    let batch =
      domain != nil && fields["batch"] == nil ? nil : try fields.integer("batch", in: 1...1_000_000) as Int?
    let unique =
      fields["unique_tokens"] == nil ? nil : try fields.number("unique_tokens", in: Double(context)...1e15) as Double?
    evaluations = fields["evaluations"] == nil ? 10 : try fields.integer("evaluations", in: 1...100_000)
    seed = fields["seed"] == nil ? 1 : try fields.integer("seed", in: 0...Int.max)
    let shapes = try Self.shapes(fields, domain?.proportions)
    let rate = try Self.learningRate(fields, content)
    guard (fields["tokens"] == nil) != (fields["flops"] == nil) else {
      throw file.error(at: [], "the sweep needs either \"tokens\" or \"flops\"")
    }
    let isCompute = fields["flops"] != nil
    let budgets = try Self.numbers(fields, isCompute ? "flops" : "tokens", in: 1...1e30)
    var runs: [Run] = []
    for shape in shapes {
      for budget in budgets {
        let tokens = isCompute ? budget / (TrainingPoint.flopsPerParameterAndToken * shape.parameters) : budget
        let rows = batch ?? Self.rows(tokens: tokens, context: context)
        let steps = (tokens / Double(context * rows)).rounded()
        guard steps >= 1, steps < 1e9 else {
          let name = isCompute ? "flops" : "tokens"
          throw fields.error(
            at: name,
            "gives the shape of \(short(shape.parameters)) parameters \(short(tokens)) tokens, which is \(short(steps)) steps of "
              + "\(context * rows): it must be from 1 to 1e9")
        }
        let learningRate = rate.rate(of: shape)
        guard learningRate > 0 else {
          throw fields.error(at: "learning_rate", "is \(short(learningRate)) for \(short(shape.parameters)) parameters")
        }
        let run = Run(
          name: "l\(shape.layers)-d\(shape.width)-s\(Int(steps))", shape: shape, steps: Int(steps),
          tokensPerStep: context * rows, learningRate: learningRate, uniqueTokens: unique)
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

  private static func shapes(
    _ fields: StructuredFields, _ proportions: ModelProportions?
  ) throws(DataError) -> [ModelShape] {
    guard (fields["parameters"] == nil) != (fields["shapes"] == nil) else {
      throw fields.file.error(at: [], "the sweep needs either \"parameters\" or \"shapes\"")
    }
    if fields["parameters"] != nil {
      let aspect = fields["aspect"] == nil ? nil : try fields.number("aspect", in: 0.1...10_000) as Double?
      return try numbers(fields, "parameters", in: 1_000...mostParameters).map { parameters in
        guard var proportions else { return ModelShape(parameters: parameters, aspect: aspect ?? 100) }
        if let aspect { proportions.aspect = aspect }
        return ModelShape(parameters: parameters, proportions: proportions)
      }
    }
    var shapes: [ModelShape] = []
    for item in try fields.listOfFields("shapes") {
      if proportions == nil {
        try item.allowOnly("layers", "width", "heads")
      } else {
        try item.allowOnly("layers", "width")
      }
      let (layers, width) = (try item.integer("layers", in: 1...10_000), try item.integer("width", in: 2...1_000_000))
      let shape: ModelShape
      if let proportions {
        shape = ModelShape(layers: layers, width: width, proportions: proportions)
      } else {
        shape = ModelShape(layers: layers, width: width, heads: try item.integer("heads", in: 1...10_000))
        guard width.isMultiple(of: 2 * shape.heads) else {
          throw item.error(at: "width", "is \(width), which \(shape.heads) heads of an even size can't divide")
        }
      }
      guard shape.parameters <= mostParameters else {
        throw item.error(at: "width", "makes a model of \(short(shape.parameters)) parameters: 1e12 is the most")
      }
      shapes.append(shape)
    }
    return shapes
  }

  private static func learningRate(
    _ fields: StructuredFields, _ content: Content
  ) throws(DataError) -> LearningRate {
    guard let value = fields["learning_rate"] else {
      if case .domain(_, _, .muon) = content { return .fixed(DomainRun.muonRate) }
      return .kaplan
    }
    if value.object == nil { return .fixed(try fields.number("learning_rate", in: 1e-9...10)) }
    let rule = try fields.fields("learning_rate")
    try rule.allowOnly("base", "width")
    return .transferred(
      base: try rule.number("base", in: 1e-9...10), width: try rule.integer("width", in: 1...1_000_000))
  }
}

extension SweepSpecification {
  /// The words of `apprentice` that train a run into a folder.
  ///
  /// - Parameter prediction: a registered prediction of the run, on a domain.
  public func arguments(of run: Run, into folder: String, prediction: String? = nil) -> [String] {
    switch content {
    case .text(let data, let tokenizer):
      ["train", "pretrain", "--data"] + data
        + [
          "--tokenizer", tokenizer, "--layers", "\(run.shape.layers)", "--hidden-size", "\(run.shape.width)", "--heads",
          "\(run.shape.heads)", "--context", "\(context)", "--batch-size", "\(run.tokensPerStep / context)",
          "--max-steps", "\(run.steps)", "--learning-rate", "\(run.learningRate)", "--lr-scheduler-type", "cosine",
          "--warmup-steps", "\(min(run.steps / 10, 3_000))", "--min-lr-ratio", "0.1", "--eval-steps",
          "\(max(1, run.steps / evaluations))", "--seed", "\(seed)", "--run", folder,
        ]
    case .domain(let name, let sourceSeed, let optimizer):
      ["scaling", "train", "--domain", name, "--source-seed", "\(sourceSeed)", "--optim", optimizer.rawValue]
        + [
          "--layers", "\(run.shape.layers)", "--width", "\(run.shape.width)", "--rows",
          "\(run.tokensPerStep / context)", "--max-steps", "\(run.steps)", "--learning-rate", "\(run.learningRate)",
          "--evaluations", "\(evaluations)", "--seed", "\(seed)", "--run", folder,
        ] + (run.uniqueTokens.map { ["--unique-tokens", "\(Int($0))"] } ?? [])
        + (prediction.map { ["--prediction", $0] } ?? [])
    }
  }
}
