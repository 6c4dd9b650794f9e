/// The description of a competition that runs whole within minutes on two cores: what `init` writes and others are made of.
public enum SmallCompetition {
  /// Two games of our own and one of the benchmark's, two tracks.
  public static let description = """
    # A competition: games, tracks, budgets, weights. 'apprentice competition evaluate' runs it.
    protocol: 1
    title: A small competition
    mode: easy
    # What a submission may use up for each game and track.
    budget:
      environments: 16
      training_steps: 100000
      training_seconds: 900
      rollout_episodes: 64
      rollout_seconds: 300
      memory_mib: 4096
      processes: 128
      scratch_mib: 256
    # Training levels: 0 for all there are. The test's levels are others in both tracks.
    tracks:
      sample_efficiency: {training_levels: 0, weight: 1}
      generalization: {training_levels: 50, weight: 1}
    # Shares in a track's score; a private game is named to nobody. 'min', 'blind' and 'max' change what scores are normalised with.
    games:
      bigfish: {weight: 1}
      orchard: {weight: 1, private: true, min: -20, blind: 1, max: 40}
      slalom: {weight: 1, private: true, min: 0, blind: 8.5, max: 20}

    """
}
