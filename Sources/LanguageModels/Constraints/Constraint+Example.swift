internal import Expressions

extension Constraint {
  /// A text that matches, from a random walk over bytes; nil where it hasn't come to an end after `longest` bytes.
  ///
  /// It wanders for `wandering` bytes and looks for the end from there on. No distribution is promised: it is for tests.
  package func example(
    wandering: Int = 40, longest: Int = 2000, using generator: inout some RandomNumberGenerator
  ) -> String? {
    let matcher = PushdownMatcher(automaton)
    // What closes strings and brackets comes first when it is time to end; white space and commas last.
    let closing = Array("\"}]".utf8)
    let opening = Array(" \n\t,.{[\\".utf8)
    var state = matcher.start
    var bytes: [UInt8] = []
    while bytes.count < longest {
      let isEnding = bytes.count >= wandering
      if state.isAccepting, isEnding || Int.random(in: 0..<4, using: &generator) == 0 { break }
      var choices = (UInt8.min...UInt8.max).filter { matcher.step(state, $0) != nil }
      if choices.isEmpty { break }
      if isEnding {
        if let end = choices.first(where: closing.contains) {
          choices = [end]
        } else {
          let others = choices.filter { !opening.contains($0) }
          if !others.isEmpty { choices = others }
        }
      }
      guard let byte = choices.randomElement(using: &generator), let next = matcher.step(state, byte) else {
        return nil
      }
      bytes.append(byte)
      state = next
    }
    return state.isAccepting ? String(decoding: bytes, as: UTF8.self) : nil
  }
}
