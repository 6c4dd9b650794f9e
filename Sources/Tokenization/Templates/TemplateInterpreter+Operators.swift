import Foundation

/// What operators do with values, as in Jinja: arithmetic, comparison, membership.
extension TemplateInterpreter {
  func arithmetic(
    _ symbol: String, _ left: TemplateValue, _ right: TemplateValue
  ) throws -> TemplateValue {
    if symbol == "~" { return .string(try bounded(text(of: left) + text(of: right))) }
    switch (symbol, left, right) {
    case ("+", .string(let a), .string(let b)): return .string(try bounded(a + b))
    case ("+", .sequence(let a), .sequence(let b)) where a.isTuple == b.isTuple:
      try charge((a.elements.count + b.elements.count) / 16)
      return .list(a.elements + b.elements, isTuple: a.isTuple)
    case ("%", .string(let text), _):
      switch right {
      case .sequence(let list) where list.isTuple:
        return .string(try TemplateFormat.percent(text, list.elements, [:], self))
      case .dictionary(let dictionary):
        let named = Dictionary(dictionary.members.map { ($0.key.text, $0.value) }) { $1 }
        return .string(try TemplateFormat.percent(text, [right], named, self))
      default: return .string(try TemplateFormat.percent(text, [right], [:], self))
      }
    case ("*", .sequence(let list), _) where right.integer != nil:
      let count = max(0, right.integer ?? 0)
      guard list.weight.multipliedReportingOverflow(by: count).overflow == false,
        list.weight * count <= Self.heaviest
      else { throw fault("a value of more than \(Self.heaviest) parts") }
      return .list((0..<count).flatMap { _ in list.elements }, isTuple: list.isTuple)
    case ("*", .string(let text), _) where right.integer != nil:
      return .string(try repeated(text, right.integer ?? 0))
    case ("*", _, .string(let text)) where left.integer != nil:
      return .string(try repeated(text, left.integer ?? 0))
    default: break
    }
    if let a = left.integer, let b = right.integer { return try whole(symbol, a, b) }
    guard let a = left.number, let b = right.number else {
      if case .undefined(let why) = left { throw fault(why) }
      if case .undefined(let why) = right { throw fault(why) }
      throw fault("\(left.kind) \(symbol) \(right.kind) has no meaning")
    }
    switch symbol {
    case "+": return .double(a + b)
    case "-": return .double(a - b)
    case "*": return .double(a * b)
    case "**": return .double(pow(a, b))
    default:
      guard b != 0 else { throw fault("division by zero") }
      if symbol == "/" { return .double(a / b) }
      let quotient = (a / b).rounded(.down)
      return .double(symbol == "//" ? quotient : a - quotient * b)
    }
  }

  private func repeated(_ text: String, _ count: Int) throws -> String {
    let count = max(0, count)
    guard text.utf8.count.multipliedReportingOverflow(by: count).overflow == false,
      text.utf8.count * count <= Self.mostBytes
    else { throw fault("a text of more than \(Self.mostBytes) bytes") }
    return try bounded(String(repeating: text, count: count))
  }

  private func whole(_ symbol: String, _ a: Int, _ b: Int) throws -> TemplateValue {
    func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> TemplateValue {
      guard !result.overflow else { throw fault("a number of more than 64 bits") }
      return .int(result.partialValue)
    }
    switch symbol {
    case "+": return try checked(a.addingReportingOverflow(b))
    case "-": return try checked(a.subtractingReportingOverflow(b))
    case "*": return try checked(a.multipliedReportingOverflow(by: b))
    case "**":
      let value = pow(Double(a), Double(b))
      return b >= 0 && abs(value) < 9e15 ? .int(Int(value)) : .double(value)
    default:
      guard b != 0 else { throw fault("division by zero") }
      if symbol == "/" { return .double(Double(a) / Double(b)) }
      // Python rounds towards minus infinity.
      let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
      let shifts = remainder != 0 && (remainder < 0) != (b < 0)
      if symbol == "%" { return .int(shifts ? remainder + b : remainder) }
      let quotient = a.dividedReportingOverflow(by: b)
      guard !quotient.overflow else { throw fault("a number of more than 64 bits") }
      return .int(shifts ? quotient.partialValue - 1 : quotient.partialValue)
    }
  }

  /// One comparison.
  func compare(
    _ symbol: String, _ left: TemplateValue, _ right: TemplateValue
  ) throws -> Bool {
    try charge(min(left.weight, right.weight))
    try requireDefined(left)
    try requireDefined(right)
    switch symbol {
    case "==": return left == right
    case "!=": return left != right
    case "in": return try contains(right, left)
    case "not in": return try !contains(right, left)
    default: break
    }
    let order = try order(left, right)
    switch symbol {
    case "<": return order < 0
    case "<=": return order <= 0
    case ">": return order > 0
    default: return order >= 0
    }
  }

  /// -1, 0 or 1 as `left` comes before, with or after `right`.
  func order(_ left: TemplateValue, _ right: TemplateValue) throws -> Int {
    if let a = left.number, let b = right.number { return a < b ? -1 : a > b ? 1 : 0 }
    switch (left, right) {
    case (.string(let a), .string(let b)):
      if a.utf8.elementsEqual(b.utf8) { return 0 }
      return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    case (.sequence(let a), .sequence(let b)):
      let (a, b) = (a.elements, b.elements)
      for (x, y) in zip(a, b) where x != y { return try nested { try order(x, y) } }
      return a.count < b.count ? -1 : a.count > b.count ? 1 : 0
    case (.undefined(let why), _), (_, .undefined(let why)): throw fault(why)
    default: throw fault("\(left.kind) and \(right.kind) have no order")
    }
  }

  /// Whether `container` holds `element`.
  func contains(_ container: TemplateValue, _ element: TemplateValue) throws -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let part) = element else {
        throw fault("only a string can be in a string, not \(element.kind)")
      }
      try charge(text.utf8.count / 64)
      return part.isEmpty
        || !TemplateText.find(
          Array(part.unicodeScalars), in: Array(text.unicodeScalars), limit: 1
        ).isEmpty
    case .dictionary(let dictionary): return dictionary[element] != nil
    case .sequence(let list):
      try charge(min(container.weight, list.elements.count * element.weight))
      return list.elements.contains(element)
    case .undefined: return false
    default: throw fault("\(container.kind) holds nothing that could be looked for")
    }
  }
}
