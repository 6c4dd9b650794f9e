import RealModule

/// The worth of the best of n samples and of k tries, estimated without bias from N samples at least as many.
///
/// Drawing n of the N samples and keeping the one that a proxy scores highest has a result that
/// can be averaged over *all* subsets of size n by sorting: the sample of rank r is the best of
/// C(r − 1, n − 1) of the C(N, n) subsets (Nakano et al., 2021, section 3.2). pass@k (Chen et al.,
/// 2021, equation 1) is the same sum with correctness as both proxy and score.
///
/// ```swift
/// let gold = RepeatedSampling.expectedScore(proxy: rewards, gold: judgements, n: 16)
/// let pass = RepeatedSampling.passRate(samples: 200, correct: 7, k: 10)
/// ```
public enum RepeatedSampling {
  /// The mean gold score of the sample that the proxy likes best, over all subsets of n samples.
  ///
  /// Samples that the proxy scores equally are picked at random. For the expected proxy score
  /// itself, pass it as both. Returns NaN where there are fewer than n samples.
  public static func expectedScore(proxy: [Double], gold: [Double], n: Int) -> Double {
    precondition(proxy.count == gold.count && n > 0)
    guard proxy.count >= n else { return .nan }
    let order = proxy.indices.sorted { proxy[$0] < proxy[$1] }
    var total = 0.0
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, proxy[order[end]] == proxy[order[start]] { end += 1 }
      let (low, high) = (
        subsetsWithin(start, of: order.count, size: n), subsetsWithin(end, of: order.count, size: n)
      )
      let weight = high - low
      let mean = order[start..<end].reduce(0) { $0 + gold[$1] } / Double(end - start)
      if weight > 0 { total += weight * mean }
      start = end
    }
    return total
  }

  /// The share of draws in which the best of n samples by a proxy beats one more by a gold score, ties counting half.
  ///
  /// Averaged over every choice of the one more among the N > n samples and of the n among the others, so that all
  /// samples stand on both sides and less is left to luck than where one sample is set aside. Returns NaN where there are
  /// no n + 1 samples.
  public static func winRate(proxy: [Double], gold: [Double], n: Int) -> Double {
    precondition(proxy.count == gold.count && n > 0)
    guard proxy.count > n else { return .nan }
    let total = proxy.indices.reduce(0.0) { total, other in
      let rest = proxy.indices.filter { $0 != other }
      let wins = rest.map { gold[$0] > gold[other] ? 1 : gold[$0] == gold[other] ? 0.5 : 0 }
      return total + expectedScore(proxy: rest.map { proxy[$0] }, gold: wins, n: n)
    }
    return total / Double(proxy.count)
  }

  /// The chance that at least one of k samples is correct, given c correct ones among N.
  ///
  /// 1 − C(N − c, k) / C(N, k); NaN where there are fewer than k samples.
  public static func passRate(samples: Int, correct: Int, k: Int) -> Double {
    precondition(k > 0 && correct >= 0 && correct <= samples)
    guard samples >= k else { return .nan }
    return 1 - subsetsWithin(samples - correct, of: samples, size: k)
  }

  /// The KL divergence of best-of-n sampling from plain sampling, in nats: log n − (n − 1)/n.
  ///
  /// Exact when no two samples tie, and an upper bound otherwise.
  public static func divergence(n: Int) -> Double {
    precondition(n > 0)
    return Double.log(Double(n)) - Double(n - 1) / Double(n)
  }

  /// The share of all subsets of a size that lie within the first `count` of `total` items.
  ///
  /// C(count, size) / C(total, size) as a product of factors below one, so nothing overflows.
  private static func subsetsWithin(_ count: Int, of total: Int, size: Int) -> Double {
    guard count >= size else { return 0 }
    var product = 1.0
    if total - count < size {
      for i in stride(from: count + 1, through: total, by: 1) {
        product *= 1 - Double(size) / Double(i)
      }
    } else {
      for j in 0..<size { product *= Double(count - j) / Double(total - j) }
    }
    return product
  }
}
