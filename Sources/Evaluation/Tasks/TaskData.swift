import Documents
import Foundation

/// The documents of a task, read from local files a split at a time.
///
/// `dataset_path` is `json`, `csv` or `text` with `data_files`, a folder, or the name of a data set that lies under the folder of
/// data sets by its name; nothing is fetched. Two keys of `dataset_kwargs` are this package's own: `records` says where the
/// records of a nested file are (``RecordPath``), `labels` names a file with a label a line.
struct TaskData: Sendable {
  private let file: TaskFile
  private let folder: String?
  private let format: DataFormat?
  private let arguments: JSONObject
  private let columns: [String]?
  private let records: RecordPath?

  /// The data of a task.
  ///
  /// - Parameter folder: where data sets lie that tasks call by name, and files that they call by a relative path.
  init(_ file: TaskFile, folder: String?) throws(DataError) {
    self.file = file
    self.folder = folder
    arguments = file.settings["dataset_kwargs"]?.object ?? JSONObject()
    switch file.settings["dataset_path"]?.string {
    case "json": format = .json
    case "csv": format = .csv
    case "text": format = .text
    case "parquet": throw Self.parquet(file, file.path)
    default: format = nil
    }
    columns = (arguments["names"] ?? arguments["column_names"])?.array?.compactMap(\.string)
    records = try (arguments["records"] ?? arguments["field"].map { .string("\($0.string ?? "")[]") })?.string
      .map { (text) throws(DataError) in try RecordPath(text, of: file) }
  }

  private static func parquet(_ file: TaskFile, _ path: String) -> DataError {
    file.error(
      at: "dataset_path", "Parquet files aren't read (\(path))",
      advice: "Write JSON Lines once: python3 -c \"import pandas, sys; pandas.read_parquet(sys.argv[1])"
        + ".to_json(sys.argv[2], orient='records', lines=True)\" IN.parquet OUT.jsonl")
  }

  /// The documents of a split, every one with the same columns.
  func documents(of split: String) throws(DataError) -> [JSONObject] {
    if let name = file.settings["dataset_path"]?.string, name == GeneratedTask.path {
      return try GeneratedTask(file, split: split).documents()
    }
    var documents: [JSONObject] = []
    for path in try files(of: split) { documents += try read(path) }
    guard !documents.isEmpty else { throw file.error(at: "dataset_path", "the split '\(split)' holds no document") }
    return Self.unified(documents)
  }

  // MARK: Files

  private func files(of split: String) throws(DataError) -> [String] {
    if format != nil || arguments["data_files"] != nil {
      guard let named = arguments["data_files"] else {
        throw file.error(at: "dataset_kwargs", "data_files is missing: which files are the data?")
      }
      if let splits = named.object {
        guard let names = splits[split] else {
          throw file.error(
            at: "dataset_kwargs", "data_files has no split '\(split)'; it has \(splits.keys.joined(separator: ", "))")
        }
        return try paths(names)
      }
      // Without splits all is the split for training, as in the library datasets.
      guard split == "train" else {
        throw file.error(at: "dataset_kwargs", "data_files names no splits, so that all is 'train', and not '\(split)'")
      }
      return try paths(named)
    }
    let name = file.settings["dataset_path"]?.string ?? ""
    let part = file.settings["dataset_name"]?.string
    for place in places(of: name, part) {
      let found = Self.files(in: place, split: split)
      if !found.isEmpty { return found }
    }
    let wanted = [name, part].compactMap { $0 }.joined(separator: "/")
    throw DataError(
      .noInput, path: file.path,
      problem: "task '\(file.settings["task"]?.string ?? "")' needs the split '\(split)' of the data set '\(wanted)', "
        + (folder.map { "which isn't below \($0)" } ?? "and no folder of data sets is given"),
      advice: "Nothing is downloaded: put its files into DIR/\(wanted)/ as \(split).jsonl and give --data-dir DIR.")
  }

  private func places(of name: String, _ part: String?) -> [String] {
    let bare = name.split(separator: "/").last.map(String.init) ?? name
    let near = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
    var places: [String] = []
    for root in [folder, near, "."].compactMap({ $0 }) {
      for base in [name, bare] {
        if let part { places += ["\(root)/\(base)/\(part)", "\(root)/\(base)-\(part)"] }
        places.append("\(root)/\(base)")
      }
      if root == folder, let part { places.append("\(root)/\(part)") }
    }
    if name.hasPrefix("/") { places.insert(name, at: 0) }
    return places
  }

  /// The files of a split at a place: in a folder, by what their names say of it; or one file of that name, whatever the split.
  private static func files(in place: String, split: String) -> [String] {
    var isFolder: ObjCBool = false
    let manager = FileManager.default
    guard manager.fileExists(atPath: place, isDirectory: &isFolder) else {
      let endings = ["jsonl", "json", "csv", "tsv"].flatMap { [$0, "\($0).gz"] }
      return endings.map { "\(place).\($0)" }.first { manager.fileExists(atPath: $0) }.map { [$0] } ?? []
    }
    guard isFolder.boolValue else { return [place] }
    let words: [String] =
      switch split {
      case "train": ["train", "training"]
      case "validation": ["validation", "valid", "dev", "val"]
      case "test": ["test", "testing", "eval", "evaluation"]
      default: [split]
      }
    let names = ((try? manager.contentsOfDirectory(atPath: place)) ?? []).filter {
      DataFormat(path: $0) != nil || $0.hasSuffix(".parquet")
    }.sorted()
    return names.filter { name in
      let parts = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
      return words.contains { parts.contains($0) }
    }.map { "\(place)/\($0)" }
  }

