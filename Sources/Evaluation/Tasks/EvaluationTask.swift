public import Documents

/// A task with its documents: it writes the prompts and scores the answers.
///
/// ```swift
/// let task = try EvaluationTask(TaskConfiguration(TaskFile(path: "my-task.yaml")), dataFolder: nil)
/// let instances = try task.instances(EvaluationOptions(shots: 5))
/// ```
public struct EvaluationTask: Sendable {
  /// What the file says.
  public let configuration: TaskConfiguration
  /// The documents that are asked about.
  public let documents: [JSONObject]
  private let examples: [JSONObject]
  private let columns: Set<String>
  /// Whether the prompt differs by choice and the answer doesn't, as in Winogrande.
  let isMultipleInput: Bool
  /// Whether a document has several right answers.
  let isMultipleTarget: Bool
  /// The split that examples come from was read.
  private let hasExamples: Bool

  /// Reads a task's documents.
  ///
  /// - Parameters:
  ///   - dataFolder: where the data sets lie that tasks name.
  ///   - shots: the number of examples that will be asked for instead of the file's.
  /// - Throws: `DataError` for files that aren't there and for a first document that the templates don't fit.
  public init(_ configuration: TaskConfiguration, dataFolder: String?, shots: Int? = nil) throws {
    self.configuration = configuration
    let data = try TaskData(configuration.file, folder: dataFolder)
    let splits = configuration.splits
    documents = try data.documents(of: splits.test ?? splits.validation ?? "")
    let needed = EvaluationOptions.shots(of: configuration, asked: shots) > 0
    hasExamples = needed
    if !needed {
      examples = []
    } else if let split = configuration.fewShot.split {
      examples = split == (splits.test ?? splits.validation) ? documents : try data.documents(of: split)
    } else if let samples = configuration.fewShot.samples {
      examples = samples
    } else {
      let split = splits.training ?? splits.validation ?? splits.test ?? ""
      examples = split == (splits.test ?? splits.validation) ? documents : try data.documents(of: split)
    }
    let columns = Set(documents.first?.keys ?? [])
    self.columns = columns
    guard let first = documents.first else {
      throw configuration.file.error(at: "dataset_path", "there is no document")
    }
    do {
      let hasChoices = configuration.choices != nil
      let prompt = try configuration.prompt.prompt(of: first, columns: columns, hasChoices: hasChoices)
      isMultipleInput = hasChoices && prompt.pythonInteger != nil
      isMultipleTarget =
        try configuration.target?.target(of: first, columns: columns, hasChoices: hasChoices).array != nil
    } catch { throw Self.located(error, configuration, document: 0) }
  }

  static func located(_ error: any Error, _ configuration: TaskConfiguration, document: Int) -> any Error {
    if error is DataError { return error }
    return DataError(
      .badData, path: configuration.file.path,
      problem: "task '\(configuration.name)', document \(document): \(error)",
      advice: "Documents are counted from 0. Compare the task file's columns with the data's: "
        + "'apprentice data inspect' shows them.")
  }

  // MARK: Parts of a document

  func prompt(of document: JSONObject) throws -> JSONValue {
    try configuration.prompt.prompt(of: document, columns: columns, hasChoices: configuration.choices != nil)
  }

  func target(of document: JSONObject) throws -> JSONValue {
    try configuration.target?.target(of: document, columns: columns, hasChoices: configuration.choices != nil) ?? .null
  }

  func choices(of document: JSONObject) throws -> [String] {
    try configuration.choices?.choices(of: document, columns: columns) ?? []
  }

  /// The text by which a document is looked for in training data.
  public func contaminationText(of document: JSONObject) throws -> String {
    if let query = configuration.contaminationQuery { return try query.text(of: document, columns: columns) }
    let prompt = try prompt(of: document)
    guard let place = prompt.pythonInteger, isMultipleInput else { return prompt.pythonText }
    let choices = try choices(of: document)
    return choices.indices.contains(place) ? choices[place] : ""
  }

  // MARK: Requests

  /// The requests of every document, in order, as lm-evaluation-harness makes them.
  ///
  /// - Throws: `DataError` that names the document which the task doesn't fit.
  public func instances(_ options: EvaluationOptions) throws -> [EvaluationInstance] {
    let shots = options.shots(of: configuration)
    precondition(shots == 0 || hasExamples, "the task was read without its examples")
    var sampler = FewShotSampler(
      examples, takesFirst: configuration.fewShot.sampler == "first_n", seed: options.fewShotSeed)
    var written: [Int: [PromptMessage]] = [:]
    var instances: [EvaluationInstance] = []
    let count = options.limit.map { $0.count(of: documents.count) } ?? documents.count
    for (number, document) in documents.prefix(count).enumerated() {
      do {
        let description = try configuration.description?.text(of: document, columns: columns) ?? ""
        let system = joined(options.systemInstruction ?? "", description, by: configuration.fewShotDelimiter)
        var messages = system.isEmpty ? [] : [PromptMessage(role: .system, content: system)]
        if shots > 0 {
          // The harness compares the names of splits, unset ones too.
          let mayBeExample = configuration.fewShot.split == configuration.splits.test
          for place in try sampler.sample(shots, excluding: mayBeExample ? document : nil) {
            if let known = written[place] {
              messages += known
            } else {
              let made = try example(examples[place])
              written[place] = made
              messages += made
            }
          }
        }
        let contexts = try contexts(of: document, after: messages, options)
        instances += try requests(document, contexts, options).enumerated().map { place, request in
          EvaluationInstance(
            task: configuration.name, documentID: number, index: place, document: document, request: request)
        }
      } catch { throw Self.located(error, configuration, document: number) }
    }
    return instances
  }

