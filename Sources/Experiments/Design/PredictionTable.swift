import Documents
import Foundation

/// The models' predictions of a specification, as numbers side by side: what makes a million experiments bearable.
struct PredictionTable: Sendable {
  /// The kind of responses.
  enum Kind: Sendable {
    /// The number of successes of so many trials, with the logarithms of the binomial coefficients.
    case binomial(trials: Int, logCoefficients: [Double])
    /// One of these names.
    case categorical([String])
  }

  let kind: Kind
  let modelCount: Int
  /// Binomial: the probability of success by experiment and model.
  private var probabilities: [Double] = []
  /// Binomial: exp(−KL) by experiment and pair of models, where they are kept.
  private var affinities: [Double] = []
  /// Categorical: where an experiment's rows begin.
  private var starts: [Int] = [0]
  /// Categorical: the response of each row, and the row: its probability in each model.
  private var rowResponses: [Int] = []
  private var rows: [Double] = []

  /// The most trials that are followed.
  static let mostTrials = 10_000

  init(
    _ responses: StructuredFields, models: [StructuredFields], experiments: [String: Int]
  ) throws(DataError) {
    try responses.allowOnly("kind", "trials")
    modelCount = models.count
    if try responses.word("kind", of: ["binomial", "categorical"]) == "binomial" {
      let trials = try responses.integer("trials", in: 1...Self.mostTrials)
      kind = .binomial(trials: trials, logCoefficients: Self.logCoefficients(trials))
      probabilities = [Double](repeating: .nan, count: experiments.count * models.count)
      for (place, model) in models.enumerated() { try readProbabilities(model, place, experiments) }
    } else {
      guard responses["trials"] == nil else {
        throw responses.error(at: "trials", "belongs to the kind \"binomial\", and this is \"categorical\"")
      }
      var names: [String: Int] = [:]
      var tables = [[(response: Int, model: Int, probability: Double)]](repeating: [], count: experiments.count)
      for (place, model) in models.enumerated() { try Self.readTables(model, place, experiments, &names, &tables) }
      kind = .categorical(names.sorted { $0.value < $1.value }.map(\.key))
      for table in tables { append(table) }
    }
  }

  /// The logarithms of the binomial coefficients, from one to the next, with what each sum rounds away carried on.
  private static func logCoefficients(_ trials: Int) -> [Double] {
    var result = [0.0]
    var carried = 0.0
    for k in 1...trials {
      let term = log(Double(trials - k + 1) / Double(k)) + carried
      let next = result[k - 1] + term
      carried = term - (next - result[k - 1])
      result.append(next)
    }
    return result
  }

  /// A model's predictions with the place of each experiment; each experiment must be there, once.
  private static func predictions(
    _ model: StructuredFields, _ experiments: [String: Int]
  ) throws(DataError) -> [(fields: StructuredFields, name: String, value: JSONValue, place: Int)] {
    let fields = try model.fields("predictions")
    var result: [(fields: StructuredFields, name: String, value: JSONValue, place: Int)] = []
    var seen = [Bool](repeating: false, count: experiments.count)
    for (name, value) in fields.members.members {
      // Predictions of what isn't asked for are no fault: a list of experiments may be cut short.
      guard let place = experiments[name] else { continue }
      guard !seen[place] else { throw fields.error(at: name, "stands there twice") }
      seen[place] = true
      result.append((fields, name, value, place))
    }
    if let missing = seen.firstIndex(of: false), let name = experiments.first(where: { $0.value == missing })?.key {
      throw model.error(at: "predictions", "has no prediction for the experiment \"\(name)\"")
    }
    return result
  }

  private mutating func readProbabilities(
    _ model: StructuredFields, _ index: Int, _ experiments: [String: Int]
  ) throws(DataError) {
    for (fields, name, value, place) in try Self.predictions(model, experiments) {
      guard let p = value.double, (0...1).contains(p) else {
        throw fields.error(at: name, "must be a probability from 0 to 1, not \(StructuredFields.shown(value))")
      }
      probabilities[place * modelCount + index] = p
    }
  }

