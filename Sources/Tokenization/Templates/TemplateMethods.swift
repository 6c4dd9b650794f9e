/// The methods of Python's strings, lists and mappings that templates call.
enum TemplateMethods {
  static let ofStrings: Set<String> = [
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith",
    "replace",
    "lower", "upper", "title", "capitalize", "find", "rfind", "count", "join", "isdigit", "isalpha",
    "isspace", "isupper", "islower", "removeprefix", "removesuffix", "index", "format", "zfill", "center", "ljust",
    "rjust", "partition", "rpartition", "swapcase", "isalnum", "isdecimal", "isnumeric", "isascii", "casefold",
  ]
  static let ofMappings: Set<String> = ["items", "keys", "values", "get"]
  static let ofLists: Set<String> = ["index", "count"]

  /// Calls a method of `receiver`.
  static func call(
    _ name: String, on receiver: TemplateValue, _ arguments: [TemplateValue],
    _ named: [String: TemplateValue], _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    switch receiver {
    case .string(let text): return try string(name, text, arguments, named, machine)
    case .dictionary(let dictionary): return try mapping(name, dictionary, arguments, machine)
    case .sequence(let list):
      let elements = list.elements
      try machine.charge(receiver.weight)
      guard let element = arguments.first else { throw machine.fault("\(name)() needs a value") }
      if name == "count" { return .int(elements.filter { $0 == element }.count) }
      guard let index = elements.firstIndex(of: element) else {
        throw machine.fault("the list has no such element")
      }
      return .int(index)
    default: throw machine.fault("\(receiver.kind) has no method '\(name)'")
    }
  }

  private static func mapping(
    _ name: String, _ dictionary: TemplateDictionary, _ arguments: [TemplateValue],
    _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    switch name {
    case "items":
      return .list(dictionary.members.map { .list([$0.key, $0.value], isTuple: true) })
    case "keys": return .list(dictionary.members.map(\.key))
    case "values": return .list(dictionary.members.map(\.value))
    default:
      guard let key = arguments.first else { throw machine.fault("get() needs a key") }
      return dictionary[key] ?? (arguments.count > 1 ? arguments[1] : .none)
    }
  }

