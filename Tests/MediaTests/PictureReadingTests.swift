import Documents
import Foundation
import Media
import TestSupport
import Testing

/// Pictures are written by Pillow, which isn't this project, and compared with what Pillow makes of them.
@Suite(.needsTestPython) struct PictureReadingTests {
  private let folder: TemporaryFolder

  /// Writes the pictures, and beside each `NAME.rgb` as Pillow reads it, upright and over white.
  init() throws {
    folder = try TemporaryFolder()
    let script = """
      import sys
      from PIL import Image, ImageOps
      folder = sys.argv[1]
      picture = Image.new("RGB", (37, 23))
      picture.putdata([(x * 6, y * 11, (x * y) % 256) for y in range(23) for x in range(37)])
      def keep(name, image, **how):
          image.save(f"{folder}/{name}", **how)
          read = ImageOps.exif_transpose(Image.open(f"{folder}/{name}"))
          if read.mode in ("RGBA", "LA", "PA") or "transparency" in read.info:
              white = Image.new("RGBA", read.size, "white")
              read = Image.alpha_composite(white, read.convert("RGBA"))
          read = read.convert("RGB")
          with open(f"{folder}/{name}.rgb", "wb") as file:
              file.write(bytes([read.width, read.height]) + read.tobytes())
      keep("plain.png", picture)
      keep("grey.png", picture.convert("L"))
      keep("palette.png", picture.quantize(16))
      keep("one.png", Image.new("RGB", (1, 1), (9, 8, 7)))
      alpha = picture.convert("RGBA")
      alpha.putalpha(picture.convert("L"))
      keep("alpha.png", alpha)
      keep("grey.jpg", picture.convert("L"))
      keep("cmyk.jpg", picture.convert("CMYK"), quality=95)
      for orientation in range(1, 9):
          exif = Image.Exif()
          exif[0x0112] = orientation
          keep(f"turned{orientation}.jpg", picture, exif=exif, quality=95)
      picture.save(f"{folder}/other.gif")
      """
    let process = Process()
    process.executableURL = TestPython.url
    process.arguments = ["-c", script, folder.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func compare(_ name: String, within tolerance: Int) throws {
    let picture = try PictureFile.read(folder.path(name))
    let expected = [UInt8](try Data(contentsOf: folder.file(name + ".rgb")))
    #expect([picture.width, picture.height] == expected.prefix(2).map { Int($0) })
    try #require(picture.bytes.count == expected.count - 2)
    let worst = zip(picture.bytes, expected.dropFirst(2)).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(worst <= tolerance, "\(name) is off by \(worst)")
  }

  @Test(arguments: ["plain.png", "grey.png", "palette.png", "one.png", "alpha.png"]) func png(_ name: String) throws {
    try compare(name, within: name == "alpha.png" ? 1 : 0)
  }

  /// Decoders differ by a step or two; CMYK's conversion is a product here and in Pillow.
  @Test(arguments: ["grey.jpg", "cmyk.jpg"] + (1...8).map { "turned\($0).jpg" }) func jpeg(_ name: String) throws {
    try compare(name, within: name == "cmyk.jpg" ? 6 : 3)
  }

  @Test func whatCantBeReadIsSaid() throws {
    func problem(_ path: String) -> String {
      do {
        _ = try PictureFile.read(path)
        return "nothing"
      } catch { return "\(error)" }
    }
    #expect(problem(folder.path("other.gif")).contains("GIF"))
    #expect(problem(try folder.write("text.png", "a line of text")).contains("no picture"))
    #expect(problem(folder.path("none.png")).contains("no such file"))
    let jpeg = try Data(contentsOf: folder.file("turned1.jpg"))
    #expect(problem(try folder.write("half.jpg", jpeg.prefix(jpeg.count / 2))).contains("JPEG"))
    let png = try Data(contentsOf: folder.file("plain.png"))
    #expect(problem(try folder.write("half.png", png.prefix(png.count / 2))).contains("PNG"))
    // A header that promises 100,000 by 100,000 pixels, with its checksum.
    var huge = png
    huge.replaceSubrange(16..<24, with: [0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0])
    #expect(problem(try folder.write("huge.png", huge)) != "nothing")
  }
}
