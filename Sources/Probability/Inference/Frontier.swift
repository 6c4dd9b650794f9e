import HeapModule
public import RealModule

/// The branches that enumeration has found and not yet run, in a queue.
///
/// Branches share their prefixes: each is one node with a link to its parent.
@usableFromInline
final class Frontier {
  private struct Node {
    var parent: Int
    var site: Site
  }

  /// An entry of the queue: what orders it, then its age.
  private struct Entry: Comparable {
    var priority: Double
    var node: Int
    static func < (a: Entry, b: Entry) -> Bool {
      a.priority != b.priority ? a.priority < b.priority : a.node > b.node
    }
  }

  private let likelyFirst: Bool
  private var nodes: [Node] = []
  private var heap = Heap<Entry>()
  /// The node of the branch being run, or −1 at the root.
  private var current = -1
  /// The number of choices that the branch being run has made, for breadth-first order.
  private var depth = 0

  init(likelyFirst: Bool) { self.likelyFirst = likelyFirst }

  /// The number of branches that are remembered.
  var size: Int { nodes.count }

  /// Takes the next branch.
  func pop() -> Int? { heap.popMax()?.node }

  /// Writes a branch's choices into a trace.
  func restore(_ node: Int, into trace: inout Trace) {
    var path: [Int] = []
    var step = node
    while step >= 0 {
      path.append(step)
      step = nodes[step].parent
    }
    trace.count = 0
    for step in path.reversed() { trace.append(nodes[step].site) }
    current = node
    depth = path.count
  }

  /// Queues one branch; `priority` is its log score, unused in breadth-first order.
  @usableFromInline
  func push(_ site: Site, logScore: Double) {
    nodes.append(Node(parent: current, site: site))
    heap.insert(
      Entry(priority: likelyFirst ? logScore : -Double(depth), node: nodes.count - 1))
  }

  /// Queues the next value of the choice that the branch being run has just been given.
  @usableFromInline
  func pushSibling(_ site: Site, logScore: Double) {
    nodes.append(Node(parent: nodes[current].parent, site: site))
    heap.insert(
      Entry(priority: likelyFirst ? logScore : -Double(depth - 1), node: nodes.count - 1))
  }

  /// Moves the branch being run on to a child that need not be queued.
  @usableFromInline
  func descend(_ site: Site) {
    nodes.append(Node(parent: current, site: site))
    current = nodes.count - 1
    depth += 1
  }

  /// Whether a branch with this score would be the next one taken.
  @usableFromInline
  func wouldBeNext(_ logScore: Double) -> Bool {
    likelyFirst && (heap.max.map { logScore >= $0.priority } ?? true)
  }
}

extension Sampler {
  /// At the target, the queued value; at a new choice, queues a branch for every value.
  ///
  /// The best branch is followed at once when it would be the next one taken anyway. Branches of an
  /// infinite or a very large support are queued one at a time, each when the one before it is taken.
  @inlinable
  func chooseFromFrontier<D: DiscreteDistribution>(
    _ distribution: D, _ location: UInt64
  ) throws -> Int {
    let position = state.pointee.cursor
    let count = distribution.supportCount
    guard let frontier else { throw interruption(.paused) }
    if position == state.pointee.target {
      let site = state.pointee.trace.sites[position]
      let index = Int(truncatingIfNeeded: site.word)
      state.pointee.prior = site.priorBefore + site.logChoice
      state.pointee.likelihood = site.likelihoodBefore
      state.pointee.cursor = position + 1
      if count > Sampler.mostBranches { try pushSuccessor(of: site, index, distribution, frontier) }
      return index
    }
    var best = -1
    var bestMass = -Double.infinity
    let isLazy = count > Sampler.mostBranches
    let end = isLazy ? 1 : count
    for index in 0..<end {
      let mass = distribution.logMass(at: index)
      if mass > bestMass {
        best = index
        bestMass = mass
      }
    }
    let before = state.pointee.prior + state.pointee.likelihood
    let follows = best >= 0 && !isLazy && frontier.wouldBeNext(before + bestMass)
    for index in 0..<end where !(follows && index == best) {
      let mass = distribution.logMass(at: index)
      if mass == -.infinity && !isLazy { continue }
      frontier.push(site(index, count, mass, location), logScore: before + mass)
    }
    guard follows else { throw interruption(.paused) }
    let chosen = site(best, count, bestMass, location)
    frontier.descend(chosen)
    record(chosen.word, count: count, logChoice: bestMass, at: location)
    return best
  }

  @inlinable
  func site(_ index: Int, _ count: Int, _ mass: Double, _ location: UInt64) -> Site {
    Site(
      location: location, word: UInt64(truncatingIfNeeded: index), count: count, logChoice: mass,
      priorBefore: state.pointee.prior, likelihoodBefore: state.pointee.likelihood)
  }

  @inlinable
  func pushSuccessor<D: DiscreteDistribution>(
    of site: Site, _ index: Int, _ distribution: D, _ frontier: Frontier
  ) throws {
    var next = site
    next.tried += Double.exp(site.logChoice)
    let isLast = distribution.supportCount != .max && index + 1 == distribution.supportCount
    if !isLast, !closes(next, site.logChoice, distribution.logTail(above: index)) {
      let mass = distribution.logMass(at: index + 1)
      next.word = UInt64(truncatingIfNeeded: index + 1)
      next.logChoice = mass
      // The successor's parent is this branch's parent.
      frontier.pushSibling(next, logScore: site.priorBefore + site.likelihoodBefore + mass)
    }
    if site.logChoice == -.infinity { throw interruption(.impossible) }
  }
}
