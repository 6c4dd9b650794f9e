extension TemplateFilters {
  /// Filters of lists, and of what can be listed.
  static func ofSequences(
    _ name: String, _ value: TemplateValue, _ arguments: EvaluatedArguments,
    _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    // As in Jinja, those that choose or change elements ask first whether there is anything, and None has nothing.
    let asks = ["map", "select", "reject", "selectattr", "rejectattr"].contains(name)
    let elements = asks && !value.isTrue ? [] : try machine.elements(of: value)
    try machine.charge(elements.count)
    switch name {
    case "list": return .list(elements)
    case "first": return elements.first ?? .undefined("the sequence is empty")
    case "last": return elements.last ?? .undefined("the sequence is empty")
    case "reverse":
      if case .string = value { return .string(elements.reversed().map(\.text).joined()) }
      return .list(elements.reversed())
    case "join":
      let separator = arguments.value(0, "d")?.text ?? ""
      let key = arguments.value(1, "attribute")
      let texts = try elements.map { try machine.text(of: attribute(key, of: $0, machine)) }
      let total = texts.reduce(separator.utf8.count * texts.count) { $0 + $1.utf8.count }
      guard total <= TemplateInterpreter.mostBytes else {
        throw machine.fault("a text of more than \(TemplateInterpreter.mostBytes) bytes")
      }
      return .string(try machine.bounded(texts.joined(separator: separator)))
    case "map": return try mapped(elements, arguments, machine)
    case "select", "reject", "selectattr", "rejectattr":
      return try selected(name, elements, arguments, machine)
    case "sort":
      return .list(
        try sorted(
          elements, by: arguments.value(2, "attribute"),
          matchingCase: arguments.value(1, "case_sensitive")?.isTrue ?? false,
          reversed: arguments.value(0, "reverse")?.isTrue ?? false, machine))
    case "slice":
      // As many columns, the first ones longer by one where they can't be equal.
      let count = min(max(arguments.value(0, "slices")?.integer ?? 1, 1), 10_000)
      let fill = arguments.value(1, "fill_with")
      let (each, longer) = (elements.count / count, elements.count % count)
      return .list(
        (0..<count).map { i in
          let start = i * each + min(i, longer)
          let column = Array(elements[start..<start + each + (i < longer ? 1 : 0)])
          return .list(column + (longer > 0 && i >= longer ? fill.map { [$0] } ?? [] : []))
        })
    case "groupby":
      let key = arguments.value(0, "attribute")
      let matches = arguments.value(2, "case_sensitive")?.isTrue ?? false
      let ordered = try sorted(elements, by: key, matchingCase: matches, reversed: false, machine)
      var groups: [(key: TemplateValue, mark: TemplateValue, elements: [TemplateValue])] = []
      for element in ordered {
        let value = try attribute(key, of: element, machine)
        let mark = folded(value, matchingCase: matches)
        if groups.last?.mark == mark {
          groups[groups.count - 1].elements.append(element)
        } else {
          groups.append((value, mark, [element]))
        }
      }
      return .list(groups.map { .list([$0.key, .list($0.elements)], isTuple: true) })
    case "dictsort":
      guard case .dictionary(let dictionary) = value else {
        throw machine.fault("dictsort needs a mapping, not \(value.kind)")
      }
      let byValue = arguments.value(1, "by")?.text == "value"
      return .list(
        try sorted(
          dictionary.members.map { .list([$0.key, $0.value], isTuple: true) },
          by: .int(byValue ? 1 : 0),
          matchingCase: arguments.value(0, "case_sensitive")?.isTrue ?? false,
          reversed: arguments.value(2, "reverse")?.isTrue ?? false, machine))
    case "unique":
      let key = arguments.value(1, "attribute")
      var seen: [TemplateValue] = []
      return .list(
        try elements.filter { element in
          let mark = folded(
            try attribute(key, of: element, machine),
            matchingCase: arguments.value(0, "case_sensitive")?.isTrue ?? false)
          try machine.charge(seen.count / 4 + mark.weight)
          if seen.contains(mark) { return false }
          seen.append(mark)
          return true
        })
    case "max", "min":
      let ordered = try sorted(
        elements, by: arguments.value(1, "attribute"),
        matchingCase: arguments.value(0, "case_sensitive")?.isTrue ?? false, reversed: false,
        machine)
      return (name == "max" ? ordered.last : ordered.first) ?? .undefined("the sequence is empty")
    case "sum":
      let key = arguments.value(0, "attribute")
      var whole = arguments.value(1, "start")?.integer ?? 0
      var fraction = 0.0
      var isWhole = true
      for element in elements {
        let term = try attribute(key, of: element, machine)
        if let number = term.integer {
          let (sum, overflow) = whole.addingReportingOverflow(number)
          guard !overflow else { throw machine.fault("a number of more than 64 bits") }
          whole = sum
        } else if let number = term.number {
          fraction += number
          isWhole = false
        } else {
          throw machine.fault("sum needs numbers, not \(term.kind)")
        }
      }
      return isWhole ? .int(whole) : .double(Double(whole) + fraction)
    default:
      let size = max(arguments.value(0, "linecount")?.integer ?? 1, 1)
      let fill = arguments.value(1, "fill_with")
      return .list(
        stride(from: 0, to: elements.count, by: size).map { start in
          var row = Array(elements[start..<min(start + size, elements.count)])
          if let fill, elements.count > start {
            row += repeatElement(fill, count: min(size - row.count, 10_000))
          }
          return .list(row)
        })
    }
  }

  /// The attribute that a dotted path names; the value itself without a path.
  private static func attribute(
    _ path: TemplateValue?, of value: TemplateValue, _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    switch path {
    case nil, .some(.none): return value
    case .int(let index)?:
      let elements = try machine.elements(of: value)
      return elements.indices.contains(index) ? elements[index] : .undefined("no element \(index)")
    case let name?:
      var value = value
      for part in name.text.split(separator: ".") {
        if case .undefined = value { return value }
        if case .dictionary(let dictionary) = value {
          value = dictionary[.string(String(part))] ?? .undefined("the mapping has no '\(part)'")
        } else {
          value = try machine.attribute(String(part), of: value)
        }
      }
      return value
    }
  }

  private static func mapped(
    _ elements: [TemplateValue], _ arguments: EvaluatedArguments, _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    if let path = arguments.named["attribute"] {
      return .list(
        try elements.map { element in
          let value = try attribute(path, of: element, machine)
          if case .undefined = value, let fallback = arguments.named["default"] { return fallback }
          return value
        })
    }
    guard case .string(let name)? = arguments.positional.first else {
      throw machine.fault("map needs the name of a filter or attribute=…")
    }
    var rest = arguments
    rest.positional.removeFirst()
    return .list(try elements.map { try apply(name, to: $0, rest, machine) })
  }

  private static func selected(
    _ name: String, _ elements: [TemplateValue], _ arguments: EvaluatedArguments,
    _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    var rest = arguments.positional[...]
    let path = name.hasSuffix("attr") ? rest.popFirst() : nil
    if name.hasSuffix("attr"), path == nil { throw machine.fault("\(name) needs an attribute") }
    let test = rest.popFirst()?.text
    let keeps = name.hasPrefix("select")
    return .list(
      try elements.filter { element in
        let value = try attribute(path, of: element, machine)
        let passes =
          try test.map { try TemplateTests.passes($0, value, Array(rest), machine) } ?? value.isTrue
        return passes == keeps
      })
  }

  private static func folded(_ value: TemplateValue, matchingCase: Bool) -> TemplateValue {
    if case .string(let text) = value, !matchingCase { return .string(text.lowercased()) }
    return value
  }

  private static func sorted(
    _ elements: [TemplateValue], by path: TemplateValue?, matchingCase: Bool, reversed: Bool,
    _ machine: TemplateInterpreter
  ) throws -> [TemplateValue] {
    let keyed = try elements.map { element -> (TemplateValue, TemplateValue) in
      try machine.charge(element.weight)
      return (
        folded(try attribute(path, of: element, machine), matchingCase: matchingCase), element
      )
    }
    try machine.charge(elements.count * 8)
    // Stable both ways, as Python's sort is.
    return try keyed.enumerated().sorted { a, b in
      let order = try machine.order(a.element.0, b.element.0)
      if order == 0 { return a.offset < b.offset }
      return reversed ? order > 0 : order < 0
    }.map { $0.element.1 }
  }
}
