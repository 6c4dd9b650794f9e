public import Documents
import Sandbox

extension CodeTask {
  /// Reads a set of problems: HumanEval, HumanEval+, MBPP or MultiPL-E, one JSON object a line, gzipped or not.
  ///
  /// - Throws: `DataError` with the line: a field that is missing, an identifier that stands there twice, a set of no problems.
  public static func read(contentsOf path: String) throws(DataError) -> [CodeTask] {
    let reader = try RecordReader(paths: [path], options: .init(format: .jsonLines))
    var tasks: [CodeTask] = []
    var lines: [String: Int] = [:]
    while let record = try reader.next() {
      let task = try CodeTask(record)
      if let line = lines[task.id] {
        throw record.error("the task '\(task.id)' stands in line \(line) already", advice: "Give each problem once.")
      }
      lines[task.id] = record.origin.line
      tasks.append(task)
    }
    guard !tasks.isEmpty else { throw DataError(.badData, path: path, problem: "there is no problem in the file") }
    return tasks
  }

  /// The problem in a record, by the fields that it has.
  public init(_ record: Record) throws(DataError) {
    if record.holds("task_id", "test_list") {
      try self.init(mbpp: record)
    } else if record.holds("name", "tests", "language") {
      try self.init(multiPLE: record)
    } else if record.holds("task_id", "base_input") {
      try self.init(plus: record)
    } else {
      self.init(
        id: try record.text(in: "task_id"), prompt: try record.text(in: "prompt"),
        entryPoint: try record.entryPoint(), canonicalSolution: record["canonical_solution"]?.string,
        tests: try record.text(in: "test"))
    }
  }

  // MARK: MBPP

  private init(mbpp record: Record) throws(DataError) {
    let id = record["task_id"]?.int.map { "\($0)" } ?? record["task_id"]?.string
    guard let id else { throw record.error("the field 'task_id' is neither a number nor a string") }
    let list = try record.texts(in: "test_list")
    guard !list.isEmpty else { throw record.error("the field 'test_list' has no test") }
    let setup = (record["test_setup_code"]?.string ?? "").replacing("\r\n", with: "\n")
    let text = try record.text(in: record.holds("text") ? "text" : "prompt")
    self.init(
      id: "MBPP/\(id)", shape: .mbpp, prompt: "\"\"\"\n\(text)\n\(list.joined(separator: "\n"))\n\"\"\"\n",
      entryPoint: "",
      canonicalSolution: record["code"]?.string?.replacing("\r\n", with: "\n"),
      tests: ((setup.isEmpty ? [] : [setup]) + list).joined(separator: "\n"))
  }

  // MARK: HumanEval+

  /// The inputs are called with the canonical solution and the candidate, as EvalPlus's own evaluator does it.
  private init(plus record: Record) throws(DataError) {
    let prompt = try record.text(in: "prompt"), entryPoint = try record.entryPoint()
    let solution = try record.text(in: "canonical_solution")
    func inputs(_ name: String) throws(DataError) -> [JSONValue] {
      guard let value = record[name] else { return [] }
      guard let list = value.array else { throw record.error("the field '\(name)' is \(value.kind), not an array") }
      return list
    }
    let all = try inputs("base_input") + inputs("plus_input")
    guard !all.isEmpty else { throw record.error("there is no input to test with") }
    let tolerance = record["atol"]?.double ?? 0
    self.init(
      id: try record.text(in: "task_id"), shape: .humanEvalPlus, prompt: prompt, entryPoint: entryPoint,
      canonicalSolution: solution,
      tests: Self.comparison(
        reference: prompt + solution, entryPoint: entryPoint, inputs: .array(all), tolerance: tolerance))
  }

  private static func comparison(
    reference: String, entryPoint: String, inputs: JSONValue, tolerance: Double
  ) -> String {
    """
    import copy, json
    expected = {}
    exec(compile(json.loads(\(pythonString(JSONValue.string(reference).serialized(ascii: true)))), "reference", "exec"), expected)

    def agree(got, wanted):
        if isinstance(wanted, float) and isinstance(got, (int, float)) and not isinstance(got, bool):
            return got == wanted or abs(got - wanted) <= \(max(tolerance, 1e-6)) + 1e-07 * abs(wanted)
        if isinstance(wanted, (list, tuple)) and type(got) is type(wanted):
            return len(got) == len(wanted) and all(map(agree, got, wanted))
        return got == wanted

    def check(candidate):
        for inputs in json.loads(\(pythonString(inputs.serialized(ascii: true)))):
            wanted = expected["\(entryPoint)"](*copy.deepcopy(inputs))
            assert agree(candidate(*inputs), wanted), inputs
    """
  }

  /// Text without line breaks as a string of Python.
  private static func pythonString(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }

  // MARK: MultiPL-E

  private init(multiPLE record: Record) throws(DataError) {
    let language = try record.text(in: "language")
    guard let known = ProgrammingLanguage.named(language) else {
      let names = ProgrammingLanguage.builtIn.map(\.name).joined(separator: ", ")
      throw record.error("the language '\(language)' is not known here; known are \(names)")
    }
    self.init(
      id: try record.text(in: "name"), shape: .multiPLE, language: known.name, prompt: try record.text(in: "prompt"),
      entryPoint: "", tests: try record.text(in: "tests"),
      stops: record.holds("stop_tokens") ? try record.texts(in: "stop_tokens") : nil)
  }

  // MARK: Out

  /// The problem as a record of HumanEval's format.
  public var humanEvalRecord: JSONObject {
    var record: JSONObject = ["task_id": .string(id), "prompt": .string(prompt), "entry_point": .string(entryPoint)]
    if let canonicalSolution { record["canonical_solution"] = .string(canonicalSolution) }
    record["test"] = .string(tests)
    return record
  }
}

extension Record {
  /// The name of the function that is asked for; it becomes part of a program, so it must be one.
  fileprivate func entryPoint() throws(DataError) -> String {
    let name = try text(in: "entry_point")
    guard name.wholeMatch(of: /[A-Za-z_][A-Za-z_0-9.]*/) != nil else {
      throw error("the field 'entry_point' is '\(name)', which is no name of a function")
    }
    return name
  }

  fileprivate func texts(in name: String) throws(DataError) -> [String] {
    let value = try value(in: name)
    guard let list = value.array else { throw error("the field '\(name)' is \(value.kind), not an array") }
    var texts: [String] = []
    for element in list {
      guard let text = element.string else {
        throw error("the field '\(name)' holds \(element.kind), not only strings")
      }
      texts.append(text)
    }
    return texts
  }
}
