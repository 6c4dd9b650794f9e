import CZlib
public import Documents
public import Foundation

/// PNG files of pictures: 8 bits a channel, no interlacing, deflated by zlib.
///
/// Covered: writing, with transparency too. Not covered: palettes, 16 bits; ``PictureFile`` reads.
public enum PNGFile {
  /// The file's bytes.
  ///
  /// Each row goes through the filter (none, left, up, average, Paeth) whose bytes are smallest in sum, the rule of thumb of the
  /// PNG specification, section 12.8.
  public static func data(of picture: RGBImage) -> Data {
    data(width: picture.width, height: picture.height, channels: 3, picture.bytes)
  }

  /// The bytes of a file with transparency.
  ///
  /// - Parameter rgba: four bytes a pixel, colours not multiplied by opacity.
  public static func data(width: Int, height: Int, rgba: [UInt8]) -> Data {
    precondition(width > 0 && height > 0 && rgba.count == width * height * 4, "four bytes a pixel")
    return data(width: width, height: height, channels: 4, rgba)
  }

  private static func data(width: Int, height: Int, channels: Int, _ pixels: [UInt8]) -> Data {
    var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    var header: [UInt8] = []
    header.append(bigEndian: UInt32(width))
    header.append(bigEndian: UInt32(height))
    header += [8, channels == 4 ? 6 : 2, 0, 0, 0]
    data.append(chunk: "IHDR", header)
    data.append(chunk: "IDAT", deflated(filtered(pixels, stride: width * channels, channels)))
    data.append(chunk: "IEND", [])
    return data
  }

  /// Writes the file under its name, complete or not at all.
  ///
  /// - Throws: `DataError` where the folder is missing or the disk is full.
  public static func write(_ picture: RGBImage, to path: String) throws(DataError) {
    try DurableFile.write(data(of: picture), to: path)
  }

  private static func filtered(_ pixels: [UInt8], stride: Int, _ channels: Int) -> [UInt8] {
    let height = pixels.count / stride
    var result: [UInt8] = []
    result.reserveCapacity((stride + 1) * height)
    var above = [UInt8](repeating: 0, count: stride)
    for y in 0..<height {
      let row = Array(pixels[y * stride..<(y + 1) * stride])
      var best: (sum: Int, filter: UInt8, bytes: [UInt8])?
      for filter in 0..<5 as Range<UInt8> {
        var bytes = row
        var sum = 0
        for i in 0..<stride {
          let left = i < channels ? 0 : row[i - channels]
          let corner = i < channels ? 0 : above[i - channels]
          bytes[i] = row[i] &- predicted(filter, left: left, up: above[i], corner: corner)
          sum += abs(Int(Int8(bitPattern: bytes[i])))
        }
        if sum < best?.sum ?? .max { best = (sum, filter, bytes) }
      }
      if let best {
        result.append(best.filter)
        result += best.bytes
      }
      above = row
    }
    return result
  }

  private static func predicted(_ filter: UInt8, left: UInt8, up: UInt8, corner: UInt8) -> UInt8 {
    switch filter {
    case 1: left
    case 2: up
    case 3: UInt8((Int(left) + Int(up)) / 2)
    case 4: paeth(Int(left), Int(up), Int(corner))
    default: 0
    }
  }

  private static func paeth(_ left: Int, _ up: Int, _ corner: Int) -> UInt8 {
    let estimate = left + up - corner
    let (a, b, c) = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
    return UInt8(a <= b && a <= c ? left : b <= c ? up : corner)
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(length))
    let status = compress2(&result, &length, bytes, UInt(bytes.count), 9)
    // The buffer has the size that zlib asks for, so only memory can be short.
    precondition(status == Z_OK, "zlib could not compress (\(status))")
    return Array(result.prefix(Int(length)))
  }
}

extension Data {
  fileprivate mutating func append(chunk name: String, _ content: [UInt8]) {
    let body = Array(name.utf8) + content
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt32(content.count))
    bytes += body
    bytes.append(bigEndian: UInt32(truncatingIfNeeded: crc32(0, body, UInt32(body.count))))
    append(contentsOf: bytes)
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: UInt32) {
    for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
