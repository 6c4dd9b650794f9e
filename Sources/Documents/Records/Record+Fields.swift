extension Record {
  /// The string in a field.
  ///
  /// - Parameters:
  ///   - name: the field's name in this file.
  ///   - role: what the field is wanted for, such as "prompt", where the flag `--<role>-column` names it; nil
  ///     where nothing does.
  /// - Throws: ``DataError`` that lists the fields there are.
  public func text(in name: String, role: String? = nil) throws(DataError) -> String {
    switch try value(in: name, role: role) {
    case .string(let text): return text
    case let other:
      throw error("the field '\(name)' is \(other.kind), not a string")
    }
  }

  /// The value in a field, whatever its kind; see ``text(in:role:)``.
  public func value(in name: String, role: String? = nil) throws(DataError) -> JSONValue {
    if let value = fields[name] { return value }
    let names = fields.members.map { "'\($0.key)'" }.joined(separator: ", ")
    throw error(
      "the record has no field '\(name)'; it has \(names.isEmpty ? "none" : names)",
      advice: role.map { "Name the right one with --\($0)-column." })
  }
}
