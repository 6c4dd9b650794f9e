public import Documents

/// A task as its file describes it: data, prompt, answers, metrics.
///
/// The keys are those of lm-evaluation-harness, with its defaults; unknown keys are errors, and so is whatever names Python code.
public struct TaskConfiguration: Sendable {
  /// What the model is asked for.
  public enum OutputType: String, Sendable, CaseIterable {
    /// The log-likelihood of the target after the prompt.
    case logLikelihood = "loglikelihood"
    /// The log-likelihood of each choice after the prompt.
    case multipleChoice = "multiple_choice"
    /// The log-likelihood of a whole document, in windows of the model's context.
    case rolling = "loglikelihood_rolling"
    /// Text that goes on from the prompt until a stop.
    case generation = "generate_until"
  }

  /// How the examples before the question are chosen and written.
  struct FewShot: Sendable {
    var sampler = "default"
    var split: String?
    var samples: [JSONObject]?
    var prompt: TaskField?
    var choices: TaskField?
    var target: TaskField?
    var answerPrefix: TaskField?
    var delimiter: String
    var targetDelimiter: String
  }

  /// The name.
  public let name: String
  /// The name in tables.
  public let alias: String
  /// What the model is asked for.
  public let outputType: OutputType
  /// The file with everything that it says.
  public let file: TaskFile
  /// The number of examples before the question; nil leaves it to the command.
  public var shots: Int?
  /// The version in `metadata`, `Yaml` without one.
  public let version: JSONValue

  let splits: (training: String?, validation: String?, test: String?)
  let prompt: TaskField
  let target: TaskField?
  let choices: TaskField?
  let description: TaskField?
  let answerPrefix: TaskField?
  let targetDelimiter: String
  let fewShotDelimiter: String
  let fewShot: FewShot
  let metrics: [TaskMetric]
  let scorer: TaskScorer?
  let generation: GenerationSettings
  let repeats: Int
  let filters: [ResponsePipeline]
  let contaminationQuery: TaskField?

  static let keys = [
    "task", "task_alias", "tag", "group", "task_list", "custom_dataset", "dataset_path", "dataset_name",
    "dataset_kwargs",
    "training_split", "validation_split", "test_split", "fewshot_split", "process_docs", "doc_to_text", "doc_to_target",
    "doc_to_image", "doc_to_audio", "unsafe_code", "doc_to_choice", "process_results", "use_prompt", "description",
    "target_delimiter", "fewshot_delimiter", "fewshot_config", "num_fewshot", "metric_list", "output_type",
    "generation_kwargs", "repeats", "filter_list", "should_decontaminate", "doc_to_decontamination_query", "gen_prefix",
    "metadata", "class", "scorer",
  ]
  private static let fewShotKeys = [
    "sampler", "split", "process_docs", "fewshot_indices", "samples", "doc_to_text", "doc_to_choice", "doc_to_target",
    "gen_prefix", "fewshot_delimiter", "target_delimiter",
  ]

