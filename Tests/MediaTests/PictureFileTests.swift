import Foundation
import Media
import TestSupport
import Testing

/// Files are read by Pillow, which isn't this project.
@Suite struct PictureFileTests {
  /// A picture with edges, slopes and noise.
  private func picture(_ width: Int, _ height: Int, seed: Int = 0) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for i in image.bytes.indices {
      let (x, y) = (i / 3 % width, i / 3 / width)
      image.bytes[i] = UInt8(truncatingIfNeeded: (x / 5 + seed) * 37 ^ y * 3 &+ (i % 3) * 50 &+ (x * y) % 7)
    }
    return image
  }

  /// The frames of a file as Pillow sees them: width, height, duration and bytes of each.
  private func read(_ path: String) throws -> [(width: Int, height: Int, duration: Int, bytes: [UInt8])] {
    let script = """
      import sys
      from PIL import Image, ImageSequence
      for frame in ImageSequence.Iterator(Image.open(sys.argv[1])):
          print(frame.width, frame.height, frame.info.get("duration", 0), frame.convert("RGB").tobytes().hex())
      """
    let process = Process()
    let python: URL = try #require(TestPython.url)
    process.executableURL = python
    process.arguments = ["-c", script, path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text.split(separator: "\n").map { line in
      let fields = line.split(separator: " ")
      let hex = Array(fields[3].utf8)
      let bytes = stride(from: 0, to: hex.count, by: 2).map {
        UInt8(String(decoding: hex[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
      }
      return (Int(fields[0]) ?? 0, Int(fields[1]) ?? 0, Int(fields[2]) ?? 0, bytes)
    }
  }

  @Test(.needsTestPython, arguments: [(1, 1), (7, 3), (64, 64), (301, 40)])
  func pngIsExact(_ width: Int, _ height: Int) throws {
    let folder = try TemporaryFolder()
    let image = picture(width, height)
    try PNGFile.write(image, to: folder.path("a.png"))
    let frames = try read(folder.path("a.png"))
    #expect(frames.count == 1)
    #expect(frames[0].width == width)
    #expect(frames[0].bytes == image.bytes)
  }

  @Test(.needsTestPython)
  func gifOfFewColoursIsNearlyExact() throws {
    let folder = try TemporaryFolder()
    // 64 colours, five bits apart, in long runs and in noise: codes grow to twelve bits and the table fills up.
    let frames = (0..<5).map { n in
      var image = RGBImage(width: 160, height: 120)
      for i in stride(from: 0, to: image.bytes.count, by: 3) {
        let place = i / 3
        let value = place < 6000 ? place / 900 + n : Int(UInt32(truncatingIfNeeded: place &* 2_654_435_761 &+ n) >> 20)
        image.bytes[i] = UInt8(value % 4 * 64 + 3)
        image.bytes[i + 1] = UInt8(value / 4 % 4 * 64 + 3)
        image.bytes[i + 2] = UInt8(value / 16 % 4 * 64 + 3)
      }
      return image
    }
    try GIFFile.write(frames, delay: 7, to: folder.path("a.gif"))
    let found = try read(folder.path("a.gif"))
    #expect(found.count == 5)
    for (one, other) in zip(found, frames) {
      #expect(one.duration == 70)
      #expect(one.width == 160)
      #expect(one.bytes == other.bytes)
    }
  }

  @Test(.needsTestPython)
  func gifOfManyColoursIsClose() throws {
    let folder = try TemporaryFolder()
    var image = RGBImage(width: 64, height: 64)
    for i in image.bytes.indices { image.bytes[i] = UInt8(i / 3 % 64 * 4 * (i % 3) / 2 % 256) }
    try GIFFile.write([image], delay: 5, to: folder.path("a.gif"))
    let bytes = try read(folder.path("a.gif"))[0].bytes
    let error = zip(bytes, image.bytes).map { abs(Int($0) - Int($1)) }
    #expect(error.reduce(0, +) / error.count < 8)
  }

  @Test func picturesArePastedWithinTheirEdges() {
    var sheet = RGBImage(width: 4, height: 4)
    sheet.paste(RGBImage(width: 3, height: 3, grey: 200), x: -2, y: 2)
    sheet.paste(RGBImage(width: 3, height: 3, grey: 100), x: 3, y: -1)
    let reds = stride(from: 0, to: sheet.bytes.count, by: 3).map { sheet.bytes[$0] }
    #expect(reds == [0, 0, 0, 100, 0, 0, 0, 100, 200, 0, 0, 0, 200, 0, 0, 0])
    #expect(
      RGBImage(width: 1, height: 1, bytes: [1, 2, 3]).enlarged(by: 2).bytes == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
  }

  @Test func anMP4WithoutFfmpegSaysWhatIsMissing() throws {
    let folder = try TemporaryFolder()
    let hasProgram = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/ffmpeg") }
    if hasProgram {
      try MP4File.write([picture(64, 64), picture(64, 64, seed: 3)], rate: 15, to: folder.path("a.mp4"))
      let head = try Data(contentsOf: folder.file("a.mp4")).dropFirst(4).prefix(4)
      #expect(String(decoding: head, as: UTF8.self) == "ftyp")
    } else {
      let error = #expect(throws: (any Error).self) {
        try MP4File.write([picture(64, 64)], rate: 15, to: folder.path("a.mp4"))
      }
      #expect("\(try #require(error))".contains("ffmpeg"))
      #expect(folder.contents == [])
    }
  }
}
