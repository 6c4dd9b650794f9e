/// The table of contents of one safetensors file, read from bytes that may be hostile.
///
/// The format (huggingface/safetensors, 2023): eight bytes of little-endian length, a JSON object
/// that maps each name to `dtype`, `shape` and `data_offsets`, then the data. The rules of the
/// reference implementation are kept: no duplicate names, at most 100 MB of header, and data that
/// the tensors cover exactly, without gap or overlap.
struct SafetensorsHeader {
  struct Entry {
    var dtype: DType
    var shape: [Int]
    var range: Range<Int>
  }

  static let lengthBytes = 8
  static let longest = 100_000_000
  static let deepestShape = 64

  private(set) var names: [String] = []
  private(set) var entries: [String: Entry] = [:]
  private(set) var metadata: [String: String] = [:]
  /// The start of the data in the file.
  private(set) var dataStart = 0

  /// Reads the header at the start of `file` and checks every offset against the file's size.
  init(readingFrom file: UnsafeRawBufferPointer) throws(SafetensorsFault) {
    guard file.count >= Self.lengthBytes else {
      throw SafetensorsFault("is truncated: \(file.count) bytes do not hold the header's length")
    }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.longest) else {
      throw SafetensorsFault(
        "the header is said to be \(length) bytes long, more than the allowed \(Self.longest)")
    }
    dataStart = Self.lengthBytes + Int(length)
    guard dataStart <= file.count else {
      throw SafetensorsFault(
        "is truncated: a header of \(length) bytes does not fit into a file of \(file.count)")
    }
    try read(HeaderScanner(UnsafeRawBufferPointer(rebasing: file[Self.lengthBytes..<dataStart])))
    try checkCoverage(dataSize: file.count - dataStart)
  }

  private mutating func read(_ start: HeaderScanner) throws(SafetensorsFault) {
    var scanner = start
    var hasMetadata = false
    try scanner.object { (scanner, name) throws(SafetensorsFault) in
      if name == "__metadata__" {
        guard !hasMetadata else { throw SafetensorsFault("the header has two __metadata__") }
        hasMetadata = true
        try scanner.object { (scanner, key) throws(SafetensorsFault) in
          guard metadata[key] == nil else {
            throw SafetensorsFault("__metadata__ has the key '\(key)' twice")
          }
          metadata[key] = try scanner.string()
        }
      } else {
        guard entries[name] == nil else {
          throw SafetensorsFault("appears twice in the header", tensor: name)
        }
        do throws(SafetensorsFault) {
          entries[name] = try Self.entry(&scanner)
        } catch {
          throw SafetensorsFault(error.message, tensor: name)
        }
        names.append(name)
      }
    }
    try scanner.end()
  }

  private static func entry(_ scanner: inout HeaderScanner) throws(SafetensorsFault) -> Entry {
    var dtype: DType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, key) throws(SafetensorsFault) in
      switch key {
      case "dtype" where dtype == nil:
        let name = try scanner.string()
        guard let known = DType(safetensors: name) else {
          throw SafetensorsFault("elements of type '\(name.prefix(40))' are not supported")
        }
        dtype = known
      case "shape" where shape == nil: shape = try scanner.integers(atMost: deepestShape)
      case "data_offsets" where offsets == nil: offsets = try scanner.integers(atMost: 2)
      case "dtype", "shape", "data_offsets": throw SafetensorsFault("has '\(key)' twice")
      default: throw SafetensorsFault("has the unknown key '\(key.prefix(40))'")
      }
    }
    guard let dtype, let shape, let offsets, offsets.count == 2 else {
      throw SafetensorsFault("needs a dtype, a shape and two data_offsets")
    }
    guard offsets[0] <= offsets[1] else {
      throw SafetensorsFault("its data ends at \(offsets[1]) before it begins at \(offsets[0])")
    }
    // Counted with zeros as ones: strides of an empty tensor must not overflow either.
    var size = dtype.size
    for length in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow else { throw SafetensorsFault("shape \(shape) is larger than any memory") }
      size = product
    }
    if shape.contains(0) { size = 0 }
    guard size == offsets[1] - offsets[0] else {
      throw SafetensorsFault(
        "shape \(shape) of \(dtype) takes \(size) bytes and its data_offsets span "
          + "\(offsets[1] - offsets[0])")
    }
    return Entry(dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// The tensors, in order of their data, must cover it exactly.
  private func checkCoverage(dataSize: Int) throws(SafetensorsFault) {
    var end = 0
    let ordered = entries.map { (name: $0.key, range: $0.value.range) }
      .sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
    for (name, range) in ordered {
      guard range.upperBound <= dataSize else {
        throw SafetensorsFault(
          "is truncated or wrong: its data ends at byte \(range.upperBound) of \(dataSize)",
          tensor: name)
      }
      guard range.lowerBound >= end else {
        throw SafetensorsFault(
          "its data begins at byte \(range.lowerBound), inside another tensor's", tensor: name)
      }
      guard range.lowerBound == end else {
        throw SafetensorsFault(
          "its data begins at byte \(range.lowerBound), after a gap from byte \(end)", tensor: name)
      }
      end = range.upperBound
    }
    guard end == dataSize else {
      throw SafetensorsFault("has \(dataSize - end) bytes of data that belong to no tensor")
    }
  }
}

extension DType {
  /// The type's name in safetensors files.
  var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float32: "F32"
    case .float64: "F64"
    }
  }

  init?(safetensors name: String) {
    guard let found = DType.allCases.first(where: { $0.safetensorsName == name }) else {
      return nil
    }
    self = found
  }
}