  /// Reads a task's settings.
  ///
  /// - Throws: `DataError` that names file, line and key.
  public init(_ file: TaskFile) throws(DataError) {
    self.file = file
    let settings = file.settings
    for key in settings.keys where !Self.keys.contains(key) {
      throw file.error(
        at: key, Self.keys.problem(ofUnknownKey: key, called: key),
        advice: "The keys are those of lm-evaluation-harness.")
    }
    for key in [
      "class", "process_docs", "process_results", "custom_dataset", "doc_to_image", "doc_to_audio", "use_prompt",
    ] {
      guard let value = settings[key], !value.isNull else { continue }
      if let function = value.pythonFunction {
        throw file.error(
          at: key, "this is the Python code \(function), and no Python is run here",
          advice:
            "Use the task of this name that comes with apprentice, if there is one, or write it as Jinja templates.")
      }
      throw file.error(at: key, "this isn't understood here")
    }
    func string(_ key: String) throws(DataError) -> String? {
      guard let value = settings[key], !value.isNull else { return nil }
      guard let text = value.string else {
        throw file.error(at: key, "must be text, not \(value.serialized().prefix(60))")
      }
      return text
    }
    guard let name = try string("task") else { throw file.error(at: "task", "the name of the task is missing") }
    self.name = name
    alias = try string("task_alias") ?? name
    let type = try string("output_type") ?? OutputType.generation.rawValue
    guard let outputType = OutputType(rawValue: type) else {
      throw file.error(
        at: "output_type", "there is no output type '\(type)'",
        advice: "It is one of \(OutputType.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self.outputType = outputType
    splits = (try string("training_split"), try string("validation_split"), try string("test_split"))
    guard splits.validation ?? splits.test != nil else {
      throw file.error(at: "test_split", "the task names neither a test_split nor a validation_split")
    }
    guard let prompt = try TaskField("doc_to_text", of: file) else {
      throw file.error(at: "doc_to_text", "the prompt is missing")
    }
    self.prompt = prompt
    target = try TaskField("doc_to_target", of: file)
    choices = try TaskField("doc_to_choice", of: file)
    if target == nil { throw file.error(at: "doc_to_target", "the target is missing") }
    if choices == nil, outputType == .multipleChoice {
      throw file.error(at: "doc_to_choice", "the choices are missing")
    }
    description = try TaskField("description", of: file)
    answerPrefix = try TaskField("gen_prefix", of: file)
    targetDelimiter = try string("target_delimiter") ?? " "
    fewShotDelimiter = try string("fewshot_delimiter") ?? "\n\n"
    contaminationQuery = try TaskField("doc_to_decontamination_query", of: file)
    shots = try Self.count("num_fewshot", in: file)
    repeats = max(1, try Self.count("repeats", in: file) ?? 1)
    version = settings["metadata"]?["version"] ?? "Yaml"
    scorer = try TaskScorer(file)
    metrics = try TaskMetric.list(of: file, outputType, scorer)
    generation = try GenerationSettings(file, outputType, delimiter: fewShotDelimiter)
    filters = try ResponsePipeline.list(of: file)
    fewShot = try Self.fewShot(
      of: file,
      inheriting: FewShot(
        split: try string("fewshot_split"), prompt: prompt, choices: choices, target: target,
        answerPrefix: answerPrefix,
        delimiter: fewShotDelimiter, targetDelimiter: targetDelimiter))
  }

  private static func count(_ key: String, in file: TaskFile) throws(DataError) -> Int? {
    guard let value = file.settings[key], !value.isNull else { return nil }
    guard let number = value.int, number >= 0 else { throw file.error(at: key, "must be a whole number from 0") }
    return number
  }

  private static func fewShot(of file: TaskFile, inheriting defaults: FewShot) throws(DataError) -> FewShot {
    guard let value = file.settings["fewshot_config"], !value.isNull else { return defaults }
    let key = "fewshot_config"
    guard let settings = value.object else { throw file.error(at: key, "must be a mapping") }
    var made = defaults
    for name in settings.keys where !fewShotKeys.contains(name) {
      throw file.error(at: key, fewShotKeys.problem(ofUnknownKey: name, called: "fewshot_config.\(name)"))
    }
    for name in ["process_docs", "samples", "sampler"] {
      if let function = settings[name]?.pythonFunction {
        throw file.error(at: key, "\(name) is the Python code \(function), and no Python is run here")
      }
    }
    if let sampler = settings["sampler"]?.string {
      guard ["default", "first_n"].contains(sampler) else {
        throw file.error(at: key, "there is no sampler '\(sampler)': it is default or first_n")
      }
      made.sampler = sampler
    }
    if let split = settings["split"]?.string { made.split = split }
    if let samples = settings["samples"]?.array {
      made.samples = []
      for sample in samples {
        guard let object = sample.object else { throw file.error(at: key, "samples must be a list of mappings") }
        made.samples?.append(object)
      }
    }
    made.prompt = try TaskField("doc_to_text", of: file, in: settings, called: key) ?? made.prompt
    made.choices = try TaskField("doc_to_choice", of: file, in: settings, called: key) ?? made.choices
    made.target = try TaskField("doc_to_target", of: file, in: settings, called: key) ?? made.target
    made.answerPrefix = try TaskField("gen_prefix", of: file, in: settings, called: key) ?? made.answerPrefix
    made.delimiter = settings["fewshot_delimiter"]?.string ?? made.delimiter
    made.targetDelimiter = settings["target_delimiter"]?.string ?? made.targetDelimiter
    return made
  }
}