  private static func readTables(
    _ model: StructuredFields, _ index: Int, _ experiments: [String: Int], _ names: inout [String: Int],
    _ tables: inout [[(response: Int, model: Int, probability: Double)]]
  ) throws(DataError) {
    for (fields, name, value, place) in try predictions(model, experiments) {
      guard let table = value.object, !table.members.isEmpty else {
        throw fields.error(
          at: name, "must be a mapping of responses to probabilities, not \(StructuredFields.shown(value))")
      }
      let inner = try StructuredFields(value, at: fields.steps + [.key(name)], in: fields.file)
      var total = 0.0
      for (response, value) in table.members {
        guard let p = value.double, (0...1).contains(p) else {
          throw inner.error(at: response, "must be a probability from 0 to 1, not \(StructuredFields.shown(value))")
        }
        total += p
      }
      guard abs(total - 1) < 1e-6 else {
        throw fields.error(at: name, "must have probabilities that sum to 1, not \(total)")
      }
      for (response, value) in table.members {
        let number = names[response] ?? names.count
        names[response] = number
        if tables[place].contains(where: { $0.response == number && $0.model == index }) {
          throw inner.error(at: response, "stands there twice")
        }
        tables[place].append((number, index, (value.double ?? 0) / total))
      }
    }
  }

  private mutating func append(_ table: [(response: Int, model: Int, probability: Double)]) {
    let first = rowResponses.count
    for (response, model, probability) in table {
      var row = rowResponses[first...].firstIndex(of: response)
      if row == nil {
        row = rowResponses.count
        rowResponses.append(response)
        rows.append(contentsOf: repeatElement(0, count: modelCount))
      }
      rows[(row ?? 0) * modelCount + model] = probability
    }
    starts.append(rowResponses.count)
  }

  // MARK: Responses

  /// The probability of success, where responses are binomial.
  func probability(of experiment: Int, _ model: Int) -> Double? {
    if case .binomial = kind { return probabilities[experiment * modelCount + model] }
    return nil
  }

  /// A response by its text.
  func response(_ text: String) -> Int? {
    switch kind {
    case .binomial(let trials, _): Int(text).flatMap { (0...trials).contains($0) ? $0 : nil }
    case .categorical(let names): names.firstIndex(of: text)
    }
  }

  /// A response's text.
  func text(of response: Int) -> String {
    switch kind {
    case .binomial: "\(response)"
    case .categorical(let names): names[response]
    }
  }

  /// What responses may be.
  var responseHint: String {
    switch kind {
    case .binomial(let trials, _): "a response is a whole number from 0 to \(trials)"
    case .categorical(let names):
      "a response is one of " + names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    }
  }

  /// The responses that some model allows.
  func responses(to experiment: Int) -> [Int] {
    switch kind {
    case .binomial(let trials, _): Array(0...trials)
    case .categorical: Array(rowResponses[starts[experiment]..<starts[experiment + 1]])
    }
  }

  /// The logarithm of a response's probability in each model.
  func logLikelihoods(of response: Int, to experiment: Int) -> [Double] {
    switch kind {
    case .binomial(let trials, let logCoefficients):
      return (0..<modelCount).map { model in
        let p = probabilities[experiment * modelCount + model]
        return logCoefficients[response] + Self.product(Double(response), log(p))
          + Self.product(Double(trials - response), log1p(-p))
      }
    case .categorical:
      let range = starts[experiment]..<starts[experiment + 1]
      guard let row = rowResponses[range].firstIndex(of: response) else {
        return [Double](repeating: -.infinity, count: modelCount)
      }
      return (0..<modelCount).map { log(rows[row * modelCount + $0]) }
    }
  }

