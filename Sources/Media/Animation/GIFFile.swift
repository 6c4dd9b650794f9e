public import Documents
public import Foundation

/// Animated GIF files: one palette for all frames, LZW, played over and over.
///
/// Covered: writing. Not covered: reading, transparency, palettes of single frames.
public enum GIFFile {
  /// The file's bytes.
  ///
  /// - Parameters:
  ///   - frames: pictures of one size, at least one.
  ///   - delay: how long each is shown, in hundredths of a second.
  public static func data(of frames: [RGBImage], delay: Int) -> Data {
    precondition(!frames.isEmpty, "an animation has at least one frame")
    let (width, height) = (frames[0].width, frames[0].height)
    precondition(frames.allSatisfy { $0.width == width && $0.height == height }, "frames have one size")
    // A palette of every frame would look at the same colours again and again.
    let step = max(1, frames.count / 16)
    var palette = ColorPalette(of: stride(from: 0, to: frames.count, by: step).map { frames[$0] })
    var bytes = Array("GIF89a".utf8)
    bytes.append(littleEndian: width)
    bytes.append(littleEndian: height)
    bytes += [0xF7, 0, 0]
    for i in 0..<256 {
      let color = i < palette.colors.count ? palette.colors[i] : .zero
      bytes += [color.x, color.y, color.z]
    }
    bytes += [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
    for frame in frames {
      bytes += [0x21, 0xF9, 4, 0]
      bytes.append(littleEndian: delay)
      bytes += [0, 0, 0x2C, 0, 0, 0, 0]
      bytes.append(littleEndian: width)
      bytes.append(littleEndian: height)
      bytes += [0, 8]
      var pixels: [UInt8] = []
      pixels.reserveCapacity(width * height)
      for i in stride(from: 0, to: frame.bytes.count, by: 3) {
        pixels.append(palette.index(of: SIMD3(frame.bytes[i], frame.bytes[i + 1], frame.bytes[i + 2])))
      }
      var codes = LZWCodes()
      codes.append(pixels)
      let packed = codes.bytes
      for start in stride(from: 0, to: packed.count, by: 255) {
        let block = packed[start..<min(start + 255, packed.count)]
        bytes.append(UInt8(block.count))
        bytes += block
      }
      bytes.append(0)
    }
    bytes.append(0x3B)
    return Data(bytes)
  }

  /// Writes the file under its name, complete or not at all.
  ///
  /// - Throws: `DataError` where the folder is missing or the disk is full.
  public static func write(_ frames: [RGBImage], delay: Int, to path: String) throws(DataError) {
    try DurableFile.write(data(of: frames, delay: delay), to: path)
  }
}

/// The codes of LZW for bytes (Welch, 1984) in GIF's form: widths of 9 to 12 bits, low bits first.
private struct LZWCodes {
  private(set) var bytes: [UInt8] = []
  private var held: UInt32 = 0
  private var heldBits: UInt32 = 0
  private static let clear = 256
  private static let end = 257

  mutating func append(_ pixels: [UInt8]) {
    // The child of a code by the next byte; 0 is none, as no code of one byte is anybody's child.
    var children = [UInt16](repeating: 0, count: 4096 * 256)
    var used: [Int] = []
    var next = 258
    var width: UInt32 = 9
    emit(Self.clear, width)
    var code = Int(pixels[0])
    for pixel in pixels.dropFirst() {
      let place = code << 8 | Int(pixel)
      if children[place] != 0 {
        code = Int(children[place])
        continue
      }
      emit(code, width)
      if next < 4096 {
        children[place] = UInt16(next)
        used.append(place)
        if next == 1 << width, width < 12 { width += 1 }
        next += 1
      } else {
        emit(Self.clear, width)
        for place in used { children[place] = 0 }
        used.removeAll(keepingCapacity: true)
        next = 258
        width = 9
      }
      code = Int(pixel)
    }
    emit(code, width)
    if next == 1 << width, width < 12 { width += 1 }
    emit(Self.end, width)
    if heldBits > 0 { bytes.append(UInt8(truncatingIfNeeded: held)) }
  }

  private mutating func emit(_ code: Int, _ width: UInt32) {
    held |= UInt32(code) << heldBits
    heldBits += width
    while heldBits >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: held))
      held >>= 8
      heldBits -= 8
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: Int) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value >> 8))
  }
}
