public import Documents
import Foundation

/// What came of an evaluation, in the harness's shapes.
public struct EvaluationResults: Sendable {
  let nodes: [TaskNode]
  let tasks: [TaskResult]
  let options: EvaluationOptions
  let model: (name: String, facts: JSONObject)
  /// Things that a reader of the results should know.
  public let remarks: [String]
  let started: Date
  let tokenization: [(task: String, text: String)]
  let finished = Date()

  var groups: [TaskGroup] { nodes.flatMap(\.groups) }
  /// Whether there are averages of groups.
  public var hasGroups: Bool { groups.contains { !$0.averages.isEmpty } }

  /// The metrics of every task and group by name.
  public var metrics: JSONObject {
    var all = JSONObject(tasks.map { (key: $0.task.configuration.name, value: .object($0.metrics)) })
    for group in groups { all[group.name] = .object(average(group, of: all)) }
    return all
  }

  private func average(_ group: TaskGroup, of all: JSONObject) -> JSONObject {
    var made: JSONObject = ["alias": .string(group.alias), "name": .string(group.name)]
    guard !group.averages.isEmpty else { return made }
    let parts = group.children.flatMap(\.tasks).compactMap { all[$0.name]?.object }
    made["sample_len"] = .int(parts.reduce(0) { $0 + ($1["sample_len"]?.int ?? 0) })
    var counts = JSONObject()
    for average in group.averages {
      let found = Set(
        parts.flatMap {
          $0.keys.filter { $0.hasPrefix("\(average.metric),") }.map { String($0.dropFirst(average.metric.count + 1)) }
        })
      for filter in average.filters ?? found.sorted() {
        let key = "\(average.metric),\(filter)"
        let with = parts.filter { $0[key] != nil }
        guard !with.isEmpty else { continue }
        let values = with.map { $0[key]?.double ?? .nan }
        let sizes = with.map { Double($0["sample_len"]?.int ?? 0) }
        let weights = average.weighsBySize ? sizes : sizes.map { _ in 1 }
        made[key] = .double(zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +))
        counts[key] = .int(Int(sizes.reduce(0, +)))
        let errors = with.compactMap { $0["\(average.metric)_stderr,\(filter)"]?.double }
        made["\(average.metric)_stderr,\(filter)"] =
          errors.count == values.count ? .double(Self.pooled(errors, sizes, average.weighsBySize)) : "N/A"
      }
    }
    if !counts.members.isEmpty { made["sample_count"] = .object(counts) }
    return made
  }

  /// The standard error of an average of tasks: of all documents together, or of the plain mean of the tasks.
  private static func pooled(_ errors: [Double], _ sizes: [Double], _ weighsBySize: Bool) -> Double {
    guard weighsBySize else {
      return errors.reduce(0) { $0 + $1 * $1 }.squareRoot() / Double(errors.count)
    }
    let squares = zip(errors, sizes).reduce(0) { $0 + ($1.1 - 1) * $1.0 * $1.0 * $1.1 }
    let total = sizes.reduce(0, +)
    return (squares / (total - Double(sizes.count)) / total).squareRoot()
  }

  var shots: [(name: String, count: Int)] {
    var all = tasks.map { (name: $0.task.configuration.name, count: $0.shots) }
    for group in groups {
      let counts = Set(group.children.compactMap { child in all.first { $0.name == child.name }?.count })
      if counts.count == 1, let one = counts.first { all.append((group.name, one)) }
    }
    return all
  }

  var higherIsBetter: [(name: String, metrics: [(metric: String, isBetter: Bool?)])] {
    var all = tasks.map { result in
      (
        name: result.task.configuration.name,
        metrics: result.task.configuration.metrics.map { (metric: $0.name, isBetter: Optional($0.higherIsBetter)) }
      )
    }
    for group in groups {
      var own: [(metric: String, isBetter: Bool?)] = []
      for child in group.children {
        for entry in all.first(where: { $0.name == child.name })?.metrics ?? [] {
          if let place = own.firstIndex(where: { $0.metric == entry.metric }) {
            if own[place].isBetter != entry.isBetter { own[place].isBetter = nil }
          } else {
            own.append(entry)
          }
        }
      }
      if !own.isEmpty { all.append((group.name, own)) }
    }
    return all
  }

  var versions: [(name: String, version: JSONValue)] {
    tasks.map { ($0.task.configuration.name, $0.task.configuration.version) }
      + groups.map { ($0.name, .string($0.version?.pythonText ?? "N/A")) }
  }

  /// The results as one document, with the keys of lm-evaluation-harness's `results_*.json`.
  public func document() -> JSONObject {
    let metrics = metrics
    func object(_ members: [(String, JSONValue)]) -> JSONValue {
      .object(JSONObject(members.sorted { $0.0 < $1.0 }.map { (key: $0.0, value: $0.1) }))
    }
    var document: JSONObject = ["results": .object(metrics)]
    let averaged = groups.filter { !$0.averages.isEmpty }
    if !averaged.isEmpty {
      document["groups"] = .object(JSONObject(averaged.map { (key: $0.name, value: metrics[$0.name] ?? .null) }))
    }
    document["group_subtasks"] = .object(
      JSONObject(groups.map { (key: $0.name, value: .array($0.children.map { .string($0.name) })) }))
    document["configs"] = object(
      tasks.map { result in
        var settings = result.task.configuration.file.settings
        settings["num_fewshot"] = .int(result.shots)
        return (result.task.configuration.name, .object(settings))
      })
    document["versions"] = object(versions.map { ($0.name, $0.version) })
    document["n-shot"] = object(shots.map { ($0.name, .int($0.count)) })
    document["higher_is_better"] = object(
      higherIsBetter.map { entry in
        (
          entry.name,
          .object(JSONObject(entry.metrics.map { (key: $0.metric, value: $0.isBetter.map { .bool($0) } ?? .null) }))
        )
      })
    document["n-samples"] = object(
      tasks.map {
        ($0.task.configuration.name, ["original": .int($0.task.documents.count), "effective": .int($0.count)])
      })
    var configuration: JSONObject = ["model": "apprentice", "model_args": .string("pretrained=\(model.name)")]
    for (key, value) in model.facts.members { configuration[key] = value }
    configuration["limit"] =
      switch options.limit {
      case .count(let count)?: .double(Double(count))
      case .share(let share)?: .double(share)
      case nil: .null
      }
    configuration["bootstrap_iters"] = .int(options.bootstrapResamples)
    configuration["fewshot_seed"] = .int(options.fewShotSeed)
    document["config"] = .object(configuration)
    document["date"] = .double(started.timeIntervalSince1970)
    document["tokenization"] = .object(JSONObject(tokenization.map { (key: $0.task, value: .string($0.text)) }))
    if !remarks.isEmpty { document["remarks"] = .array(remarks.map { .string($0) }) }
    document["task_hashes"] = object(
      tasks.map { result in
        let lines = result.samples.map(\.json)
        let text = lines.map { line in
          ["doc_hash", "prompt_hash", "target_hash"].map { line[$0]?.string ?? "" }.joined()
        }.joined()
        return (result.task.configuration.name, .string(SHA256Digest(of: Data(text.utf8)).hexadecimal))
      })
    document["model_source"] = "apprentice"
    document["model_name"] = .string(model.name)
    document["model_name_sanitized"] = .string(Self.fileName(of: model.name))
    document["system_instruction"] = options.systemInstruction.map { .string($0) } ?? .null
    document["fewshot_as_multiturn"] = options.chat.map { .bool($0.isMultiturn) } ?? .null
    document["total_evaluation_time_seconds"] = .string("\(finished.timeIntervalSince(started))")
    return document
  }

  /// A model's name as a folder's.
  public static func fileName(of model: String) -> String {
    let forbidden = Set("\"<>:/|\\?*[]")
    var name = ""
    var wasForbidden = false
    for character in model {
      let isForbidden = forbidden.contains(character)
      if !isForbidden { name.append(character) } else if !wasForbidden { name += "__" }
      wasForbidden = isForbidden
    }
    return name
  }

  static func fileDate(_ date: Date) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd'T'HH-mm-ss.SSSSSS"
    return format.string(from: date)
  }

  /// Writes `results_DATE.json`, `samples_TASK_DATE.jsonl` and `report_DATE.html` into a folder of the model's name below
  /// another, where the harness's users look for them.
  ///
  /// - Returns: the folder, and the files in it.
  public func write(below folder: String) throws -> (folder: String, files: [String]) {
    let place = "\(folder)/\(Self.fileName(of: model.name))"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let date = Self.fileDate(finished)
    var files = ["results_\(date).json"]
    try DurableFile.write(JSONValue.object(document()).serialized(indent: 2), to: "\(place)/\(files[0])")
    for result in tasks {
      let name = "samples_\(Self.fileName(of: result.task.configuration.name))_\(date).jsonl"
      let lines = result.samples.map { JSONValue.object($0.json).serialized() + "\n" }
      try DurableFile.write(lines.joined(), to: "\(place)/\(name)")
      files.append(name)
    }
    files.append("report_\(date).html")
    try report().write(to: URL(fileURLWithPath: "\(place)/report_\(date).html"))
    return (place, files)
  }
}
