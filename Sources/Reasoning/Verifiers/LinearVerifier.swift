import Torch

/// A verifier over a frozen model: a linear head on what the model has to say on a solution, by least squares.
///
///     w = argmin Σ_i (w · x_i − y_i)² + λ · |w|²
///
/// with x_i the standardized features of a solution and y_i its label, both less their problem's means: the squared error of a
/// solution-level verifier (Cobbe 2021, section 4.2) whose trunk isn't trained, over differences within a problem, which are what
/// ranking asks for. λ is the one of several that orders the pairs of right and wrong solutions best on problems that were left out,
/// five parts in turn. The minimum is found by conjugate gradients.
///
/// ```swift
/// let verifier = LinearVerifier(features: vectors, labels: labels, groups: groups)
/// let scores = verifier.scores(of: others)
/// ```
public struct LinearVerifier: Sendable, Codable, Equatable {
  /// The features' means.
  public let means: [Float]
  /// One over the features' standard deviations.
  public let scales: [Float]
  /// The head.
  public let weights: [Float]
  /// The mean label.
  public let bias: Float
  /// The penalty that was chosen, for each example.
  public let penalty: Double
  /// The share of pairs of a right and a wrong solution to one problem that left-out parts were ordered rightly; nil without such pairs.
  public let orderedPairs: Double?

  private static let penalties = [1e-3, 1e-2, 1e-1, 1, 10]
  private static let parts = 5

  /// Fits a head.
  ///
  /// - Parameters:
  ///   - features: of each solution, as many each.
  ///   - labels: 1 for right, 0 for wrong.
  ///   - groups: each solution's problem, as a number from 0.
  public init(features: [[Float]], labels: [Double], groups: [Int]) {
    precondition(
      !features.isEmpty && features.count == labels.count && groups.count == labels.count, "no such examples")
    let width = features[0].count
    (means, scales) = Self.moments(features)
    bias = Float(labels.reduce(0, +) / Double(labels.count))
    let x = Self.standardized(features, means, scales)
    let y = Tensor(labels.map(Float.init))
    let part = groups.map { $0 % Self.parts }
    // Sums of squares and products by part: a part is left out by taking its own away.
    let sums = withoutGradients {
      (0..<Self.parts).map { number -> (squares: Tensor, products: Tensor) in
        let own = groups.indices.filter { part[$0] == number }
        let (xs, ys) = Self.centred(x, y, own, groups)
        return (xs.transposed(0, 1).matmul(xs), xs.transposed(0, 1).matmul(ys.reshaped([own.count, 1])))
      }
    }
    let all = Self.total(sums.map(\.squares)), products = Self.total(sums.map(\.products))
    func solved(_ squares: Tensor, _ products: Tensor, _ penalty: Double, _ count: Int) -> Tensor {
      withoutGradients { Self.conjugateGradients(squares, products, penalty * Double(count)) }
    }
    var best = (penalty: Self.penalties[2], pairs: -Double.infinity)
    for penalty in Self.penalties {
      var scores = [Double](repeating: 0, count: labels.count)
      for number in 0..<Self.parts {
        let left = groups.indices.filter { part[$0] == number }
        guard !left.isEmpty, left.count < labels.count else { continue }
        let w = solved(
          all - sums[number].squares, products - sums[number].products, penalty, labels.count - left.count)
        let found = withoutGradients {
          x.indexSelect(Tensor(ids: left)).matmul(w).reshaped([left.count]).array(of: Float.self)
        }
        for (place, score) in zip(left, found) { scores[place] = Double(score) }
      }
      let pairs = Self.orderedPairs(scores, labels, groups)
      if pairs > best.pairs { best = (penalty, pairs) }
    }
    penalty = best.penalty
    orderedPairs = best.pairs.isFinite ? best.pairs : nil
    weights = solved(all, products, best.penalty, labels.count).reshaped([width]).array()
  }

  /// The head's scores: the mean label, and what the features add or take.
  public func scores(of features: [[Float]]) -> [Double] {
    features.map { row in
      var sum = bias
      for i in row.indices { sum += weights[i] * (row[i] - means[i]) * scales[i] }
      return Double(sum)
    }
  }

  // MARK: Arithmetic

  private static func moments(_ features: [[Float]]) -> (means: [Float], scales: [Float]) {
    let count = Double(features.count), width = features[0].count
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in features { for i in 0..<width { sums[i] += Double(row[i]) } }
    let means = sums.map { $0 / count }
    for row in features {
      for i in 0..<width { squares[i] += (Double(row[i]) - means[i]) * (Double(row[i]) - means[i]) }
    }
    // A feature that never changes says nothing.
    return (means.map(Float.init), squares.map { $0 > 1e-12 * count ? Float((count / $0).squareRoot()) : 0 })
  }

  private static func standardized(_ features: [[Float]], _ means: [Float], _ scales: [Float]) -> Tensor {
    Tensor(
      features.flatMap { row in row.indices.map { (row[$0] - means[$0]) * scales[$0] } },
      shape: [features.count, means.count])
  }

  /// The examples at some places, less the means of their groups.
  private static func centred(_ x: Tensor, _ y: Tensor, _ places: [Int], _ groups: [Int]) -> (x: Tensor, y: Tensor) {
    let ids = Tensor(ids: places)
    let (xs, ys) = (x.indexSelect(ids), y.indexSelect(ids))
    let names = Set(places.map { groups[$0] }).sorted()
    guard !places.isEmpty else { return (xs, ys) }
    let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    let own = places.map { numbers[groups[$0]] ?? 0 }
    var counts = [Float](repeating: 0, count: names.count)
    for number in own { counts[number] += 1 }
    let group = Tensor(ids: own)
    let sizes = Tensor(counts)
    let xMeans =
      Tensor.zeros([names.count, x.size(1)]).indexAdd(group, xs) / sizes.reshaped([names.count, 1])
    let yMeans = Tensor.zeros([names.count]).indexAdd(group, ys) / sizes
    return (xs - xMeans.indexSelect(group), ys - yMeans.indexSelect(group))
  }

  private static func total(_ tensors: [Tensor]) -> Tensor { tensors.dropFirst().reduce(tensors[0], +) }

  /// w with (A + λ) · w = b, to a millionth of b's length.
  private static func conjugateGradients(_ a: Tensor, _ b: Tensor, _ penalty: Double) -> Tensor {
    var w = b * 0, rest = b, direction = b
    var length = (rest * rest).sum().item()
    let enough = length * 1e-12
    for _ in 0..<500 where length > enough {
      let image = a.matmul(direction) + direction * penalty
      let step = length / (direction * image).sum().item()
      w = w + direction * step
      rest = rest - image * step
      let next = (rest * rest).sum().item()
      direction = rest + direction * (next / length)
      length = next
    }
    return w
  }

  private static func orderedPairs(_ scores: [Double], _ labels: [Double], _ groups: [Int]) -> Double {
    let byGroup = Dictionary(grouping: scores.indices, by: { groups[$0] }).sorted { $0.key < $1.key }
    let pools = byGroup.compactMap { _, own in
      SolutionPool(
        answers: own.map { _ in nil }, isCorrect: own.map { labels[$0] > 0.5 }, scores: own.map { scores[$0] }
      ).orderedPairs
    }
    return pools.isEmpty ? -.infinity : pools.reduce(0, +) / Double(pools.count)
  }
}