  /// A count times a logarithm: no trials of an impossible kind are no obstacle.
  private static func product(_ count: Double, _ logarithm: Double) -> Double { count == 0 ? 0 : count * logarithm }

  // MARK: Gains

  /// Room for the work on one experiment.
  struct Scratch {
    var likelihoods: [Double]
    var heads: [Double]
    var tails: [Double]
    var pairs: [Double]

    init(models: Int) {
      likelihoods = [Double](repeating: 0, count: models)
      heads = likelihoods
      tails = likelihoods
      pairs = [Double](repeating: 0, count: models * models)
    }
  }

  /// The expected information gain of an experiment in nats, exactly.
  func gain(
    of experiment: Int, prior: [Double], weighting: ResponseWeighting, scratch: inout Scratch
  ) -> Double {
    let gain =
      switch kind {
      case .binomial(let trials, let logCoefficients):
        binomialGain(experiment, trials, logCoefficients, prior, weighting, &scratch)
      case .categorical: categoricalGain(experiment, prior, weighting)
      }
    // On average nothing tells more than all there is to learn, but for rounding.
    return weighting == .predictive ? min(gain, InformationGain.entropy(prior)) : gain
  }

  private func categoricalGain(_ experiment: Int, _ prior: [Double], _ weighting: ResponseWeighting) -> Double {
    var expected = 0.0
    var count = 0.0
    rows.withUnsafeBufferPointer { rows in
      prior.withUnsafeBufferPointer { prior in
        for row in starts[experiment]..<starts[experiment + 1] {
          let likelihoods = UnsafeBufferPointer(rebasing: rows[row * modelCount..<(row + 1) * modelCount])
          let (information, evidence) = InformationGain.of(likelihoods, prior: prior)
          guard evidence > 0 else { continue }
          count += 1
          expected += weighting == .predictive ? evidence * information : information
        }
      }
    }
    return weighting == .predictive ? expected : expected / max(count, 1)
  }

  /// A sum over the numbers of successes; by the predictive, over those that some model with a prior deems possible at
  /// all: what is left out has a probability below e⁻⁴⁶ of the likeliest's.
  private func binomialGain(
    _ experiment: Int, _ trials: Int, _ logCoefficients: [Double], _ prior: [Double], _ weighting: ResponseWeighting,
    _ scratch: inout Scratch
  ) -> Double {
    var ranges: [Range<Int>] = []
    for model in 0..<modelCount {
      let p = probabilities[experiment * modelCount + model]
      scratch.heads[model] = log(p)
      scratch.tails[model] = log1p(-p)
      guard prior[model] > 0 else { continue }
      if weighting == .predictive, trials > 64 {
        ranges.append(Self.support(p, trials, logCoefficients, scratch.heads[model], scratch.tails[model]))
      }
    }
    if ranges.isEmpty { ranges = [0..<(trials + 1)] }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    var expected = 0.0
    var count = 0.0
    var next = 0
    for range in ranges {
      for response in max(next, range.lowerBound)..<max(next, range.upperBound) {
        var largest = -Double.infinity
        for model in 0..<modelCount {
          let value =
            logCoefficients[response] + Self.product(Double(response), scratch.heads[model])
            + Self.product(Double(trials - response), scratch.tails[model])
          scratch.likelihoods[model] = value
          if prior[model] > 0 { largest = max(largest, value) }
        }
        guard largest > -.infinity else { continue }
        for model in 0..<modelCount { scratch.likelihoods[model] = exp(scratch.likelihoods[model] - largest) }
        let (information, evidence) = scratch.likelihoods.withUnsafeBufferPointer { likelihoods in
          prior.withUnsafeBufferPointer { InformationGain.of(likelihoods, prior: $0) }
        }
        count += 1
        expected += weighting == .predictive ? exp(largest) * evidence * information : information
      }
      next = max(next, range.upperBound)
    }
    return weighting == .predictive ? expected : expected / max(count, 1)
  }

