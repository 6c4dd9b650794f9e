/// At most 256 colours that stand for those of some pictures, by median cut (Heckbert, 1982).
public struct ColorPalette: Sendable {
  /// The colours, three bytes each.
  public private(set) var colors: [SIMD3<UInt8>]
  /// The nearest colour for every colour of five bits a channel, found when it is first asked for.
  private var nearest = [Int16](repeating: -1, count: 1 << 15)

  /// The palette of some pictures.
  ///
  /// - Parameter limit: how many colours there may be, 1 to 256.
  public init(of pictures: [RGBImage], limit: Int = 256) {
    var counts: [Int: (weight: Int, sum: SIMD3<Int>)] = [:]
    for picture in pictures {
      for i in stride(from: 0, to: picture.bytes.count, by: 3) {
        let color = SIMD3(picture.bytes[i], picture.bytes[i + 1], picture.bytes[i + 2])
        counts[Self.cell(color), default: (0, .zero)].weight += 1
        counts[Self.cell(color), default: (0, .zero)].sum &+= SIMD3<Int>(Int(color.x), Int(color.y), Int(color.z))
      }
    }
    // Sorted, so that a palette depends on the pictures only and not on how the dictionary lies.
    let entries = counts.sorted { $0.key < $1.key }.map { Entry(weight: $0.value.weight, sum: $0.value.sum) }
    var boxes = [entries]
    while boxes.count < limit {
      let widest = boxes.indices.filter { boxes[$0].count > 1 }
        .max { Self.spread(boxes[$0]).score < Self.spread(boxes[$1]).score }
      guard let widest else { break }
      let axis = Self.spread(boxes[widest]).axis
      let sorted = boxes[widest].sorted { $0.mean[axis] < $1.mean[axis] }
      let half = sorted.reduce(0) { $0 + $1.weight } / 2
      var seen = 0
      var cut = 0
      while cut < sorted.count - 1, seen < half || cut == 0 {
        seen += sorted[cut].weight
        cut += 1
      }
      boxes[widest] = Array(sorted[..<cut])
      boxes.append(Array(sorted[cut...]))
    }
    colors = boxes.filter { !$0.isEmpty }.map { box in
      let weight = box.reduce(0) { $0 + $1.weight }
      let sum = box.reduce(SIMD3<Int>.zero) { $0 &+ $1.sum }
      return SIMD3(UInt8(sum.x / weight), UInt8(sum.y / weight), UInt8(sum.z / weight))
    }
  }

  /// The place of the colour nearest to a given one.
  public mutating func index(of color: SIMD3<UInt8>) -> UInt8 {
    let cell = Self.cell(color)
    if nearest[cell] < 0 {
      let best = colors.indices.min { Self.distance(colors[$0], color) < Self.distance(colors[$1], color) }
      nearest[cell] = Int16(best ?? 0)
    }
    return UInt8(nearest[cell])
  }

  private struct Entry {
    var weight: Int
    var sum: SIMD3<Int>
    var mean: SIMD3<Int> { SIMD3(sum.x / weight, sum.y / weight, sum.z / weight) }
  }

  private static func cell(_ color: SIMD3<UInt8>) -> Int {
    Int(color.x >> 3) << 10 | Int(color.y >> 3) << 5 | Int(color.z >> 3)
  }

  private static func distance(_ a: SIMD3<UInt8>, _ b: SIMD3<UInt8>) -> Int {
    (0..<3).reduce(0) { $0 + (Int(a[$1]) - Int(b[$1])) * (Int(a[$1]) - Int(b[$1])) }
  }

  private static func spread(_ box: [Entry]) -> (axis: Int, score: Int) {
    var low = SIMD3<Int>(repeating: 255)
    var high = SIMD3<Int>.zero
    for entry in box {
      low = pointwiseMin(low, entry.mean)
      high = pointwiseMax(high, entry.mean)
    }
    let range = high &- low
    let axis = (0..<3).max { range[$0] < range[$1] } ?? 0
    return (axis, range[axis] * box.reduce(0) { $0 + $1.weight })
  }
}
