import Torch

/// A folder's tensors where some matrices lie in MXFP4 (OCP): sixteen bytes of two four-bit floats and a power of two for each 32
/// inputs, as gpt-oss is published.
///
/// `NAME_blocks` `[experts, outputs, groups, 16]` and `NAME_scales` `[experts, outputs, groups]` are seen as `NAME`
/// `[experts, inputs, outputs]`, which is how the same model lies in 16 bits, and restored an expert at a time.
struct MXFP4Weights: WeightFile {
  let file: Safetensors
  private let packed: Set<String>
  let names: [String]

  private static let (blocks, scales) = ("_blocks", "_scales")
  /// Inputs that share a scale.
  private static let group = 32
  private static let values: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6]

  /// Nil where nothing lies so.
  init?(_ file: Safetensors) {
    let all = Set(file.names)
    packed = Set(
      all.filter { $0.hasSuffix(Self.blocks) }.map { String($0.dropLast(Self.blocks.count)) }
        .filter { all.contains($0 + Self.scales) })
    guard !packed.isEmpty else { return nil }
    self.file = file
    let packed = packed
    names = file.names.compactMap { name in
      for ending in [Self.blocks, Self.scales] where name.hasSuffix(ending) {
        let whole = String(name.dropLast(ending.count))
        if packed.contains(whole) { return ending == Self.blocks ? whole : nil }
      }
      return name
    }
  }

  func shape(of name: String) -> [Int]? {
    guard packed.contains(name) else { return file.shape(of: name) }
    guard let shape = file.shape(of: name + Self.blocks), shape.count == 4, shape[3] == Self.group / 2,
      file.shape(of: name + Self.scales) == Array(shape.dropLast())
    else { return [] }
    return [shape[0], shape[2] * Self.group, shape[1]]
  }

  func tensor(_ name: String) throws -> Tensor {
    guard packed.contains(name), let count = shape(of: name)?.first else { return try file.tensor(name) }
    return Tensor.stacked(try (0..<count).map { try tensor(name, at: $0) })
  }

  func tensor(_ name: String, at index: Int) throws -> Tensor {
    guard packed.contains(name) else { return try file.tensor(name).select(index, axis: 0) }
    let blocks = try file.tensor(name + Self.blocks).select(index, axis: 0).contiguous()
    let scales = try file.tensor(name + Self.scales).select(index, axis: 0).contiguous()
    let (outputs, groups) = (blocks.size(0), blocks.size(1))
    let (bytes, exponents) = (blocks.array(of: UInt8.self), scales.array(of: UInt8.self))
    let width = groups * Self.group
    let numbers = [Float](unsafeUninitializedCapacity: outputs * width) { to, count in
      for group in 0..<outputs * groups {
        // The bits of a power of two are its exponent's.
        let scale =
          exponents[group] == 0
          ? Float(sign: .plus, exponent: -127, significand: 1) : Float(bitPattern: UInt32(exponents[group]) << 23)
        for i in 0..<Self.group / 2 {
          let byte = Int(bytes[group * Self.group / 2 + i])
          to[group * Self.group + 2 * i] = Self.values[byte & 15] * scale
          to[group * Self.group + 2 * i + 1] = Self.values[byte >> 4] * scale
        }
      }
      count = outputs * width
    }
    return Tensor(numbers, shape: [outputs, width]).transposed()
  }

  func release(_ name: String) {
    guard packed.contains(name) else { return file.release(name) }
    for ending in [Self.blocks, Self.scales] { file.release(name + ending) }
  }
}