  /// The numbers of successes around the mode that are not all but impossible; their probability has one peak.
  private static func support(
    _ p: Double, _ trials: Int, _ logCoefficients: [Double], _ heads: Double, _ tails: Double
  ) -> Range<Int> {
    func height(_ k: Int) -> Double {
      logCoefficients[k] + product(Double(k), heads) + product(Double(trials - k), tails)
    }
    let mode = min(trials, Int(Double(trials + 1) * p))
    let floor = height(mode) - 46
    var (low, high) = (0, mode)
    while low < high {
      let middle = (low + high) / 2
      if height(middle) >= floor { high = middle } else { low = middle + 1 }
    }
    let first = low
    (low, high) = (mode, trials)
    while low < high {
      let middle = (low + high + 1) / 2
      if height(middle) >= floor { low = middle } else { high = middle - 1 }
    }
    return first..<(low + 1)
  }

  // MARK: Bounds

  /// Whether a bound costs less than the gain.
  var hasCheapBounds: Bool {
    if case .binomial(let trials, _) = kind { return trials > 2 * modelCount }
    return false
  }

  /// The most affinities that are kept: 128 MB.
  private static let mostAffinities = 1 << 24

  /// The models' affinities in each experiment, which questions one after the other ask for again and again.
  mutating func keepAffinities() {
    let size = probabilities.count * modelCount
    guard hasCheapBounds, affinities.isEmpty, size <= Self.mostAffinities else { return }
    var scratch = Scratch(models: modelCount)
    var kept: [Double] = []
    kept.reserveCapacity(size)
    for experiment in 0..<probabilities.count / modelCount {
      computeAffinities(in: experiment, &scratch)
      kept += scratch.pairs
    }
    affinities = kept
  }

  /// exp(−KL(qᵢ ‖ qⱼ)); a binomial's divergence is its number of trials times that of one.
  private func computeAffinities(in experiment: Int, _ scratch: inout Scratch) {
    guard case .binomial(let trials, _) = kind else { return }
    let start = experiment * modelCount
    for model in 0..<modelCount {
      let p = probabilities[start + model]
      scratch.heads[model] = log(p)
      scratch.tails[model] = log1p(-p)
    }
    for i in 0..<modelCount {
      let p = probabilities[start + i]
      for j in 0..<modelCount where i != j {
        let divergence =
          (p > 0 ? p * (scratch.heads[i] - scratch.heads[j]) : 0)
          + (p < 1 ? (1 - p) * (scratch.tails[i] - scratch.tails[j]) : 0)
        scratch.pairs[i * modelCount + j] = exp(-Double(trials) * max(divergence, 0))
      }
      scratch.pairs[i * modelCount + i] = 1
    }
  }

  /// An upper bound of the gain by the predictive that costs a look at each pair of models, not at each response.
  ///
  /// −Σᵢ cᵢ ln Σⱼ cⱼ exp(−KL(qᵢ ‖ qⱼ)) (Kolchinsky and Tracey 2017, Estimating mixture entropy with pairwise distances).
  func upperBound(of experiment: Int, prior: [Double], scratch: inout Scratch) -> Double {
    let size = modelCount * modelCount
    if affinities.isEmpty {
      computeAffinities(in: experiment, &scratch)
      return Self.upperBound(scratch.pairs[...], prior)
    }
    return Self.upperBound(affinities[experiment * size..<(experiment + 1) * size], prior)
  }

  private static func upperBound(_ affinities: ArraySlice<Double>, _ prior: [Double]) -> Double {
    var bound = 0.0
    var row = affinities.startIndex
    for i in prior.indices {
      if prior[i] > 0 {
        var sum = 0.0
        for j in prior.indices { sum += prior[j] * affinities[row + j] }
        bound -= prior[i] * log(sum)
      }
      row += prior.count
    }
    return bound
  }
}
