public import Documents
import Foundation

/// Pictures of people's: PNG by libpng and JPEG by libjpeg-turbo, turned upright, over white where they are transparent.
///
/// The libraries are opened when a picture is first read. Which kind a file is, its first bytes say and not its name.
/// Covered: PNG of every depth, palettes, interlacing; JPEG with EXIF's orientation, grey, CMYK. Not covered: colour
/// profiles, 16 bits, HEIC, WebP.
public enum PictureFile {
  /// The most pixels of a PNG; a JPEG that has more is read at a half, a quarter or an eighth of its size.
  public static let limit = 100_000_000

  /// The picture in a file.
  ///
  /// - Throws: `DataError` that says what is wrong with the file, or which library is missing.
  public static func read(_ path: String) throws(DataError) -> RGBImage {
    let data = try FileContents.data(of: path)
    let head = [UInt8](data.prefix(12))
    if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return try PNGReader.read(data, path: path) }
    if head.starts(with: [0xFF, 0xD8, 0xFF]) { return try JPEGReader.read(data, path: path) }
    let kind: String? =
      head.starts(with: Array("GIF8".utf8))
      ? "a GIF"
      : head.starts(with: Array("BM".utf8))
        ? "a BMP"
        : head.count >= 12 && head[8..<12].elementsEqual("WEBP".utf8)
          ? "a WebP"
          : head.count >= 12 && head[4..<8].elementsEqual("ftyp".utf8) ? "an HEIC, AVIF or video" : nil
    throw DataError(
      .badData, path: path, problem: kind.map { "this is \($0) file" } ?? "this is no picture that can be read",
      advice: "Convert it to PNG or JPEG.")
  }

  static func tooLarge(_ width: Int, _ height: Int, path: String) -> DataError {
    DataError(
      .badData, path: path,
      problem: "the picture has \(width) by \(height) pixels, more than \(limit / 1_000_000) million",
      advice: "Make it smaller first; a painting shows no more than a few million.")
  }

  static func missing(_ library: String, _ package: String, path: String) -> DataError {
    DataError(
      .inputOutput, path: path, problem: "reading this picture needs \(library), which isn't installed",
      advice: "Install it (\(package)).")
  }
}

/// Reads PNG with libpng's simplified interface (libpng 1.6, `png_image`).
enum PNGReader {
  private typealias Begin = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Int32
  private typealias Finish =
    @convention(c) (
      UnsafeMutableRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer, Int32, UnsafeMutableRawPointer?
    ) -> Int32
  private typealias Free = @convention(c) (UnsafeMutableRawPointer) -> Void
  private static let library = DynamicLibrary([
    "libpng16.so.16", "libpng16.dylib", "/opt/homebrew/lib/libpng16.dylib", "/usr/local/lib/libpng16.dylib",
  ])

  /// Where `png_image` has what: a pointer, then numbers of 32 bits, then a message.
  private enum Place {
    static let version = 8, width = 12, height = 16, format = 20, message = 36, size = 128
  }

  static func read(_ data: Data, path: String) throws(DataError) -> RGBImage {
    guard let begin = library?.function("png_image_begin_read_from_memory", as: Begin.self),
      let finish = library?.function("png_image_finish_read", as: Finish.self),
      let free = library?.function("png_image_free", as: Free.self)
    else { throw PictureFile.missing("libpng", "apt-get install libpng16-16, brew install libpng", path: path) }
    let image = UnsafeMutableRawPointer.allocate(byteCount: Place.size, alignment: 16)
    defer {
      free(image)
      image.deallocate()
    }
    image.initializeMemory(as: UInt8.self, repeating: 0, count: Place.size)
    image.storeBytes(of: 1, toByteOffset: Place.version, as: UInt32.self)
    func damaged() -> DataError {
      let message = String(cString: (image + Place.message).assumingMemoryBound(to: CChar.self))
      return DataError(
        .badData, path: path, problem: "the PNG can't be read (\(message))", advice: "Check that it is whole.")
    }
    // libpng keeps the address until it has finished.
    let source = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 16)
    defer { source.deallocate() }
    source.copyBytes(from: data)
    guard let start = source.baseAddress, begin(image, start, source.count) != 0 else { throw damaged() }
    let width = Int(image.load(fromByteOffset: Place.width, as: UInt32.self))
    let height = Int(image.load(fromByteOffset: Place.height, as: UInt32.self))
    guard width > 0, height > 0, width <= PictureFile.limit / height else {
      throw PictureFile.tooLarge(width, height, path: path)
    }
    // Red, green, blue and alpha of 8 bits each.
    image.storeBytes(of: 3, toByteOffset: Place.format, as: UInt32.self)
    var pixels = [UInt8](repeating: 0, count: width * height * 4)
    let status = pixels.withUnsafeMutableBytes { target in
      target.baseAddress.map { finish(image, nil, $0, Int32(width * 4), nil) } ?? 0
    }
    guard status != 0 else { throw damaged() }
    var picture = RGBImage(width: width, height: height)
    for i in 0..<width * height {
      let alpha = Int(pixels[i * 4 + 3])
      for channel in 0..<3 {
        picture.bytes[i * 3 + channel] = UInt8((Int(pixels[i * 4 + channel]) * alpha + 255 * (255 - alpha) + 127) / 255)
      }
    }
    return picture
  }
}
