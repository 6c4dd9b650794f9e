public import Documents

extension ProgrammingLanguage {
  /// A language that a YAML or JSON file describes.
  ///
  /// ```yaml
  /// name: lua
  /// extension: lua
  /// program: lua5.4
  /// run: ["{program}", "{source}"]
  /// assertions: ["assertion failed"]
  /// ```
  /// Further keys are `aliases`, `compile`, `test_words`, `epilogue`, `memory_errors`, `folders`, `environment`,
  /// `limits_addresses` and `fails_by_status`; they are ``ProgrammingLanguage``'s fields.
  ///
  /// - Throws: `DataError` with the line and what is wrong there.
  public init(contentsOf path: String) throws(DataError) {
    let fields = try StructuredFile(path: path).fields()
    try fields.allowOnly(
      "name", "aliases", "extension", "program", "programs", "compile", "test_words", "run", "epilogue", "assertions",
      "memory_errors", "folders", "environment", "limits_addresses", "fails_by_status")
    func words(_ key: String, _ unless: [String] = []) throws(DataError) -> [String] {
      guard fields[key] != nil else { return unless }
      var words: [String] = []
      for value in try fields.list(key) {
        guard let word = value.string else { throw fields.error(at: key, "must be a list of strings") }
        words.append(word)
      }
      return words
    }
    func flag(_ key: String, _ unless: Bool) throws(DataError) -> Bool {
      guard let value = fields[key] else { return unless }
      guard let flag = value.bool else { throw fields.error(at: key, "must be true or false") }
      return flag
    }
    func text(_ key: String) throws(DataError) -> String { fields[key] == nil ? "" : try fields.string(key) }
    let name = try fields.string("name")
    let programs = fields["program"] == nil ? try words("programs") : [try fields.string("program")]
    let run = try words("run", ["{program}", "{source}"])
    guard !programs.isEmpty else {
      throw fields.error(at: "name", "has no program: give \"program\", what runs or compiles it")
    }
    guard !run.isEmpty else { throw fields.error(at: "run", "must have at least one word") }
    var environment: [String: String] = [:]
    if fields["environment"] != nil {
      let variables = try fields.fields("environment")
      for key in variables.members.keys { environment[key] = try variables.string(key) }
    }
    let folders = try words("folders")
    if let bad = folders.first(where: { !$0.hasPrefix("/") }) {
      throw fields.error(at: "folders", "must be absolute paths, not \"\(bad)\"")
    }
    self.init(
      name, aliases: try words("aliases"),
      fileExtension: fields["extension"] == nil ? name : try fields.string("extension"),
      programs: programs, compile: try words("compile"), testWords: try words("test_words"), run: run,
      epilogue: try text("epilogue"), assertions: try words("assertions"), memoryErrors: try words("memory_errors"),
      folders: folders, environment: environment, limitsAddresses: try flag("limits_addresses", true),
      failsByStatus: try flag("fails_by_status", false))
  }
}
