import Documents

/// Where the records of a nested file are: `data[].paragraphs[].qas[]` of SQuAD, `*.qa_pairs[]` of DROP.
///
/// A name with `[]` goes through the elements of a list, `*` through the values of an object. A record has the other members of
/// what it lies in too, its own first.
struct RecordPath: Sendable {
  private let steps: [(name: String, isList: Bool)]

  init(_ text: String, of file: TaskFile) throws(DataError) {
    steps = text.split(separator: ".").map { part in
      part.hasSuffix("[]") ? (String(part.dropLast(2)), true) : (String(part), false)
    }
    guard !steps.isEmpty else { throw file.error(at: "dataset_kwargs", "records names no place") }
  }

  /// The records of a document.
  func objects(in value: JSONValue) throws(DataError) -> [JSONObject] { walk(value, steps[...], JSONObject()) }

  private func walk(_ value: JSONValue, _ steps: ArraySlice<(name: String, isList: Bool)>, _ outer: JSONObject)
    -> [JSONObject]
  {
    guard let step = steps.first else {
      guard let object = value.object else { return [] }
      var made = object
      for (key, value) in outer.members where made[key] == nil { made[key] = value }
      return [made]
    }
    let rest = steps.dropFirst()
    if step.name == "*" {
      if let elements = value.array { return elements.flatMap { walk($0, rest, outer) } }
      return (value.object?.members ?? []).flatMap { walk($0.value, rest, outer) }
    }
    // A list of objects is gone through by itself.
    if let elements = value.array { return elements.flatMap { walk($0, steps, outer) } }
    guard let object = value.object, let inner = object[step.name] else { return [] }
    var around = outer
    for (key, value) in object.members where key != step.name { around[key] = value }
    if step.isList { return (inner.array ?? []).flatMap { walk($0, rest, around) } }
    return walk(inner, rest, around)
  }
}

/// The types of a table's columns, as pandas tells them from text: whole numbers, numbers, truth values, text.
enum TypedColumns {
  private static let missing: Set<String> = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL",
    "NaN", "None", "n/a", "nan", "null",
  ]

  /// The same rows with typed values.
  static func inferred(_ rows: [JSONObject]) -> [JSONObject] {
    guard let names = rows.first?.keys else { return rows }
    let readers = names.indices.map { column in reader(of: rows.map { $0.members[column].value.string ?? "" }) }
    return rows.map { row in
      JSONObject(
        row.members.enumerated().map { place, member in
          (key: member.key, value: readers[place](member.value.string ?? ""))
        })
    }
  }

  private static func reader(of values: [String]) -> (String) -> JSONValue {
    let given = values.filter { !missing.contains($0) }
    func typed(_ read: @escaping (String) -> JSONValue) -> (String) -> JSONValue {
      { missing.contains($0) ? .null : read($0) }
    }
    if given.isEmpty { return { _ in .null } }
    if given.count == values.count, given.allSatisfy({ Int($0) != nil }) { return { .int(Int($0) ?? 0) } }
    if given.allSatisfy({ number($0) != nil }) { return typed { .double(number($0) ?? .nan) } }
    if given.count == values.count, given.allSatisfy({ ["true", "false"].contains($0.lowercased()) }) {
      return { .bool($0.lowercased() == "true") }
    }
    return typed { .string($0) }
  }

  private static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, (48...57).contains(first) || [43, 45, 46].contains(first) else { return nil }
    return Double(text)
  }
}
