/// The fate of a Markov chain's proposals.
struct MoveCount: Sendable, Equatable {
  /// Proposals made.
  var proposed = 0
  /// Proposals accepted.
  var accepted = 0
  /// Proposals that would have changed the state: a redrawn choice may come out as it was.
  var changing = 0
  /// Proposals accepted that did change the state.
  var moved = 0

  /// Accepted of proposed, or `nil` when there was nothing to propose.
  var acceptanceRate: Double? { proposed == 0 ? nil : Double(accepted) / Double(proposed) }

  /// Whether other states were proposed and none was ever taken.
  var stoodStill: Bool { changing > 0 && moved == 0 }

  static func + (a: MoveCount, b: MoveCount) -> MoveCount {
    MoveCount(
      proposed: a.proposed + b.proposed, accepted: a.accepted + b.accepted,
      changing: a.changing + b.changing, moved: a.moved + b.moved)
  }

  static func += (a: inout MoveCount, b: MoveCount) { a = a + b }
}

extension Diagnostics {
  /// Warns of chains that never left their first state: their draws say nothing of the posterior,
  /// and agree with each other where they happen to have started alike.
  mutating func reportStandstill(_ counts: [MoveCount], of chains: String) {
    let still = counts.count(where: \.stoodStill)
    guard still > 0 else { return }
    let which = counts.count == 1 ? chains : "\(still) of \(counts.count) \(chains)"
    warnings.append(
      "\(which) never moved: every different state that was proposed was rejected. The result is "
        + "where it started. Condition less strictly, or choose together what must change together."
    )
  }
}
