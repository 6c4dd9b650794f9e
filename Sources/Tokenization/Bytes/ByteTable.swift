/// An immutable map from byte strings to ids, looked up without building a `String`.
///
/// Open addressing over one block of bytes. Swift's `Dictionary<String, Int>` would merge canonically
/// equivalent keys (composed and decomposed accents), which vocabularies keep apart.
struct ByteTable: Sendable {
  private var storage: [UInt8] = []
  /// For each entry: start in `storage`, length, id.
  private var entries: [(start: Int, count: Int32, id: Int32)] = []
  /// Entry number + 1, 0 for an empty slot.
  private var slots: [UInt32]

  /// A table with room for this many entries.
  init(minimumCapacity: Int = 16) {
    var size = 32
    while size < minimumCapacity * 2 { size *= 2 }
    slots = [UInt32](repeating: 0, count: size)
  }

  /// The number of byte strings that are present.
  var count: Int { entries.count }

  /// FNV-1a over words of eight bytes, then mixed.
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var index = 0
    let count = bytes.count
    while index + 8 <= count {
      let word = UnsafeRawPointer(bytes.baseAddress!).loadUnaligned(
        fromByteOffset: index, as: UInt64.self)
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      index += 8
    }
    while index < count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
      index += 1
    }
    hash ^= UInt64(truncatingIfNeeded: count)
    hash = hash &* 0xBF58_476D_1CE4_E5B9
    return hash ^ (hash >> 31)
  }

  private func slot(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.hash(bytes)) & mask
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if Int(entry.count) == bytes.count {
        let same = storage.withUnsafeBufferPointer { stored in
          UnsafeBufferPointer(rebasing: stored[entry.start..<entry.start + bytes.count])
            .elementsEqual(bytes)
        }
        if same { return slot }
      }
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// The id of these bytes.
  subscript(bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let found = slots[slot(of: bytes)]
    return found == 0 ? nil : Int(entries[Int(found) - 1].id)
  }

  /// The id of this text's UTF-8.
  subscript(text: String) -> Int? {
    var text = text
    return text.withUTF8 { self[$0] }
  }

  /// Adds or replaces an entry and returns the id it had before.
  @discardableResult
  mutating func set(_ bytes: UnsafeBufferPointer<UInt8>, to id: Int) -> Int? {
    let place = slot(of: bytes)
    if slots[place] != 0 {
      let entry = Int(slots[place]) - 1
      let old = Int(entries[entry].id)
      entries[entry].id = Int32(id)
      return old
    }
    entries.append((storage.count, Int32(bytes.count), Int32(id)))
    storage.append(contentsOf: bytes)
    slots[place] = UInt32(entries.count)
    if entries.count * 2 > slots.count { grow() }
    return nil
  }

  /// Adds or replaces an entry under this text's UTF-8.
  @discardableResult
  mutating func set(_ text: String, to id: Int) -> Int? {
    var text = text
    return text.withUTF8 { set($0, to: id) }
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    storage.withUnsafeBufferPointer { stored in
      for (index, entry) in entries.enumerated() {
        let end = entry.start + Int(entry.count)
        let bytes = UnsafeBufferPointer(rebasing: stored[entry.start..<end])
        var slot = Int(truncatingIfNeeded: Self.hash(bytes)) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(index + 1)
      }
    }
  }
}
