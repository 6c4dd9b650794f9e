public import LanguageModels
public import Settings

/// How a model is kept in memory that is run and not trained.
public struct InferenceSettings: DeclaredSettings {
  /// The format of the matrices.
  @Setting(
    "weights", .any, "format",
    "Weights in memory. auto keeps a GGUF file's own blocks, and others as bfloat16 where the processor multiplies it and text is drawn, "
      + "in full where models are measured; int8 and int4 on the CPU only.")
  public var weights = WeightFormat.auto

  /// The defaults.
  public init() {}
}
