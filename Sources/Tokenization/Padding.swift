import Documents

/// Fills encodings up to a common length.
public struct Padding: Sendable, Equatable {
  /// The length to fill up to; `nil` for the longest of the batch.
  public var length: Int?
  /// Rounds the length up to a multiple of this.
  public var multiple: Int?
  /// Fills at the start instead of at the end.
  public var onLeft: Bool
  /// The id to fill with.
  public var id: Int
  /// The type id of the filling.
  public var typeID: Int
  /// The token to fill with.
  public var token: String

  /// Fills up to the longest of the batch unless told otherwise.
  public init(
    length: Int? = nil, multiple: Int? = nil, onLeft: Bool = false, id: Int = 0, typeID: Int = 0,
    token: String = "[PAD]"
  ) {
    self.length = length
    self.multiple = multiple
    self.onLeft = onLeft
    self.id = id
    self.typeID = typeID
    self.token = token
  }

  init?(_ value: JSONValue?) throws {
    guard let value, !value.isNull else { return nil }
    guard let id = value["pad_id"]?.int, let token = value["pad_token"]?.string else {
      throw TokenizationError("padding: needs `pad_id` and `pad_token`")
    }
    let length = value["strategy"]?["Fixed"]?.int
    // A file must not make every encoding take gigabytes.
    guard length ?? 0 >= 0, length ?? 0 <= 1 << 24, value["pad_to_multiple_of"]?.int ?? 1 <= 1 << 24
    else {
      throw TokenizationError("padding: a length between 0 and \(1 << 24) is needed")
    }
    self.init(
      length: length, multiple: value["pad_to_multiple_of"]?.int,
      onLeft: value["direction"]?.string == "Left", id: id,
      typeID: value["pad_type_id"]?.int ?? 0, token: token)
  }

  /// Fills all of the batch.
  func apply(to batch: inout [Encoding]) {
    var target = length ?? batch.map(\.count).max() ?? 0
    if let multiple, multiple > 0, target % multiple > 0 { target += multiple - target % multiple }
    for index in batch.indices { fill(&batch[index], to: target) }
  }

  private func fill(_ encoding: inout Encoding, to target: Int) {
    for index in encoding.overflowing.indices { fill(&encoding.overflowing[index], to: target) }
    guard encoding.count < target else { return }
    var filling = Encoding()
    for _ in encoding.count..<target {
      filling.append(
        id: id, token: token, offset: 0..<0, typeID: typeID, isSpecial: true, isReal: false)
    }
    let overflow = encoding.overflowing
    if onLeft {
      filling.append(encoding)
      encoding = filling
    } else {
      encoding.append(filling)
    }
    encoding.overflowing = overflow
  }
}
