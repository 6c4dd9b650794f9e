import Documents
import Expressions

/// Whether an answer follows instructions that can be checked: IFEval's (Zhou 2023), in its records' format.
///
/// As published but for two things. The language of an answer isn't told here: `language:response_language` is left out of the
/// verdicts, and of `change_case:` only the case is checked. Sentences are told by their marks, not by a trained model.
enum InstructionChecks {
  static func score(_ document: JSONObject, _ response: String) throws -> DocumentScore {
    guard let names = document["instruction_id_list"]?.array?.compactMap(\.string), !names.isEmpty else {
      throw TaskError("the record has no instruction_id_list")
    }
    let settings = document["kwargs"]?.array ?? []
    let lines = response.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func rest(_ lines: some Collection<String>) -> String { PythonText.strip(lines.joined(separator: "\n")) }
    let cut = [response, rest(lines.dropFirst()), rest(lines.dropLast()), rest(lines.dropFirst().dropLast())]
    let loose = cut + cut.map { $0.filter { $0 != "*" } }
    var (strictly, loosely) = ([Bool](), [Bool]())
    for (place, name) in names.enumerated() {
      var values = settings.indices.contains(place) ? settings[place].object ?? JSONObject() : JSONObject()
      if values["prompt_to_repeat"]?.string == nil { values["prompt_to_repeat"] = document["prompt"] }
      guard let check = try check(name, values) else { continue }
      func follows(_ text: String) throws -> Bool { try !PythonText.strip(text).isEmpty && check(text) }
      strictly.append(try follows(response))
      loosely.append(try loose.contains { try follows($0) })
    }
    return DocumentScore(values: [
      ("prompt_level_strict_acc", .number(strictly.allSatisfy { $0 } ? 1 : 0)),
      ("inst_level_strict_acc", .verdicts(strictly)),
      ("prompt_level_loose_acc", .number(loosely.allSatisfy { $0 } ? 1 : 0)),
      ("inst_level_loose_acc", .verdicts(loosely)),
    ])
  }

  private typealias Check = (String) throws -> Bool

