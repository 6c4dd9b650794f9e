/// The words of generated problems.
enum Wordings {
  static let names = [
    "Anna", "Ben", "Carla", "David", "Emma", "Felix", "Grace", "Hugo", "Ida", "Jonas", "Karin", "Leo", "Mia", "Noah",
    "Olga", "Paul", "Rosa", "Simon", "Tina", "Victor",
  ]
  static let heldOutNames = [
    "Amir", "Bella", "Chen", "Dana", "Elif", "Fatou", "Goran", "Hana", "Ivan", "Jada", "Kofi", "Lena",
  ]
  static let things = [
    "apples", "books", "cards", "coins", "cookies", "eggs", "flowers", "marbles", "pencils", "shells", "stamps",
    "stickers", "toys", "beads",
  ]
  static let heldOutThings = ["lemons", "buttons", "crayons", "stones", "tickets"]
  static let asides = ["cousins", "old maps", "hats", "songs", "plants", "neighbours"]

  static func gains(_ who: String, _ q: Int, _ unit: String, isMoney: Bool) -> [String] {
    if isMoney { return ["\(q) dollars are added for the wrapping.", "\(who) gets \(q) dollars besides."] }
    return [
      "\(who) \(plural(who, "buy")) \(q) more.", "\(who) \(plural(who, "find")) \(q) \(unit) at home.",
      "A friend brings \(q) more \(unit).", "\(q) \(unit) come with the mail.",
    ]
  }

  static func losses(_ who: String, _ q: Int, _ unit: String, _ other: String, isMoney: Bool) -> [String] {
    if isMoney { return ["\(q) dollars go for a taxi.", "\(who) \(plural(who, "pay")) back \(q) dollars of it."] }
    return [
      "\(who) \(plural(who, "give")) \(q) \(unit) to \(other).", "\(q) of them get lost.",
      "\(who) \(plural(who, "sell")) \(q) of the \(unit).", "\(other) takes \(q) of them away.",
    ]
  }

  static func times(_ name: String, _ q: Int, _ thing: String, _ who: String) -> [String] {
    let whom = who == "they" ? "they have together" : "\(who) has"
    return q == 2
      ? ["\(name) has twice as many \(thing) as \(whom).", "\(name) has 2 times as many \(thing) as \(whom)."]
      : [
        "\(name) has \(q) times as many \(thing) as \(whom).",
        "For each of the \(thing) that \(whom), \(name) has \(q).",
      ]
  }

  static func halves(_ who: String, _ thing: String) -> [String] {
    [
      "Half of the \(thing) get lost.", "\(who) \(plural(who, "give")) half of the \(thing) away.",
      "\(who) \(plural(who, "keep")) only half of them.",
    ]
  }

  static func shares(_ who: String, _ q: Int, _ thing: String, _ name: String) -> [String] {
    [
      "\(who) \(plural(who, "share")) the \(thing) equally among \(q) friends, one of whom is \(name).",
      "The \(thing) are divided into \(q) equal parts, and \(name) gets one of them.",
    ]
  }

  static func prices(_ who: String, _ q: Int, _ thing: String) -> [String] {
    [
      "All of the \(thing) are sold for \(q) dollars each.",
      "Then \(who == "They" ? "they sell" : "\(who) sells") everything, and each of the \(thing) brings \(q) dollars.",
    ]
  }

  static func boxes(_ who: String, _ boxes: Int, _ each: Int, _ thing: String) -> [String] {
    [
      "\(who) \(plural(who, "buy")) \(boxes) boxes with \(each) \(thing) in each.",
      "\(boxes) boxes arrive, each with \(each) \(thing) for \(who == "They" ? "them" : who).",
    ]
  }

  private static func plural(_ who: String, _ verb: String) -> String { who == "They" ? verb : verb + "s" }
}
