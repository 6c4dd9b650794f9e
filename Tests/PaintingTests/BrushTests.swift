import Documents
import Foundation
import Media
import Painting
import TestSupport
import Testing

/// Whether libmypaint and brushes are there, without which nothing here can paint.
let canPaint = (try? BrushFile(named: "classic/charcoal")).flatMap { try? Brush($0) } != nil

extension Trait where Self == ConditionTrait {
  static var needsBrushes: Self {
    .enabled(if: canPaint, "libmypaint or its brushes aren't installed: Scripts/bootstrap installs them")
  }
}

@Suite(.needsBrushes) struct BrushTests {
  private func painted(_ action: StrokeAction, _ brush: String = "calligraphy", side: Int = 64) throws -> BrushSurface {
    let surface = try BrushSurface(width: side, height: side)
    try Brush(BrushFile(named: brush)).paint(action, in: StrokeFrame(side: Float(side)), on: surface)
    return surface
  }

  private let arc = StrokeAction([0.9, 0.4, 0.5, 0.2, 0.85, 0.8, 0, 0, 0, 0.15, 0.8, 0.9])

  /// The middle of the stroke goes through the control point, as the published code bends it, and ends lie at its ends.
  @Test func strokesPassTheirPoints() throws {
    let coverage = try painted(arc).coverage()
    func at(_ p: SIMD2<Float>) -> UInt8 { coverage[min(63, Int(p.y * 64)) * 64 + min(63, Int(p.x * 64))] }
    #expect(at(arc.control) > 128)
    // Beyond: the control point of a Bézier curve, which the curve doesn't reach.
    #expect(at(SIMD2(0.5, 0.02)) == 0)
    #expect(at(SIMD2(0.5, 0.8)) == 0)
    let columns = (0..<64).filter { x in (0..<64).contains { coverage[$0 * 64 + x] > 64 } }
    #expect(abs((columns.first ?? 0) - Int(0.15 * 64)) < 6)
    #expect(abs((columns.last ?? 0) - Int(0.85 * 64)) < 6)
  }

  /// Black over white is white less the coverage: what makes colour a product.
  @Test(arguments: ["calligraphy", "charcoal", "dry_brush"]) func colourIsAProduct(_ brush: String) throws {
    for color in [SIMD3<Float>(0, 0, 0), SIMD3(1, 0.5, 0.25)] {
      var action = arc
      action.color = color
      let surface = try painted(action, brush)
      let (coverage, picture) = (surface.coverage(), surface.picture())
      var worst = 0.0
      for i in coverage.indices {
        for channel in 0..<3 {
          let alpha = Double(coverage[i]) / 255
          let expected = 255 * (1 - alpha) + 255 * alpha * Double(color[channel])
          worst = max(worst, abs(expected - Double(picture.bytes[i * 3 + channel])))
        }
      }
      #expect(worst <= 2.5)
    }
  }

  /// A stroke in a frame of 256 pixels is the stroke of 64 seen larger: its means over 4 by 4 pixels are about the same.
  @Test func strokesScaleWithTheirFrame() throws {
    let large = try painted(arc, side: 256).coverage()
    func share(_ action: StrokeAction) throws -> Double {
      let small = try painted(action).coverage()
      var (error, ink) = (0.0, 0.0)
      for y in 0..<64 {
        for x in 0..<64 {
          let mean = (0..<16).reduce(0.0) { $0 + Double(large[(y * 4 + $1 / 4) * 256 + x * 4 + $1 % 4]) } / 16
          error += pow(mean - Double(small[y * 64 + x]), 2)
          ink += pow(Double(small[y * 64 + x]), 2)
        }
      }
      return error / ink
    }
    // What is left is the softness of an edge on a radius of two pixels; a brush a third larger is farther off.
    let same = try share(arc)
    #expect(same < 0.06)
    var wider = arc
    wider.size += 0.15
    #expect(try share(wider) > 2 * same)
  }

  @Test func pressureMakesMarksAndItsLackNone() throws {
    var action = arc
    (action.startPressure, action.endPressure) = (0, 0)
    #expect(try painted(action).coverage().allSatisfy { $0 == 0 })
  }

