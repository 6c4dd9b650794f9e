import Dispatch
import Documents
import Foundation
import Statistics
public import Training

/// Strokes of a real brush: nine numbers each, and what of a frame of 64 by 64 pixels they cover.
///
/// Colour is left out: a stroke lays `coverage · colour` over what is below, so a colour needs no examples of its own.
///
/// ```
/// let set = try StrokeSet.generate(BrushFile(named: "charcoal"), count: 10_000, seed: 1)
/// print(set.count, set.coverage.count)   // 10000, 40960000
/// ```
public struct StrokeSet: Sendable, Equatable {
  /// The side of the frame in pixels.
  public static let side = 64
  /// The pixels of a stroke.
  public static let pixels = side * side
  /// The name of the brush.
  public let brush: String
  /// `count · 9` numbers, the shapes one after another.
  public private(set) var shapes: [Float]
  /// `count · 64 · 64` bytes, 255 where a pixel is covered wholly.
  public private(set) var coverage: [UInt8]

  /// The number of strokes.
  public var count: Int { shapes.count / StrokeAction.shapeCount }

  /// A set of given numbers and bytes.
  public init(brush: String, shapes: [Float], coverage: [UInt8]) {
    precondition(
      shapes.count / StrokeAction.shapeCount * Self.pixels == coverage.count
        && shapes.count % StrokeAction.shapeCount == 0, "nine numbers and \(Self.pixels) bytes a stroke")
    self.brush = brush
    self.shapes = shapes
    self.coverage = coverage
  }

  /// The strokes of a range.
  public subscript(range: Range<Int>) -> StrokeSet {
    StrokeSet(
      brush: brush,
      shapes: Array(
        shapes[range.lowerBound * StrokeAction.shapeCount..<range.upperBound * StrokeAction.shapeCount]),
      coverage: Array(coverage[range.lowerBound * Self.pixels..<range.upperBound * Self.pixels]))
  }

  /// The shape of one stroke.
  public func shape(_ number: Int) -> [Float] {
    Array(shapes[number * StrokeAction.shapeCount..<(number + 1) * StrokeAction.shapeCount])
  }

  /// The strokes that one brush paints before its random numbers start anew: what makes a set the same on any number of cores.
  static let block = 500

  /// Paints random strokes, every number drawn evenly from 0 to 1.
  ///
  /// - Parameters:
  ///   - first: the number of the first stroke of the endless set that the seed decides; a multiple of 500.
  ///   - threads: brushes at work at once.
  ///   - isStopped: asked between strokes; where it says so nothing comes back.
  /// - Returns: the strokes; nil where it was stopped.
  /// - Throws: ``PaintingError`` for a brush that libmypaint can't use, or that covers nothing.
  public static func generate(
    _ brush: BrushFile, from first: Int = 0, count: Int, seed: UInt64, threads: Int = Machine.cores,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws -> StrokeSet? {
    precondition(first % block == 0, "sets begin at multiples of \(block)")
    _ = try Brush(brush)
    let shapes = Destination(repeating: Float.zero, count: count * StrokeAction.shapeCount)
    let coverage = Destination(repeating: UInt8.zero, count: count * pixels)
    let blocks = (count + block - 1) / block
    let state = Lock(Progress())
    let workers = max(1, min(threads, blocks))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      do {
        let surface = try BrushSurface(width: side, height: side)
        while let number = state.with({ $0.next(of: blocks) }) {
          let painter = try Brush(brush)
          var random = SeededGenerator(
            seed: DerivedSeed(run: seed, for: "strokes", step: first / block + number).value)
          for stroke in number * block..<min(count, (number + 1) * block) {
            if stroke % 100 == 0, isStopped() { return state.with { $0.isStopped = true } }
            let shape = (0..<StrokeAction.shapeCount).map { _ in Float(random.uniform()) }
            surface.clear()
            painter.paint(StrokeAction(shape: shape), on: surface)
            shapes.write(shape, at: stroke * StrokeAction.shapeCount)
            coverage.write(surface.coverage(), at: stroke * pixels)
          }
        }
      } catch {
        state.with { $0.error = error }
      }
    }
    let end = state.with { $0 }
    if let error = end.error { throw error }
    if end.isStopped { return nil }
    let made = StrokeSet(brush: brush.name, shapes: shapes.content, coverage: coverage.content)
    if count >= 100, !made.coverage.contains(where: { $0 > 0 }) {
      throw PaintingError(
        "\(brush.name) paints nothing: \(count) random strokes covered no pixel. It may smudge or erase; choose another."
      )
    }
    return made
  }

  private struct Progress {
    var taken = 0
    var isStopped = false
    var error: (any Error)?

    mutating func next(of blocks: Int) -> Int? {
      guard taken < blocks, !isStopped, error == nil else { return nil }
      taken += 1
      return taken - 1
    }
  }
}

/// A value that one thread at a time looks at.
private final class Lock<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value
  init(_ value: Value) { self.value = value }
  func with<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}

/// An array whose parts several threads fill at once, no two of them the same.
private final class Destination<Element>: @unchecked Sendable {
  private let memory: UnsafeMutableBufferPointer<Element>

  init(repeating value: Element, count: Int) {
    memory = .allocate(capacity: count)
    memory.initialize(repeating: value)
  }

  deinit { memory.deallocate() }

  func write(_ elements: [Element], at place: Int) {
    for (offset, element) in elements.enumerated() { memory[place + offset] = element }
  }

  var content: [Element] { Array(memory) }
}
