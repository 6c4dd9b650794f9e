import ArgumentParser
import Settings

/// Options of the commands themselves, with the values that they may have beside their declaration.
extension Option where Value: SettingValue {
  init(
    wrappedValue: Value, name: NameSpecification = .long, in bounds: Bounds<Value>, help: ArgumentHelp
  ) {
    self.init(
      wrappedValue: wrappedValue, name: name, help: help.noting(bounds, words: wrappedValue.words),
      transform: bounds.read)
  }
}

extension Option {
  init<Given: SettingValue>(
    wrappedValue: Value = nil, name: NameSpecification = .long, in bounds: Bounds<Given>, help: ArgumentHelp
  ) where Value == Given? {
    self.init(name: name, help: help.noting(bounds, words: []), transform: bounds.read)
  }
}

extension Bounds {
  /// The value of a word on the command line.
  fileprivate var read: @Sendable (String) throws -> Value {
    { word in
      guard let value = Value(words: [word]) else {
        throw ValidationError("it must be \(Value.kind)\(words.map { ", \($0)" } ?? "").")
      }
      if let problem = problem(with: value) { throw ValidationError("\(problem).") }
      return value
    }
  }
}

extension ArgumentHelp {
  fileprivate func noting<Value>(_ bounds: Bounds<Value>, words: [String]) -> ArgumentHelp {
    var made = self
    made.abstract = SettingFlags.noted(abstract, range: bounds.words, words: words)
    return made
  }
}
