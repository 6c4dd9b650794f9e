public import Documents
import Foundation

/// A task, or a group of tasks whose results are taken together.
public indirect enum TaskNode: Sendable {
  /// One task.
  case task(TaskConfiguration)
  /// Several.
  case group(TaskGroup)

  /// The name.
  public var name: String {
    switch self {
    case .task(let task): task.name
    case .group(let group): group.name
    }
  }

  /// All tasks below.
  public var tasks: [TaskConfiguration] {
    switch self {
    case .task(let task): [task]
    case .group(let group): group.children.flatMap(\.tasks)
    }
  }

  /// All groups, those that hold others before them.
  var groups: [TaskGroup] {
    switch self {
    case .task: []
    case .group(let group): [group] + group.children.flatMap(\.groups)
    }
  }
}

/// Tasks under one name, and how their results are averaged.
public struct TaskGroup: Sendable {
  /// One average: `aggregate_metric_list`.
  struct Average: Sendable {
    var metric: String
    /// The filters; nil takes those that the tasks have.
    var filters: [String]?
    var weighsBySize = true
  }

  /// The name.
  public let name: String
  /// The name in tables.
  public let alias: String
  /// What it holds.
  public internal(set) var children: [TaskNode]
  let averages: [Average]
  let version: JSONValue?
}

/// Tasks by name: those that come with this package, and those in folders of task files.
///
/// ```swift
/// let nodes = try TaskLibrary(folders: ["my-tasks"]).nodes(named: ["hellaswag", "my-task.yaml"])
/// ```
public struct TaskLibrary: Sendable {
  private struct Entry: Sendable {
    var file: TaskFile
    var isGroup: Bool
  }

  private var entries: [String: Entry] = [:]
  private var tags: [String: [String]] = [:]
  private var broken: [DataError] = []
  /// Settings that take the place of the tasks' own in `generation_kwargs`.
  public var generation = JSONObject()

  /// The folder of the tasks that come with this package; nil where it was not installed with it.
  public static var ownFolder: String? {
    let bundles =
      [Bundle.main.bundleURL, Bundle.main.resourceURL].compactMap { $0 } + Bundle.allBundles.map(\.bundleURL)
    let places = bundles.flatMap { [$0, $0.deletingLastPathComponent()] }.flatMap { folder in
      ["apprentice_Evaluation.resources", "apprentice_Evaluation.bundle"].map {
        folder.appendingPathComponent($0).appendingPathComponent("TaskFiles").path
      }
    }
    return places.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Looks through folders; a later one's task replaces an earlier one's of the same name.
  ///
  /// Files that can't be read are told of when a name isn't found.
  public init(folders: [String] = []) {
    for folder in [Self.ownFolder].compactMap({ $0 }) + folders {
      let below = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
      for name in below.filter({ $0.hasSuffix(".yaml") }).sorted() {
        do throws(DataError) { add(try TaskFile(path: "\(folder)/\(name)")) } catch { broken.append(error) }
      }
    }
  }

  private mutating func add(_ file: TaskFile) {
    if let list = file.settings["task_list"]?.array {
      // One file of many tasks: what stands around the list is the same for all.
      var shared = file
      shared.settings["task_list"] = nil
      for case .object(let own) in list { add(shared.replacing(own)) }
      return
    }
    if let name = file.settings["group"]?.string {
      entries[name] = Entry(file: file, isGroup: true)
    } else if let name = file.settings["task"]?.string {
      entries[name] = Entry(file: file, isGroup: false)
      for tag in file.settings["tag"].map({ $0.array ?? [$0] })?.compactMap(\.string) ?? []
      where tags[tag]?.contains(name) != true {
        tags[tag, default: []].append(name)
      }
    }
  }

  /// The names of all tasks, groups and tags, in order.
  public var names: [(name: String, kind: String)] {
    let known = entries.map { ($0.key, $0.value.isGroup ? "group" : "task") }
    return (known + tags.keys.filter { entries[$0] == nil }.map { ($0, "tag") }).sorted { $0.0 < $1.0 }
      .map { (name: $0.0, kind: $0.1) }
  }

  /// The tasks and groups of some names: a task, a group, a tag, a pattern with `*`, or a task file's path.
  ///
  /// - Throws: `DataError` for names that aren't there, and for a task that is named twice.
  public func nodes(named names: [String]) throws(DataError) -> [TaskNode] {
    var made: [TaskNode] = []
    for name in names {
      if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.contains("/") {
        made += try nodes(of: try TaskFile(path: name))
      } else if name.contains("*") {
        let found = self.names.map(\.name).filter { Self.matches($0, name) }
        guard !found.isEmpty else { throw unknown(name) }
        for name in found { made += try nodes(named: name, replacing: JSONObject()) }
      } else {
        made += try nodes(named: name, replacing: JSONObject())
      }
    }
    var seen: [String: String] = [:]
    for node in made {
      for task in node.tasks {
        if let other = seen.updateValue(node.name, forKey: task.name) {
          throw DataError(
            .badData, path: task.file.path,
            problem: "task '\(task.name)' is asked for twice: in '\(other)' and in '\(node.name)'")
        }
      }
    }
    return made
  }

  private static func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    var rest = Substring(name)
    for (place, part) in parts.enumerated() {
      if place == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if place == parts.count - 1 {
        return rest.hasSuffix(part)
      } else if !part.isEmpty {
        guard let found = rest.range(of: part) else { return false }
        rest = rest[found.upperBound...]
      }
    }
    return rest.isEmpty
  }

