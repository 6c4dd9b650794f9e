import Foundation
import Tokenization

/// What Whisper's tokens mean, and which may come next.
struct WhisperVocabulary {
  let tokenizer: Tokenizer
  /// Begins a transcript.
  let begin: Int
  /// Ends one.
  let end: Int
  /// Stands before the text of the window before.
  let previous: Int
  /// Whether nobody speaks.
  let noSpeech: Int
  let transcribe: Int
  let translate: Int
  /// The time 0; each later token is 20 ms later.
  let firstTime: Int
  /// Empty for models of English only.
  let languages: [(code: String, token: Int)]
  private let suppressed: [Int]
  private let suppressedAtBegin: [Int]
  /// Seconds between two times.
  static let step = 0.02
  /// The latest time that a window begins with, in steps.
  private static let latestBegin = 50

  init(_ companions: WhisperModel.Companions, size: Int, path: String) throws {
    let tokenizer = companions.tokenizer
    self.tokenizer = tokenizer
    func id(_ names: String...) throws -> Int {
      for name in names { if let id = tokenizer.tokenToID(name), id < size { return id } }
      throw WhisperError(path: path, message: "the tokenizer has no \(names[0]): is it Whisper's?")
    }
    begin = try id("<|startoftranscript|>")
    end = try id("<|endoftext|>")
    previous = try id("<|startofprev|>")
    noSpeech = try id("<|nospeech|>", "<|nocaptions|>")
    transcribe = try id("<|transcribe|>")
    translate = try id("<|translate|>")
    firstTime = try id("<|notimestamps|>") + 1
    guard firstTime + 1500 < size else {
      throw WhisperError(path: path, message: "the model has \(size) tokens and no room for times after \(firstTime)")
    }
    let (first, last) = (begin, min(transcribe, translate))
    // Models of English only have no tokens of languages in use.
    languages =
      size < 51_865
      ? []
      : tokenizer.addedTokens.compactMap { token in
        guard token.id > first, token.id < last, token.content.hasPrefix("<|"), token.content.hasSuffix("|>") else {
          return nil
        }
        return (String(token.content.dropFirst(2).dropLast(2)), token.id)
      }
    suppressed =
      companions.suppressed.filter { $0 >= 0 && $0 < size }
      + [begin, previous, noSpeech, transcribe, translate, firstTime - 1]
    suppressedAtBegin = companions.suppressedAtBegin.filter { $0 >= 0 && $0 < size }
  }

  /// The tokens before a window's text.
  func prompt(language: String, translates: Bool, previous text: [Int], context: Int) -> [Int] {
    var prompt = text.isEmpty ? [] : [previous] + text.suffix(context / 2 - 1)
    prompt.append(begin)
    if let language = languages.first(where: { $0.code == language }) {
      prompt += [language.token, translates ? translate : transcribe]
    }
    return prompt
  }

  /// The words of tokens, without times.
  func text(_ tokens: [Int]) -> String { tokenizer.decode(tokens.filter { $0 < end }) }

  /// Makes −∞ of what may not come after a window's tokens so far.
  ///
  /// Times come in pairs, except before the end, and don't decrease; the first token is one of at most a second; where times together
  /// are more probable than any word, a time comes.
  func restrict(_ logits: UnsafeMutableBufferPointer<Float>, after tokens: [Int]) {
    func ban(_ range: Range<Int>) { for i in range.clamped(to: 0..<logits.count) { logits[i] = -.infinity } }
    for id in suppressed { logits[id] = -.infinity }
    if tokens.isEmpty {
      for id in suppressedAtBegin { logits[id] = -.infinity }
      ban(0..<firstTime)
      ban(firstTime + Self.latestBegin + 1..<logits.count)
    }
    func isTime(_ token: Int) -> Bool { token >= firstTime }
    if let last = tokens.last, isTime(last) {
      if tokens.count < 2 || isTime(tokens[tokens.count - 2]) {
        ban(firstTime..<logits.count)
      } else {
        ban(0..<end)
      }
    }
    if let time = tokens.last(where: isTime), let last = tokens.last {
      // A closed pair isn't opened again at its own time.
      let isOpen = isTime(last) && tokens.count >= 2 && !isTime(tokens[tokens.count - 2])
      ban(firstTime..<(isOpen ? time : time + 1))
    }
    let bestWord = logits[..<firstTime].max() ?? -.infinity
    let bestTime = logits[firstTime...].max() ?? -.infinity
    guard bestTime > -.infinity else { return }
    let sum = logits[firstTime...].reduce(0) { $0 + Double(exp($1 - bestTime)) }
    if Double(bestTime) + log(sum) > Double(bestWord) { ban(0..<firstTime) }
  }

  /// A window's tokens in segments, their times from the window's begin, and how many frames they cover.
  func cut(_ tokens: [Int], frames: Int) -> (parts: [(start: Double, end: Double, tokens: [Int])], frames: Int) {
    func isTime(_ i: Int) -> Bool { tokens[i] >= firstTime }
    func seconds(_ token: Int) -> Double { Double(token - firstTime) * Self.step }
    let count = tokens.count
    let endsAlone = count >= 2 && !isTime(count - 2) && isTime(count - 1)
    var cuts = (1..<max(1, count)).filter { isTime($0) && isTime($0 - 1) }
    guard !cuts.isEmpty else {
      var length = Double(frames) * 0.01
      if let last = tokens.last(where: { $0 >= firstTime }), last != firstTime { length = seconds(last) }
      return ([(0, length, tokens)], frames)
    }
    if endsAlone { cuts.append(count) }
    var parts: [(Double, Double, [Int])] = []
    var from = 0
    for to in cuts {
      let part = Array(tokens[from..<to])
      parts.append((seconds(part[0]), seconds(part[part.count - 1]), part))
      from = to
    }
    // What comes after the last pair isn't finished: the next window begins there.
    return (parts, endsAlone ? frames : (tokens[from - 1] - firstTime) * 2)
  }
}