  /// The check of an instruction; nil for one that is left out.
  private static func check(_ name: String, _ values: JSONObject) throws -> Check? {
    func text(_ key: String) throws -> String {
      guard let value = values[key]?.string else { throw TaskError("\(name) lacks \(key)") }
      return value
    }
    func texts(_ key: String) throws -> [String] {
      guard let list = values[key]?.array?.compactMap(\.string) else { throw TaskError("\(name) lacks \(key)") }
      return list
    }
    func number(_ key: String) throws -> Int {
      guard let value = values[key]?.int else { throw TaskError("\(name) lacks \(key)") }
      return value
    }
    /// A count held against "less than" or "at least" so many.
    func compared(_ relation: String, _ limit: Int, _ count: @escaping (String) throws -> Int) throws -> Check {
      let isBelow = try text(relation) == "less than"
      return { try isBelow ? count($0) < limit : count($0) >= limit }
    }
    func found(_ pattern: String, in text: String) throws -> Int {
      try PythonExpression(pattern).findAll(in: text).count
    }
    switch name {
    case "keywords:existence":
      let words = try texts("keywords")
      return { answer in try words.allSatisfy { try found("(?i)\($0)", in: answer) > 0 } }
    case "keywords:frequency":
      let word = try text("keyword")
      return try compared("relation", number("frequency")) { try found("(?i)\(word)", in: $0) }
    case "keywords:forbidden_words":
      let words = try texts("forbidden_words")
      return { answer in try words.allSatisfy { try found("(?i)\\b\($0)\\b", in: answer) == 0 } }
    case "keywords:letter_frequency":
      let letter = try text("letter").lowercased()
      return try compared("let_relation", number("let_frequency")) { answer in
        answer.lowercased().unicodeScalars.count { String($0) == letter }
      }
    case "language:response_language": return nil
    case "length_constraints:number_sentences":
      return try compared("relation", number("num_sentences")) {
        try found(#"[^.!?\s][^.!?]*(?:[.!?](?![\s"')\]]|$)[^.!?]*)*(?:[.!?]+["')\]]*|$)"#, in: $0)
      }
    case "length_constraints:number_words":
      return try compared("relation", number("num_words")) { try found(#"\w+"#, in: $0) }
    case "length_constraints:number_paragraphs":
      let wanted = try number("num_paragraphs")
      return { answer in
        let parts = pieces(of: answer, at: "***")
        let inner = parts.dropFirst().dropLast()
        return inner.allSatisfy { !isBlank($0) } && parts.count { !isBlank($0) } == wanted
      }
    case "length_constraints:nth_paragraph_first_word":
      let (count, place, word) = (try number("num_paragraphs"), try number("nth_paragraph"), try text("first_word"))
      return { firstWord(of: $0, paragraph: place, of: count) == word.lowercased() }
    case "detectable_content:number_placeholders":
      let wanted = try number("num_placeholders")
      return { try found(#"\[.*?\]"#, in: $0) >= wanted }
    case "detectable_content:postscript":
      let marker = try text("postscript_marker")
      let pattern = ["P.P.S": #"p\.\s?p\.\s?s"#, "P.S.": #"p\.\s?s\."#][marker] ?? marker.lowercased()
      return { try found(pattern, in: $0.lowercased()) > 0 }
    case "detectable_format:number_bullet_lists":
      let wanted = try number("num_bullets")
      return { try found(#"(?m)^\s*\*[^*].*$"#, in: $0) + found(#"(?m)^\s*-.*$"#, in: $0) == wanted }
    case "detectable_format:constrained_response":
      let answers = ["My answer is yes.", "My answer is no.", "My answer is maybe."]
      return { answer in answers.contains { answer.contains($0) } }
    case "detectable_format:number_highlighted_sections":
      let wanted = try number("num_highlights")
      return { answer in
        let marked = try [#"\*[^\n*]*\*"#, #"\*\*[^\n*]*\*\*"#].flatMap { try PythonExpression($0).findAll(in: answer) }
        return marked.count { !isBlank(($0.first ?? nil)?.filter { $0 != "*" } ?? "") } >= wanted
      }
    case "detectable_format:multiple_sections":
      let (word, wanted) = (try text("section_spliter"), try number("num_sections"))
      return { try found("\\s?\(word)\\s?\\d+\\s?", in: $0) >= wanted }
    case "detectable_format:json_format":
      return { answer in
        var body = PythonText.strip(answer)
        if let fence = ["```json", "```Json", "```JSON", "```"].first(where: body.hasPrefix) {
          body.removeFirst(fence.count)
        }
        if body.hasSuffix("```") { body.removeLast(3) }
        return (try? JSONValue(parsing: Array(PythonText.strip(body).utf8))) != nil
      }
    case "detectable_format:title":
      return { answer in
        try PythonExpression(#"<<[^\n]+>>"#).findAll(in: answer).contains {
          !isBlank((($0.first ?? nil) ?? "").filter { $0 != "<" && $0 != ">" })
        }
      }
    case "combination:two_responses":
      return { answer in
        let parts = pieces(of: answer, at: "******")
        guard parts.dropFirst().dropLast().allSatisfy({ !isBlank($0) }) else { return false }
        let real = parts.filter { !isBlank($0) }.map(PythonText.strip)
        return real.count == 2 && real[0] != real[1]
      }
    case "combination:repeat_prompt":
      let prompt = PythonText.strip(try text("prompt_to_repeat")).lowercased()
      return { PythonText.strip($0).lowercased().hasPrefix(prompt) }
    case "startend:end_checker":
      let ending = PythonText.strip(try text("end_phrase")).lowercased()
      return { answer in
        var body = PythonText.strip(answer)[...]
        while body.last == "\"" { body.removeLast() }
        return body.lowercased().hasSuffix(ending)
      }
    case "startend:quotation":
      return { answer in
        let body = PythonText.strip(answer)
        return body.count > 1 && body.first == "\"" && body.last == "\""
      }
    case "change_case:capital_word_frequency":
      return try compared("capital_relation", number("capital_frequency")) { answer in
        try PythonExpression(#"[\w\-]+"#).findAll(in: answer).count {
          let word = ($0.first ?? nil) ?? ""
          return word == word.uppercased() && word != word.lowercased()
        }
      }
    case "change_case:english_capital": return { $0 == $0.uppercased() && $0 != $0.lowercased() }
    case "change_case:english_lowercase": return { $0 == $0.lowercased() && $0 != $0.uppercased() }
    case "punctuation:no_comma": return { !$0.contains(",") }
    default: throw TaskError("there is no check of the instruction '\(name)'")
    }
  }

  private static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(PythonText.isSpace) }

  private static func pieces(of text: String, at separator: String) -> [String] {
    var (pieces, rest) = ([String](), Substring(text))
    while let place = rest.firstRange(of: separator) {
      pieces.append(String(rest[..<place.lowerBound]))
      rest = rest[place.upperBound...]
    }
    return pieces + [String(rest)]
  }

  /// The first word of a paragraph, without quotes before and marks behind it; nil where there are not so many paragraphs.
  private static func firstWord(of text: String, paragraph: Int, of count: Int) -> String? {
    let parts = pieces(of: text, at: "\n\n")
    guard parts.count(where: { !isBlank($0) }) == count, paragraph >= 1, paragraph <= count,
      let first = PythonText.strip(parts[paragraph - 1]).split(whereSeparator: \.isWhitespace).first
    else { return nil }
    return first.drop { $0 == "'" || $0 == "\"" }.prefix { !".,?!'\"".contains($0) }.lowercased()
  }
}
