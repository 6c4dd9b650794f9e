import Foundation

extension TemplateInterpreter {
  /// The value of an expression.
  func evaluate(
    _ expression: TemplateExpression, in scope: TemplateScope
  ) throws -> TemplateValue {
    try charge()
    let value = try nested { try unchecked(expression, in: scope) }
    guard value.weight <= Self.heaviest, value.height <= Self.deepest else {
      throw fault("a value of more than \(Self.heaviest) parts or \(Self.deepest) levels")
    }
    return value
  }

  private func unchecked(
    _ expression: TemplateExpression, in scope: TemplateScope
  ) throws -> TemplateValue {
    switch expression {
    case .literal(let literal): return TemplateValue(literal)
    case .name(let name): return resolve(name, in: scope)
    case .list(let elements, let isTuple):
      return .list(try elements.map { try evaluate($0, in: scope) }, isTuple: isTuple)
    case .dictionary(let members):
      var dictionary = TemplateDictionary()
      for (key, value) in members {
        dictionary[try evaluate(key, in: scope)] = try evaluate(value, in: scope)
      }
      return .dictionary(dictionary)
    case .attribute(let base, let name):
      return try attribute(name, of: evaluate(base, in: scope))
    case .item(let base, let index):
      return try item(evaluate(index, in: scope), of: evaluate(base, in: scope))
    case .slice(let base, let start, let stop, let step):
      func bound(_ expression: TemplateExpression?) throws -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression, in: scope)
        if case .none = value { return nil }
        guard let index = value.integer else {
          throw fault("a slice needs whole numbers, not \(value.kind)")
        }
        return index
      }
      return try slice(evaluate(base, in: scope), bound(start), bound(stop), bound(step))
    case .call(let callee, let arguments):
      return try call(callee, arguments, in: scope)
    case .filter(let base, let name, let arguments):
      let value = try evaluate(base, in: scope)
      if name != "default", name != "d" { try requireDefined(value) }
      return try TemplateFilters.apply(name, to: value, evaluated(arguments, in: scope), self)
    case .test(let base, let name, let arguments, let isNegated):
      let passes = try TemplateTests.passes(
        name, evaluate(base, in: scope), evaluated(arguments, in: scope).positional, self)
      return .bool(passes != isNegated)
    case .negative(let operand):
      switch try evaluate(operand, in: scope) {
      case .double(let value): return .double(-value)
      case let value:
        guard let whole = value.integer, whole != .min else {
          throw fault("\(value.kind) can't be negated")
        }
        return .int(-whole)
      }
    case .not(let operand): return .bool(try !truth(evaluate(operand, in: scope)))
    case .and(let left, let right):
      let value = try evaluate(left, in: scope)
      return try truth(value) ? try evaluate(right, in: scope) : value
    case .or(let left, let right):
      let value = try evaluate(left, in: scope)
      return try truth(value) ? value : try evaluate(right, in: scope)
    case .binary(let symbol, let left, let right):
      return try arithmetic(symbol, evaluate(left, in: scope), evaluate(right, in: scope))
    case .compare(let first, let rest):
      var left = try evaluate(first, in: scope)
      for (symbol, operand) in rest {
        let right = try evaluate(operand, in: scope)
        if try !compare(symbol, left, right) { return .bool(false) }
        left = right
      }
      return .bool(true)
    case .conditional(let value, let condition, let otherwise):
      if try truth(evaluate(condition, in: scope)) { return try evaluate(value, in: scope) }
      guard let otherwise else { return .undefined("the condition was false and has no else") }
      return try evaluate(otherwise, in: scope)
    }
  }

  func evaluated(
    _ arguments: TemplateArguments, in scope: TemplateScope
  ) throws -> EvaluatedArguments {
    var result = EvaluatedArguments()
    for (i, argument) in arguments.positional.enumerated() {
      let value = try evaluate(argument, in: scope)
      result.positional += arguments.spreads.contains(i) ? try elements(of: value) : [value]
    }
    for (name, value) in arguments.named {
      result.named[name] = try evaluate(value, in: scope)
      result.names.append(name)
    }
    for mapping in arguments.mappings {
      guard case .dictionary(let dictionary) = try evaluate(mapping, in: scope) else {
        throw fault("** needs a mapping")
      }
      for (key, value) in dictionary.members {
        result.named[key.text] = value
        result.names.append(key.text)
      }
    }
    return result
  }

  private func resolve(_ name: String, in scope: TemplateScope) -> TemplateValue {
    if let value = scope[name] { return value }
    let functions = ["range", "dict", "namespace", "raise_exception", "strftime_now"]
    return functions.contains(name) ? .function(name) : .undefined("'\(name)' is undefined")
  }

  // MARK: Access

  func attribute(_ name: String, of value: TemplateValue) throws -> TemplateValue {
    switch value {
    case .undefined(let why): throw fault("\(why), so it has no '\(name)'")
    case .loop(let loop): return loop[name] ?? .undefined("the loop has no '\(name)'")
    case .namespace(let namespace):
      return namespace.attributes[.string(name)] ?? .undefined("the namespace has no '\(name)'")
    case .dictionary(let dictionary):
      if TemplateMethods.ofMappings.contains(name) { return .method(name, of: [value]) }
      return dictionary[.string(name)] ?? .undefined("the mapping has no '\(name)'")
    case .string where TemplateMethods.ofStrings.contains(name): return .method(name, of: [value])
    case .sequence where TemplateMethods.ofLists.contains(name): return .method(name, of: [value])
    case .sequence where ["append", "extend", "insert", "pop", "remove"].contains(name):
      throw fault("lists can't be changed in a chat template; use list + [element]")
    default: return .undefined("\(value.kind) has no '\(name)'")
    }
  }

  func item(_ index: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
    switch (value, index) {
    case (.undefined(let why), _):
      throw fault("\(why), so it has no element \(index.representation)")
    case (.dictionary(let dictionary), _):
      if let found = dictionary[index] { return found }
      if case .string(let name) = index { return try attribute(name, of: value) }
      return .undefined("the mapping has no \(index.representation)")
    case (.sequence(let list), _) where index.integer != nil:
      let place = Self.place(index.integer ?? 0, list.elements.count)
      return place.map { list.elements[$0] } ?? .undefined("the list has no element \(index.text)")
    case (.string(let text), _) where index.integer != nil:
      let scalars = Array(text.unicodeScalars)
      try charge(scalars.count / 64)
      let place = Self.place(index.integer ?? 0, scalars.count)
      return place.map { .string(String(scalars[$0])) }
        ?? .undefined("the string has no character \(index.text)")
    case (_, .string(let name)): return try attribute(name, of: value)
    default: return .undefined("\(value.kind) has no element \(index.representation)")
    }
  }

  private static func place(_ index: Int, _ count: Int) -> Int? {
    let place = index < 0 ? index &+ count : index
    return place >= 0 && place < count ? place : nil
  }

  private func slice(
    _ value: TemplateValue, _ start: Int?, _ stop: Int?, _ step: Int?
  ) throws -> TemplateValue {
    let step = step ?? 1
    guard step != 0, abs(step.clamped(to: -1 << 40...1 << 40)) > 0 else {
      throw fault("a slice's step can't be 0")
    }
    func indices(_ count: Int) -> [Int] {
      let stride = step.clamped(to: -count - 1...count + 1)
      func clamp(_ index: Int, _ low: Int, _ high: Int) -> Int {
        (index < 0 ? index.clamped(to: -count - 1...0) + count : index).clamped(to: low...high)
      }
      let from =
        stride > 0
        ? start.map { clamp($0, 0, count) } ?? 0
        : start.map { clamp($0, -1, count - 1) } ?? count - 1
      let to =
        stride > 0
        ? stop.map { clamp($0, 0, count) } ?? count
        : stop.map { clamp($0, -1, count - 1) } ?? -1
      return Array(Swift.stride(from: from, to: to, by: stride))
    }
    switch value {
    case .string(let text):
      let scalars = Array(text.unicodeScalars)
      try charge(scalars.count / 16)
      return .string(TemplateText.string(indices(scalars.count).map { scalars[$0] }))
    case .sequence(let list):
      let elements = list.elements
      try charge(elements.count / 16)
      return .list(indices(elements.count).map { elements[$0] }, isTuple: list.isTuple)
    case .undefined(let why): throw fault("\(why), so it has no slices")
    default: throw fault("\(value.kind) has no slices")
    }
  }

  // MARK: Calls

  private func call(
    _ callee: TemplateExpression, _ arguments: TemplateArguments, in scope: TemplateScope
  ) throws -> TemplateValue {
    let target = try evaluate(callee, in: scope)
    let values = try evaluated(arguments, in: scope)
    switch target {
    case .macro(let macro, let home):
      // The innermost `{% call %}` around this call, not one further out.
      let caller = macro.name == "caller" ? nil : scope["caller"]
      return try call(macro, in: home, caller: caller, values)
    case .loop(let loop):
      guard let over = values.positional.first else { throw fault("loop() needs values") }
      return try again(loop, over: over)
    case .method("changed", let state):
      guard case .loop(let loop)? = state.first else { throw fault("changed() is a loop's") }
      defer { loop.memory.last = values.positional }
      return .bool(loop.memory.last.map { $0 != values.positional } ?? true)
    case .method("cycle", let state):
      guard let index = state.first?.integer, !values.positional.isEmpty else {
        throw fault("cycle() needs values")
      }
      return values.positional[index % values.positional.count]
    case .method(let name, let receiver):
      return try TemplateMethods.call(
        name, on: receiver.first ?? .none, values.positional, values.named, self)
    case .function(let name): return try function(name, values)
    case .undefined(let why): throw fault("\(why), so it can't be called")
    default: throw fault("\(target.kind) can't be called")
    }
  }

  private func function(
    _ name: String, _ arguments: EvaluatedArguments
  ) throws -> TemplateValue {
    switch name {
    case "raise_exception":
      throw fault(
        "the template refuses this conversation: \(arguments.positional.first?.text ?? "")")
    case "strftime_now":
      guard case .string(let format)? = arguments.positional.first else {
        throw fault("strftime_now() needs a format")
      }
      return .string(clock.text(format))
    case "range":
      let bounds = arguments.positional.compactMap(\.integer)
      guard (1...3).contains(bounds.count), bounds.count == arguments.positional.count,
        bounds.count < 3 || bounds[2] != 0
      else { throw fault("range() needs one to three whole numbers and a step other than 0") }
      let start = bounds.count > 1 ? bounds[0] : 0
      let stop = bounds.count > 1 ? bounds[1] : bounds[0]
      let step = bounds.count > 2 ? bounds[2] : 1
      guard bounds.allSatisfy({ abs($0.clamped(to: -1 << 60...1 << 60)) < 1 << 40 }),
        (stop - start) / step <= 100_000
      else { throw fault("range() of more than 100,000 numbers") }
      return .list(stride(from: start, to: stop, by: step).map { .int($0) })
    default:
      var members = TemplateDictionary()
      for value in arguments.positional {
        guard case .dictionary(let dictionary) = value else {
          throw fault("\(name)() takes a mapping or named values, not \(value.kind)")
        }
        for (key, value) in dictionary.members { members[key] = value }
      }
      for key in arguments.names { members[.string(key)] = arguments.named[key] }
      if name == "dict" { return .dictionary(members) }
      let namespace = TemplateNamespace()
      namespaces.append(namespace)
      namespace.attributes = members
      return .namespace(namespace)
    }
  }
}

extension Comparable {
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