  @Test func whatIsNoBrushIsSaid() throws {
    #expect(throws: PaintingError.self) { try BrushFile(named: "charcole") }
    do { _ = try BrushFile(named: "charcole") } catch {
      #expect("\(error)".contains("charcoal"))
    }
    let folder = try TemporaryFolder()
    let path = try folder.write("broken.myb", "a line of text")
    #expect(throws: DataError.self) { try BrushFile(named: path) }
    let empty = try folder.write("empty.myb", "{}")
    #expect(throws: PaintingError.self) { try Brush(BrushFile(named: empty)) }
    #expect(throws: DataError.self) { try BrushFile(named: folder.path("none.myb")) }
  }
}

@Suite(.needsBrushes) struct StrokeGeneratorTests {
  /// Several brushes at once paint what one paints alone, to the bit: libmypaint shares nothing between them.
  @Test(arguments: ["charcoal", "dry_brush"]) func threadsDontTouchEachOther(_ name: String) throws {
    let brush = try BrushFile(named: name)
    let alone = try #require(try StrokeSet.generate(brush, count: 1200, seed: 3, threads: 1))
    let together = try StrokeSet.generate(brush, count: 1200, seed: 3, threads: 4)
    #expect(alone == together)
    let rest = try StrokeSet.generate(brush, from: 500, count: 700, seed: 3, threads: 2)
    #expect(alone[500..<1200] == rest)
    #expect(try StrokeSet.generate(brush, count: 500, seed: 4, threads: 1) != alone[0..<500])
  }

  @Test func folderGoesOnWhereItWasStopped() throws {
    let folder = try TemporaryFolder()
    let brush = try BrushFile(named: "charcoal")
    let whole = StrokeFolder(folder.path("whole"))
    try whole.generate(brush, count: 1700, seed: 1, shard: 1000)
    let pieces = StrokeFolder(folder.path("pieces"))
    #expect(try pieces.generate(brush, count: 1200, seed: 1, shard: 1000) == 1200)
    let first = try Data(contentsOf: folder.file("pieces/shard-00000.npz"))
    #expect(try pieces.generate(brush, count: 1700, seed: 1, shard: 1000) == 1700)
    #expect(try pieces.read() == whole.read())
    #expect(try Data(contentsOf: folder.file("pieces/shard-00000.npz")) == first)
    #expect(try pieces.read(limit: 1100).count == 1100)
    #expect(throws: PaintingError.self) { try pieces.generate(brush, count: 1700, seed: 2, shard: 1000) }
    try Data(first.prefix(first.count / 2)).write(to: folder.file("pieces/shard-00000.npz"))
    #expect(throws: DataError.self) { try pieces.read() }
  }

  /// Read by Python's zipfile and by the description of NumPy's format, neither of which is this project.
  @Test(.needsTestPython) func shardsAreNumPysArchives() throws {
    let folder = try TemporaryFolder()
    try StrokeFolder(folder.path).generate(BrushFile(named: "charcoal"), count: 500, seed: 1)
    let script = """
      import ast, struct, sys, zipfile
      archive = zipfile.ZipFile(sys.argv[1])
      assert archive.testzip() is None
      for name in ["actions.npy", "coverage.npy"]:
          data = archive.read(name)
          assert data[:8] == b"\\x93NUMPY\\x01\\x00"
          length, = struct.unpack("<H", data[8:10])
          assert (10 + length) % 64 == 0 and data[9 + length:10 + length] == b"\\n"
          header = ast.literal_eval(data[10:10 + length].decode().strip())
          print(header["descr"], header["shape"], len(data) - 10 - length, sum(data[10 + length:]))
      """
    let process = Process()
    process.executableURL = TestPython.url
    process.arguments = ["-c", script, folder.path("shard-00000.npz")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let set = try StrokeFolder(folder.path).read()
    let ink = set.coverage.reduce(0) { $0 + Int($1) }
    #expect(text.contains("<f4 (500, 9) 18000"))
    #expect(text.contains("|u1 (500, 64, 64) \(500 * 4096) \(ink)"))
  }
}
