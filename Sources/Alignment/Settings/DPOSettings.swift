public import Settings
public import Training

/// The settings of direct preference optimisation, under TRL's names.
public struct DPOSettings: LearnerSettings {
  /// The policy has learnt to speak, and the loss is steep: very small steps.
  public static var training: TrainingSettings { TrainingSettings(learningRate: 1e-6) }

  /// The losses of the margin.
  public enum Loss: String, Sendable, Codable, CaseIterable, SettingValue {
    /// −ln σ(β·margin) (Rafailov 2023, equation 7).
    case sigmoid
    /// (margin − 1/(2β))² (Azar 2024, equation 17).
    case ipo
  }

  /// The treatments of ties, comparisons whose label is ½.
  public enum Ties: String, Sendable, Codable, CaseIterable, SettingValue {
    /// They are left out: nobody preferred anything.
    case drop
    /// They count half for either side, which holds the margin at 0.
    case half
  }

  /// The strength of the pull to the reference.
  @Setting("beta", .above(0), "beta", "How strongly the policy is held to the reference.")
  public var beta = 0.1
  /// The loss of the margin.
  @Setting("loss_type", .any, "name", "The loss.")
  public var loss = Loss.sigmoid
  /// The share of labels that are believed to be wrong (conservative DPO, Mitchell 2023).
  @Setting("label_smoothing", .from(0, below: 0.5), "share", "How often labels are believed to be wrong.")
  public var labelSmoothing = 0.0
  /// The treatment of ties.
  @Setting("ties", .any, "name", "What becomes of ties: left out, or half for either side.")
  public var ties = Ties.drop
  /// Divides each completion's log-probability by its length.
  @Setting("length_normalized", .any, "", "Divide each completion's log-probability by its length.")
  public var normalizesLength = false

  /// The defaults.
  public init() {}

  /// IPO has no place for wrong labels: its margin is aimed at, whatever the labels' noise (Azar 2024), and a setting that changes
  /// nothing would only seem to be there.
  public mutating func settle(given: Set<String>) throws(SettingError) {
    guard loss == .ipo, labelSmoothing > 0 else { return }
    throw SettingError(
      key: "label_smoothing", value: "\(labelSmoothing)",
      problem: "the loss 'ipo' has no label smoothing: leave it out, or take --loss-type sigmoid")
  }
}