  private func example(_ document: JSONObject) throws -> [PromptMessage] {
    let fewShot = configuration.fewShot
    let hasChoices = configuration.choices != nil
    guard let prompt = fewShot.prompt, let target = fewShot.target else { throw TaskError("an example has no target") }
    var question = try prompt.prompt(of: document, columns: columns, hasChoices: hasChoices)
    var choices = try fewShot.choices?.choices(of: document, columns: columns)
    let answer = try target.target(of: document, columns: columns, hasChoices: hasChoices)
    if isMultipleInput, let place = question.pythonInteger, let all = choices, all.indices.contains(place) {
      question = .string(all[place])
      choices = nil
    }
    return try turn(
      question, choices: choices, answer: answer,
      prefix: try fewShot.answerPrefix?.text(of: document, columns: columns), fewShot.targetDelimiter, fewShot.delimiter
    )
  }

  /// A question, and its answer where there is one.
  private func turn(
    _ question: JSONValue, choices: [String]?, answer: JSONValue?, prefix: String?, _ targetDelimiter: String,
    _ delimiter: String
  ) throws -> [PromptMessage] {
    guard let question = question.string else {
      throw TaskError("the prompt is no text but \(question.serialized().prefix(60))")
    }
    let prefix = prefix ?? ""
    let hasAnswer = answer.map { !$0.isNull && $0.string != "" } ?? false
    let isDelimited = prefix.isEmpty ? hasAnswer : needsDelimiter(question, prefix)
    var messages = [PromptMessage(role: .user, content: question, delimiter: isDelimited ? targetDelimiter : "")]
    if hasAnswer, let answer {
      messages.append(
        PromptMessage(
          role: .assistant, content: joined(prefix, try Self.text(ofAnswer: answer, choices), by: " "),
          delimiter: delimiter)
      )
    } else if !prefix.isEmpty {
      messages.append(PromptMessage(role: .assistant, content: prefix))
    }
    return messages
  }

  private static func text(ofAnswer answer: JSONValue, _ choices: [String]?) throws -> String {
    if let choices, let number = answer.pythonInteger {
      let place = number < 0 ? choices.count + number : number
      guard choices.indices.contains(place) else {
        throw TaskError("an example's answer is choice \(number) of \(choices.count)")
      }
      return choices[place]
    }
    guard let text = (answer.array?.first ?? answer).string else {
      throw TaskError("an example's answer is no text but \(answer.serialized().prefix(60))")
    }
    return text
  }

  /// The prompt of a document, or one for each choice.
  private func contexts(
    of document: JSONObject, after messages: [PromptMessage], _ options: EvaluationOptions
  ) throws -> [String] {
    let prefix = try configuration.answerPrefix?.text(of: document, columns: columns)
    let questions: [JSONValue] =
      isMultipleInput ? try choices(of: document).map { .string($0) } : [try prompt(of: document)]
    return try questions.map { question in
      let delimiter = isMultipleInput ? "" : configuration.targetDelimiter
      let all = messages + (try turn(question, choices: nil, answer: nil, prefix: prefix, delimiter, ""))
      guard let chat = options.chat else { return PromptMessage.text(of: all) }
      return try chat.render(
        chat.isMultiturn ? PromptMessage.turns(of: all) : PromptMessage.singleTurn(of: all), (prefix ?? "").isEmpty)
    }
  }

  private func requests(
    _ document: JSONObject, _ contexts: [String], _ options: EvaluationOptions
  ) throws -> [ModelRequest] {
    switch configuration.outputType {
    case .logLikelihood:
      let target = try target(of: document).pythonText
      guard !target.isEmpty else { throw TaskError("the target is empty") }
      return [.logLikelihood(context: contexts[0], continuation: target)]
    case .rolling: return [.rolling(try target(of: document).pythonText)]
    case .generation: return [.generation(context: contexts[0], configuration.generation, sample: 0)]
    case .multipleChoice:
      let choices = try choices(of: document)
      var delimiter = configuration.targetDelimiter
      if options.chat != nil {
        let prefix = configuration.file.settings["gen_prefix"]?.string ?? ""
        if prefix.isEmpty || PythonText.endsWithSpace(prefix) { delimiter = "" }
      }
      var requests: [ModelRequest]
      if isMultipleInput {
        let target = try target(of: document).pythonText
        requests = contexts.map { .logLikelihood(context: $0, continuation: delimiter + target) }
      } else {
        requests = choices.map { .logLikelihood(context: contexts[0], continuation: delimiter + $0) }
      }
      for metric in configuration.metrics where ["acc_mutual_info", "acc_unconditional"].contains(metric.name) {
        let context = metric.name == "acc_mutual_info" ? "" : metric.answerContext
        requests += choices.map { .logLikelihood(context: context, continuation: delimiter + $0) }
      }
      return requests
    }
  }
}
