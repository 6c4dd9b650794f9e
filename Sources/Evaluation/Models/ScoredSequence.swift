/// Tokens that a model reads once, and the tokens whose log-probabilities are wanted behind them.
struct ScoredSequence: Sendable {
  /// What is read: context and continuation without its last token.
  var input: [Int]
  /// How many last places of `input` predict something.
  var rows: Int
  /// The requests that are answered, with their continuations.
  var targets: [(request: Int, tokens: [Int])]

  /// Sequences of pairs of context and continuation; those that read the same tokens are one.
  ///
  /// - Parameter limit: the most tokens that are read; more are cut off at the beginning.
  static func unique(_ pairs: [(request: Int, context: [Int], continuation: [Int])], limit: Int) -> [ScoredSequence] {
    var places: [[Int]: Int] = [:]
    var made: [ScoredSequence] = []
    for pair in pairs {
      let input = Array((pair.context + pair.continuation).suffix(limit + 1).dropLast())
      if let place = places[input] {
        made[place].rows = max(made[place].rows, pair.continuation.count)
        made[place].targets.append((pair.request, pair.continuation))
      } else {
        places[input] = made.count
        made.append(
          ScoredSequence(input: input, rows: pair.continuation.count, targets: [(pair.request, pair.continuation)]))
      }
    }
    return made
  }
}

/// Sequences in an order and grouping in which what several begin with is read once.
enum SharedPrefixes {
  /// A group: its members' places, and how many first tokens they share.
  struct Group: Equatable {
    var members: [Int]
    var shared: Int
  }

  /// Divides sequences into groups of at most `budget` tokens so that as few tokens as possible are read.
  ///
  /// Sequences in alphabetical order have what they share with most others beside them; the best division of that order is
  /// found by dynamic programming. A group of one shares nothing.
  ///
  /// - Parameter most: how many first tokens each can share at most.
  static func groups(of sequences: [[Int]], most: [Int], budget: Int) -> [Group] {
    let order = sequences.indices.sorted { sequences[$0].lexicographicallyPrecedes(sequences[$1]) }
    let common = order.indices.dropFirst().map { commonPrefix(sequences[order[$0 - 1]], sequences[order[$0]]) }
    // cost[j]: tokens read for the first j sequences; start[j]: where the last group of the best division begins.
    var cost = [0]
    var start = [0]
    for j in order.indices {
      var (best, from) = (Int.max, j)
      var (shared, total, count) = (Int.max, 0, 0)
      for i in stride(from: j, through: 0, by: -1) {
        let place = order[i]
        if i < j { shared = min(shared, common[i]) }
        shared = min(shared, most[place])
        total += sequences[place].count
        count += 1
        // The last shared token is each one's own: what comes behind it is predicted there.
        let saved = count > 1 ? (count - 1) * max(0, shared - 1) : 0
        if count > 1, total - saved > budget || shared < 2 { break }
        if cost[i] + total - saved < best { (best, from) = (cost[i] + total - saved, i) }
      }
      cost.append(best)
      start.append(from)
    }
    var groups: [Group] = []
    var end = order.count
    while end > 0 {
      let from = start[end]
      let members = order[from..<end]
      let shared =
        members.count > 1
        ? members.map { most[$0] }.min().map { limit in (from..<end - 1).reduce(limit) { min($0, common[$1]) } } ?? 0
        : 0
      groups.append(Group(members: Array(members), shared: shared))
      end = from
    }
    return groups.reversed()
  }

  static func commonPrefix(_ a: [Int], _ b: [Int]) -> Int {
    var i = 0
    while i < a.count, i < b.count, a[i] == b[i] { i += 1 }
    return i
  }
}
