import Foundation
import Settings
import Testing

private enum Flour: String, SettingValue, CaseIterable { case wheat, rye }

private struct Baking: DeclaredSettings {
  @Setting("oven_temperature", .from(50, to: 300), "degrees", "The oven's temperature.", aliases: ["heat"])
  var temperature = 180.0
  @Setting("loaves", .count(), "count", "Loaves at a time.")
  var loaves = 2
  @Setting("flour", .any, "name", "The flour.")
  var flour = Flour.wheat
  @Setting("steam", .any, "", "Let steam in.")
  var steam = true
  @Setting("crust", .ifGiven(.above(0, below: 1)), "share", "The crust's share.")
  var crust: Double? = nil
  @Setting("seeds", .any, "name", "Seeds on top.")
  var seeds: [String] = []
  init() {}

  mutating func settle(given: Set<String>) throws(SettingError) {
    if flour == .rye, !given.contains("oven_temperature") { temperature = 230 }
    if crust != nil, !steam { throw SettingError(key: "crust", value: "\(crust ?? 0)", problem: "it needs steam") }
  }
}

@Suite("Declared settings")
struct SettingsTests {
  @Test("words from a command line replace defaults; what was not given stays")
  func replacing() throws {
    var changed = Baking()
    changed.loaves = 7
    let made = try changed.replacing([
      "flour": ["rye"], "steam": ["false"], "seeds": ["sesame", "poppy"], "crust": ["none"],
    ])
    #expect(made.loaves == 7 && made.flour == .rye && !made.steam && made.seeds == ["sesame", "poppy"])
    #expect(made.crust == nil && made.temperature == 230)
    #expect(try Baking().replacing(["flour": ["rye"], "oven_temperature": ["99.5"]]).temperature == 99.5)
    #expect(changed.flour == .wheat && changed.steam, "settings are values: nobody else's change")
    var copy = made
    copy.loaves = 1
    #expect(made.loaves == 7 && copy != made)
  }

  @Test(
    "what can't be a value is refused by name, with what may be",
    arguments: [
      ("oven_temperature", "nan", "from 50 to 300"), ("oven_temperature", "inf", "finite"),
      ("oven_temperature", "301", "from 50 to 300"), ("oven_temperature", "hot", "from 50 to 300"),
      ("loaves", "0", "at least 1"), ("loaves", "-1", "at least 1"), ("loaves", "2.5", "whole number"),
      ("loaves", "99999999999", "at most 2147483647"), ("flour", "maize", "wheat, rye"),
      ("steam", "perhaps", "true or false"),
      ("crust", "1", "above 0 and below 1"), ("crust", "nan", "finite"), ("crust", "0.5", "ok"),
    ])
  func ranges(key: String, word: String, expected: String) throws {
    do {
      _ = try Baking().replacing([key: [word]])
      #expect(expected == "ok")
    } catch {
      #expect(error.key == key && error.value == word)
      #expect(error.description.contains(expected), "\(error)")
    }
  }

  @Test("a program's settings are checked as a whole")
  func validation() throws {
    var made = Baking()
    try made.validate()
    made.temperature = .infinity
    #expect(throws: SettingError.self) { try made.validate() }
    made.temperature = 49
    #expect(throws: SettingError.self) { try made.validate() }
    #expect(throws: SettingError.self) { try Baking().replacing(["crust": ["0.2"], "steam": ["false"]]) }
  }

  @Test("JSON holds every setting under its key, null for none, and is read back; old spellings are read too")
  func coding() throws {
    var made = Baking()
    made.seeds = ["sesame"]
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(made)
    #expect(
      String(decoding: data, as: UTF8.self)
        == #"{"crust":null,"flour":"wheat","loaves":2,"oven_temperature":180,"seeds":["sesame"],"steam":true}"#)
    #expect(try JSONDecoder().decode(Baking.self, from: data) == made)
    let old = try JSONDecoder().decode(Baking.self, from: Data(#"{"heat": 75, "crust": 0.25}"#.utf8))
    #expect(old.temperature == 75 && old.crust == 0.25 && old.loaves == 2)
  }

  @Test("the documentation's table has a row for each, with default, values and meaning")
  func table() {
    #expect(
      Baking().table == """
        | setting | default | values | meaning |
        |---|---|---|---|
        | `oven_temperature` | `180` | from 50 to 300 | The oven's temperature. |
        | `loaves` | `2` | at least 1 | Loaves at a time. |
        | `flour` | `wheat` | `wheat`, `rye` | The flour. |
        | `steam` | `true` |  | Let steam in. |
        | `crust` | none | above 0 and below 1 | The crust's share. |
        | `seeds` | none |  | Seeds on top. |
        """)
  }
}

@Suite("The machine's memory")
struct MachineMemoryTests {
  @Test("what can't be held is refused with what would fit; what can is not")
  func counts() throws {
    try MachineMemory.require(bytesEach: 1000, count: 90, fixed: 10_000, of: "batch_size", free: 100_000)
    try MachineMemory.require(bytesEach: 1000, count: Int(Int32.max), of: "batch_size", free: nil)
    let error = #expect(throws: MemoryShortageError.self) {
      try MachineMemory.require(
        bytesEach: 2_000_000, count: 999_999_999, fixed: 1_000_000_000, of: "batch_size", free: 21_000_000_000)
    }
    #expect(
      error?.description
        == "batch_size 999999999: that takes at least 2000.0 TB, and 21.0 GB are free; at most 10000 would fit")
    let none = #expect(throws: MemoryShortageError.self) {
      try MachineMemory.require(bytesEach: 1000, count: 1, fixed: 10, of: "n", free: 1000)
    }
    #expect(none?.description.contains("not even 1 would fit") == true)
    #expect(throws: MemoryShortageError.self) {
      try MachineMemory.require(bytes: .infinity, for: "a model", fitting: { "\($0) would" }, free: .max)
    }
  }

  @Test("the system's own figure is plausible")
  func free() throws {
    let free = try #require(MachineMemory.free)
    #expect(free > 10_000_000 && UInt64(free) <= ProcessInfo.processInfo.physicalMemory)
  }
}