  private func unknown(_ name: String) -> DataError {
    let near = names.map(\.name).nearest(to: name).map { "; the nearest one is '\($0)'" } ?? ""
    let faults = broken.isEmpty ? "" : " \(broken.count) task files couldn't be read, the first: \(broken[0])."
    return DataError(
      .noInput, path: "", problem: "there is no task, group or tag '\(name)'\(near)",
      advice: "'apprentice evaluate tasks --list' lists them; --include-path DIR adds a folder of task files.\(faults)")
  }

  private func configuration(_ file: TaskFile) throws(DataError) -> TaskConfiguration {
    let type = file.settings["output_type"]?.string ?? TaskConfiguration.OutputType.generation.rawValue
    guard !generation.members.isEmpty, type == TaskConfiguration.OutputType.generation.rawValue else {
      return try TaskConfiguration(file)
    }
    var settings = file.settings["generation_kwargs"]?.object ?? JSONObject()
    for (key, value) in generation.members { settings[key] = value }
    return try TaskConfiguration(file.replacing(["generation_kwargs": .object(settings)]))
  }

  private func nodes(of file: TaskFile) throws(DataError) -> [TaskNode] {
    if file.settings["group"]?.string != nil { return [.group(try group(file, replacing: JSONObject()))] }
    return [.task(try configuration(file))]
  }

  private func nodes(named name: String, replacing others: JSONObject) throws(DataError) -> [TaskNode] {
    if let entry = entries[name] {
      if entry.isGroup { return [.group(try group(entry.file, replacing: others))] }
      return [.task(try configuration(entry.file.replacing(others)))]
    }
    guard let tagged = tags[name] else { throw unknown(name) }
    var made: [TaskNode] = []
    for name in tagged.sorted() {
      var own = others
      own["task"] = nil
      made += try nodes(named: name, replacing: own)
    }
    return made
  }

  private static let groupKeys = [
    "group", "group_alias", "task", "aggregate_metric_list", "metadata", "tag", "include",
  ]

  private func group(_ file: TaskFile, named inherited: String? = nil, replacing others: JSONObject) throws(DataError)
    -> TaskGroup
  {
    let name = inherited ?? file.settings["group"]?.string ?? ""
    var overrides = JSONObject(file.settings.members.filter { !Self.groupKeys.contains($0.key) })
    for (key, value) in others.members { overrides[key] = value }
    guard let members = file.settings["task"].map({ $0.array ?? [$0] }), !members.isEmpty else {
      throw file.error(at: "task", "a group lists its tasks")
    }
    var children: [TaskNode] = []
    for member in members { children += try nodes(of: member, in: name, file, overrides) }
    return TaskGroup(
      name: name, alias: file.settings["group_alias"]?.string ?? name, children: children,
      averages: try Self.averages(of: file), version: file.settings["metadata"]?["version"])
  }

  private func nodes(
    of member: JSONValue, in group: String, _ file: TaskFile, _ overrides: JSONObject
  ) throws(DataError) -> [TaskNode] {
    var own = overrides
    let base: String
    if let name = member.string {
      base = name
    } else if let settings = member.object {
      if let name = settings["group"]?.string {
        if entries[name] != nil {
          for (key, value) in settings.members where key != "group" { own[key] = value }
          return try nodes(named: name, replacing: own)
        }
        var inner = file
        inner.settings = settings
        return [.group(try self.group(inner, named: "\(group)::\(name)", replacing: overrides))]
      }
      guard let name = settings["task"]?.string else {
        throw file.error(at: "task", "an entry of the group needs a task or a group")
      }
      base = name
      for (key, value) in settings.members { own[key] = value }
    } else {
      throw file.error(at: "task", "an entry of the group is neither a name nor a mapping")
    }
    if entries[base] == nil, tags[base] == nil {
      // A task that stands only here.
      guard own["doc_to_text"] != nil else { throw unknown(base) }
      own["task"] = .string("\(group)::\(base)")
      var inner = file
      inner.settings = own
      return [.task(try configuration(inner))]
    }
    return try nodes(named: base, replacing: own)
  }

  private static func averages(of file: TaskFile) throws(DataError) -> [TaskGroup.Average] {
    let key = "aggregate_metric_list"
    guard let value = file.settings[key], !value.isNull else { return [] }
    var made: [TaskGroup.Average] = []
    for entry in value.array ?? [value] {
      guard let metric = entry["metric"]?.string else { throw file.error(at: key, "each entry needs a metric") }
      if let way = entry["aggregation"], way.string != "mean" {
        throw file.error(at: key, "groups are averaged by mean, not by \(way.pythonFunction ?? way.serialized())")
      }
      let filters = entry["filter_list"].flatMap { $0.isNull ? nil : $0.array ?? [$0] }?.compactMap(\.string)
      made.append(
        TaskGroup.Average(metric: metric, filters: filters, weighsBySize: entry["weight_by_size"]?.bool ?? true))
    }
    return made
  }
}