  private static func string(
    _ name: String, _ text: String, _ arguments: [TemplateValue],
    _ named: [String: TemplateValue], _ machine: TemplateInterpreter
  ) throws -> TemplateValue {
    func optional(_ index: Int, _ key: String = "") throws -> String? {
      let value = index < arguments.count ? arguments[index] : named[key]
      switch value {
      case nil, .some(.none): return nil
      case .string(let text)?: return text
      case let other?: throw machine.fault("\(name)() needs a string, not \(other.kind)")
      }
    }
    func required(_ index: Int) throws -> String {
      guard let text = try optional(index) else { throw machine.fault("\(name)() needs a string") }
      return text
    }
    func limit(_ index: Int, _ key: String) -> Int {
      let value = (index < arguments.count ? arguments[index] : named[key])?.integer ?? -1
      return value < 0 ? .max : value
    }
    func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }
    func all(_ test: (Unicode.Scalar) -> Bool) -> TemplateValue {
      .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(test))
    }
    switch name {
    case "strip": return .string(TemplateText.strip(text, try optional(0)))
    case "lstrip": return .string(TemplateText.strip(text, try optional(0), right: false))
    case "rstrip": return .string(TemplateText.strip(text, try optional(0), left: false))
    case "lower": return .string(text.lowercased())
    case "upper": return .string(text.uppercased())
    case "title": return .string(TemplateText.titled(text))
    case "capitalize": return .string(TemplateText.capitalized(text))
    case "splitlines": return .list(TemplateText.lines(text).map { .string($0) })
    case "split":
      let separator = try optional(0, "sep")
      if separator?.isEmpty == true { throw machine.fault("split() needs a separator") }
      return .list(
        TemplateText.split(text, separator, limit: limit(1, "maxsplit")).map { .string($0) })
    case "rsplit":
      return .list(
        try reverseSplit(text, try optional(0, "sep"), limit(1, "maxsplit"), machine)
          .map { .string($0) })
    case "startswith", "endswith":
      let options: [TemplateValue]
      if case .sequence(let list)? = arguments.first {
        options = list.elements
      } else {
        options = arguments
      }
      return .bool(
        options.contains { option in
          guard case .string(let part) = option else { return false }
          return name == "startswith"
            ? text.utf8.starts(with: part.utf8)
            : text.utf8.reversed().starts(with: part.utf8.reversed())
        })
    case "removeprefix":
      let part = try required(0)
      return .string(
        text.utf8.starts(with: part.utf8)
          ? String(Substring(text.utf8.dropFirst(part.utf8.count))) : text)
    case "removesuffix":
      let part = try required(0)
      return .string(
        text.utf8.reversed().starts(with: part.utf8.reversed())
          ? String(Substring(text.utf8.dropLast(part.utf8.count))) : text)
    case "replace":
      return .string(
        try machine.bounded(
          TemplateText.replace(text, required(0), required(1), limit: limit(2, "count"))))
    case "format": return .string(try TemplateFormat.braces(text, arguments, named, machine))
    case "zfill", "center", "ljust", "rjust":
      guard let width = arguments.first?.integer else { throw machine.fault("\(name)() needs a width") }
      let side = ["zfill": "=", "center": "^", "ljust": "<", "rjust": ">"][name] ?? "<"
      let fill = name == "zfill" ? "0" : try optional(1) ?? " "
      return .string(
        name == "center"
          ? try TemplateFormat.centred(text, to: width, fill, machine)
          : try TemplateFormat.padded(text, to: width, side, fill, machine))
    case "partition", "rpartition":
      let separator = try required(0)
      if separator.isEmpty { throw machine.fault("\(name)() needs a separator") }
      let (all, needle) = (scalars(text), scalars(separator))
      let places = TemplateText.find(needle, in: all)
      guard let place = name == "partition" ? places.first : places.last else {
        let parts = name == "partition" ? [text, "", ""] : ["", "", text]
        return .list(parts.map { .string($0) }, isTuple: true)
      }
      let parts = [all[..<place], all[place..<place + needle.count], all[(place + needle.count)...]]
      return .list(parts.map { .string(TemplateText.string($0)) }, isTuple: true)
    case "swapcase":
      return .string(
        text.unicodeScalars.map {
          $0.properties.isUppercase ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping
        }.joined())
    case "isalnum": return all { ScalarClass.of($0).contains(.letter) || $0.properties.numericType != nil }
    case "isdecimal": return all { $0.properties.numericType == .decimal }
    case "isnumeric": return all { $0.properties.numericType != nil }
    case "isascii": return .bool(text.utf8.allSatisfy { $0 < 0x80 })
    case "casefold": return .string(text.lowercased())
    case "find", "index", "rfind":
      let places = TemplateText.find(scalars(try required(0)), in: scalars(text))
      let place = name == "rfind" ? places.last : places.first
      if place == nil, name == "index" { throw machine.fault("substring not found") }
      return .int(place ?? -1)
    case "count":
      return .int(TemplateText.find(scalars(try required(0)), in: scalars(text)).count)
    case "join":
      let parts = try machine.elements(of: arguments.first ?? .none).map {
        try machine.text(of: $0)
      }
      return .string(try machine.bounded(parts.joined(separator: text)))
    case "isdigit":
      return all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
    case "isalpha": return all { ScalarClass.of($0).contains(.letter) }
    case "isspace": return all(TemplateText.isSpace)
    case "isupper": return .bool(text == text.uppercased() && text != text.lowercased())
    default: return .bool(text == text.lowercased() && text != text.uppercased())
    }
  }

  private static func reverseSplit(
    _ text: String, _ separator: String?, _ limit: Int, _ machine: TemplateInterpreter
  ) throws -> [String] {
    func reversed(_ text: String) -> String { TemplateText.string(text.unicodeScalars.reversed()) }
    if separator?.isEmpty == true { throw machine.fault("rsplit() needs a separator") }
    return TemplateText.split(reversed(text), separator.map(reversed), limit: limit)
      .reversed().map(reversed)
  }
}
