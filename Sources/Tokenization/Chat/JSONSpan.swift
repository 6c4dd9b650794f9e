/// The extent of a JSON value in text that may go on: where it ends, or that it hasn't yet.
enum JSONSpan: Equatable {
  /// It ends before this index.
  case whole(Int)
  /// More has to come.
  case unfinished
  /// The text can't be the beginning of one.
  case none

  /// The object or array that begins at an index, its brackets counted outside of strings.
  init(of bytes: [UInt8], from start: Int) {
    guard start < bytes.count else {
      self = .unfinished
      return
    }
    guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else {
      self = .none
      return
    }
    var open: [UInt8] = []
    var isInString = false
    var i = start
    while i < bytes.count {
      let byte = bytes[i]
      if isInString {
        if byte == UInt8(ascii: "\\") {
          i += 1
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
        case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard open.popLast() == byte else {
            self = .none
            return
          }
          if open.isEmpty {
            self = .whole(i + 1)
            return
          }
        default: break
        }
      }
      i += 1
    }
    self = .unfinished
  }
}
