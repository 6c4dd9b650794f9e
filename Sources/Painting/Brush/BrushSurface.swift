import Documents
public import Media

/// A transparent canvas that libmypaint paints on, in tiles of 64 by 64 pixels with 16 bits a channel.
public final class BrushSurface {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  let library: MyPaintLibrary
  let surface: UnsafeMutableRawPointer
  let interface: UnsafeMutableRawPointer
  static let tile = 64
  /// The number that stands for 1.
  static let one: Int32 = 1 << 15

  /// A clear canvas.
  ///
  /// - Throws: ``PaintingError`` where libmypaint isn't installed or has no memory for it.
  public init(width: Int, height: Int) throws(PaintingError) {
    library = try MyPaintLibrary.shared.get()
    guard let surface = library.surfaceNew(Int32(width), Int32(height)),
      let interface = library.surfaceInterface(surface)
    else { throw PaintingError("libmypaint has no memory for \(width) by \(height) pixels.", .unavailable) }
    self.width = width
    self.height = height
    self.surface = surface
    self.interface = interface
    clear()
  }

  deinit { library.surfaceUnref(interface) }

  /// Makes every pixel transparent.
  public func clear() {
    for y in 0..<(height + Self.tile - 1) / Self.tile {
      for x in 0..<(width + Self.tile - 1) / Self.tile {
        withTile(x, y, readOnly: false) { $0.update(repeating: 0, count: Self.tile * Self.tile * 4) }
      }
    }
  }

  /// The opacity of every pixel, rows from the top, 255 where it is covered wholly.
  public func coverage() -> [UInt8] {
    var result = [UInt8](repeating: 0, count: width * height)
    eachPixel { place, pixel in result[place] = Self.byte(pixel[3]) }
    return result
  }

  /// The canvas over white paper.
  public func picture() -> RGBImage { picture(over: RGBImage(width: width, height: height, grey: 255)) }

  /// The canvas over a picture of its size.
  public func picture(over ground: RGBImage) -> RGBImage {
    precondition(ground.width == width && ground.height == height, "pictures of one size")
    var result = ground
    result.bytes.withUnsafeMutableBufferPointer { bytes in
      eachPixel { place, pixel in
        let rest = Self.one - Int32(pixel[3])
        for channel in 0..<3 {
          // Both parts in 255ths of 1 << 15, rounded once.
          let value = Int32(pixel[channel]) * 255 + rest * Int32(bytes[place * 3 + channel])
          bytes[place * 3 + channel] = UInt8(min(255, max(0, (value + 1 << 14) >> 15)))
        }
      }
    }
    return result
  }

  /// The canvas with its transparency: four bytes a pixel, colours not multiplied by opacity.
  func straightRGBA() -> [UInt8] {
    var result = [UInt8](repeating: 0, count: width * height * 4)
    result.withUnsafeMutableBufferPointer { bytes in
      eachPixel { place, pixel in
        let alpha = Int32(pixel[3])
        guard alpha > 0 else { return }
        for channel in 0..<3 {
          bytes[place * 4 + channel] = UInt8(min(255, (Int32(pixel[channel]) * 255 + alpha / 2) / alpha))
        }
        bytes[place * 4 + 3] = Self.byte(pixel[3])
      }
    }
    return result
  }

  private static func byte(_ value: UInt16) -> UInt8 {
    UInt8(min(255, (UInt32(value) * 255 + 1 << 14) >> 15))
  }

  private func eachPixel(_ body: (_ place: Int, _ pixel: UnsafePointer<UInt16>) -> Void) {
    for tileY in 0..<(height + Self.tile - 1) / Self.tile {
      for tileX in 0..<(width + Self.tile - 1) / Self.tile {
        withTile(tileX, tileY, readOnly: true) { buffer in
          let rows = min(Self.tile, height - tileY * Self.tile), columns = min(Self.tile, width - tileX * Self.tile)
          for y in 0..<rows {
            for x in 0..<columns {
              body(
                (tileY * Self.tile + y) * width + tileX * Self.tile + x,
                UnsafePointer(buffer + (y * Self.tile + x) * 4))
            }
          }
        }
      }
    }
  }

  /// Lends a tile: 64 by 64 pixels of red, green, blue, each multiplied by opacity, and opacity.
  private func withTile(_ x: Int, _ y: Int, readOnly: Bool, _ body: (UnsafeMutablePointer<UInt16>) -> Void) {
    // MyPaintTileRequest: three ints, the buffer's pointer at byte 16, a context, two ints; room to spare.
    let request = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
    defer { request.deallocate() }
    request.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    library.requestInit(request, 0, Int32(x), Int32(y), readOnly ? 1 : 0)
    library.requestStart(surface, request)
    if let buffer = request.load(fromByteOffset: 16, as: UnsafeMutablePointer<UInt16>?.self) { body(buffer) }
    library.requestEnd(surface, request)
  }
}