  private func paths(_ value: JSONValue) throws(DataError) -> [String] {
    var paths: [String] = []
    for name in value.array ?? [value] {
      guard let text = name.string else { throw file.error(at: "dataset_kwargs", "data_files must be names of files") }
      paths.append(try path(of: text))
    }
    return paths
  }

  private func path(of name: String) throws(DataError) -> String {
    let isRemote = name.contains("://")
    let bare = isRemote ? name.split(separator: "/").last.map(String.init) ?? name : name
    let near = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
    var candidates = bare.hasPrefix("/") ? [bare] : []
    if !bare.hasPrefix("/") {
      candidates = [folder.map { "\($0)/\(bare)" }, isRemote ? nil : "\(near)/\(bare)", isRemote ? nil : bare]
        .compactMap { $0 }
    }
    for candidate in candidates + candidates.map({ "\($0).gz" }) where FileManager.default.fileExists(atPath: candidate)
    {
      return candidate
    }
    throw DataError(
      .noInput, path: candidates.first ?? name,
      problem: "task '\(file.settings["task"]?.string ?? "")' needs this file, and it isn't there",
      advice: isRemote
        ? "Nothing is downloaded: fetch \(name) yourself and give its folder with --data-dir."
        : "Give the folder that holds \(bare) with --data-dir.")
  }

  // MARK: Reading

  private func read(_ path: String) throws(DataError) -> [JSONObject] {
    let bare = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    if bare.hasSuffix(".parquet") { throw Self.parquet(file, path) }
    if let records, DataFormat(path: path) == .json {
      return try labelled(records.objects(in: JSONValue(contentsOf: path)), path)
    }
    let kind = DataFormat(path: path) ?? format ?? .jsonLines
    let separator = (arguments["delimiter"] ?? arguments["sep"])?.string
    let table = separator == "\t" ? DataFormat.tsv : kind
    let reader = try RecordReader(
      paths: [path], options: .init(format: table, textDivision: .lines, columns: columns))
    var documents: [JSONObject] = []
    while let record = try reader.next() { documents.append(record.fields) }
    if table == .csv || table == .tsv { documents = TypedColumns.inferred(documents) }
    if let records { documents = try records.objects(in: .array(documents.map { .object($0) })) }
    return try labelled(documents, path)
  }

  /// The documents with the labels that a file of its own has for them.
  private func labelled(_ documents: [JSONObject], _ path: String) throws(DataError) -> [JSONObject] {
    guard let labels = arguments["labels"], let ending = labels["file"]?.string, let column = labels["column"]?.string
    else { return documents }
    // Beside `valid.jsonl` lies `valid-labels.lst`.
    let stem = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
    let place = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(stem + ending).path
    let lines = try FileContents.text(of: place).split(whereSeparator: \.isNewline).map { PythonText.strip(String($0)) }
    guard lines.count == documents.count else {
      throw DataError(
        .badData, path: place, problem: "it has \(lines.count) labels for the \(documents.count) records of \(path)")
    }
    return zip(documents, lines).map { document, label in
      var document = document
      document[column] = Int(label).map { .int($0) } ?? .string(label)
      return document
    }
  }

  /// The documents with the columns of all of them, null where one has none, and with numbers of one kind a column, as a table has
  /// them.
  private static func unified(_ documents: [JSONObject]) -> [JSONObject] {
    var names: [String] = []
    var places: [String: Int] = [:]
    var kinds: [NumberKinds] = []
    for document in documents {
      for (name, value) in document.members {
        if let place = places[name] {
          kinds[place].add(value)
        } else {
          places[name] = names.count
          names.append(name)
          kinds.append(NumberKinds(value))
        }
      }
    }
    return documents.map { document in
      let isWhole = document.keys == names
      if isWhole, !kinds.contains(where: \.isMixed) { return document }
      return JSONObject(
        zip(names, kinds).enumerated().map { place, column in
          let value = isWhole ? document.members[place].value : document[column.0] ?? .null
          return (key: column.0, value: column.1.isMixed ? column.1.unified(value) : value)
        })
    }
  }
}

/// Which numbers of a column, and of the lists and objects in it, are whole: where some are and some aren't, all become fractions.
private struct NumberKinds {
  private var hasWhole = false
  private var hasFraction = false
  private var parts: [String: NumberKinds] = [:]

  init(_ value: JSONValue) { add(value) }

  mutating func add(_ value: JSONValue) {
    switch value {
    case .int: hasWhole = true
    case .double: hasFraction = true
    case .array(let elements): for element in elements { add(element, at: "") }
    case .object(let object): for member in object.members { add(member.value, at: member.key) }
    default: break
    }
  }

  private mutating func add(_ value: JSONValue, at key: String) {
    if case .string = value { return }
    parts[key, default: NumberKinds(.null)].add(value)
  }

  var isMixed: Bool { hasWhole && hasFraction || parts.values.contains(where: \.isMixed) }

  func unified(_ value: JSONValue) -> JSONValue {
    switch value {
    case .int(let number) where hasFraction: .double(Double(number))
    case .array(let elements): .array(elements.map { parts[""]?.unified($0) ?? $0 })
    case .object(let object):
      .object(JSONObject(object.members.map { (key: $0.key, value: parts[$0.key]?.unified($0.value) ?? $0.value) }))
    default: value
    }
  }
}
