import CTorch
public import Foundation
import Synchronization

/// From how many rows on products with packed weights go to another kernel.
///
/// Up to `few` rows read the weight as it lies, up to `many` read a copy in an order of their own, and more go to libtorch's
/// product; which is faster where depends on the processor. The kernels add up in different orders, so these four
/// numbers belong to what decides a result to the bit. A process therefore has one set of them, ``current()``: what
/// `APPRENTICE_ROW_LIMITS` says, else what a resumed run began with, else what was measured on this machine, once.
public struct RowLimits: Codable, Equatable, Sendable, CustomStringConvertible {
  /// In float32, the rows that read the weight as it lies.
  public var float32Few: Int
  /// In float32, the rows above which libtorch multiplies.
  public var float32Many: Int
  /// In bfloat16 on a processor that multiplies it, the rows that read the weight as it lies.
  public var bfloat16Few: Int
  /// In bfloat16 on any other processor, the rows above which libtorch multiplies.
  public var bfloat16Many: Int

  /// The limits that `Benchmarks/inference/compare.py` chose on two cores of a Cascade Lake Xeon on 2026-11-21.
  ///
  /// A measurement must beat them by a margin, so that a machine whose load moves doesn't choose by chance.
  public static let standard = RowLimits(float32Few: 4, float32Many: 256, bfloat16Few: 24, bfloat16Many: 256)

  /// The name of the limits in a run's record.
  public static let key = "row_limits"

  /// The limits given by their four numbers.
  public init(float32Few: Int, float32Many: Int, bfloat16Few: Int, bfloat16Many: Int) {
    (self.float32Few, self.float32Many) = (float32Few, float32Many)
    (self.bfloat16Few, self.bfloat16Many) = (bfloat16Few, bfloat16Many)
  }

  /// Reads what ``description`` writes; nil for anything else.
  public init?(_ text: String) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    guard numbers.count == 4, numbers.allSatisfy({ $0.map { (0...1 << 20).contains($0) } ?? false }) else { return nil }
    let all = numbers.compactMap { $0 }
    self.init(float32Few: all[0], float32Many: all[1], bfloat16Few: all[2], bfloat16Many: all[3])
  }

  /// Four numbers with commas between: `4,256,24,256`.
  public var description: String { "\(float32Few),\(float32Many),\(bfloat16Few),\(bfloat16Many)" }

  // MARK: What this process uses

  private static let variable = "APPRENTICE_ROW_LIMITS"
  private static let chosen = Mutex<RowLimits?>(nil)

  /// The limits of this process.
  ///
  /// - Throws: ``TorchError`` where `APPRENTICE_ROW_LIMITS` is no four numbers, or libtorch can't be loaded.
  public static func current() throws -> RowLimits {
    try chosen.withLock { chosen in
      if let chosen { return chosen }
      let limits = try given() ?? measured()
      chosen = limits
      return limits
    }
  }

  /// Makes these the limits of the process, unless `APPRENTICE_ROW_LIMITS` says otherwise: a run that is resumed takes those that it
  /// began with, and so comes to the same bits.
  ///
  /// Layers that were packed before keep theirs.
  public func use() throws {
    let limits = try Self.given() ?? self
    Self.chosen.withLock { $0 = limits }
  }

  private static func given() throws -> RowLimits? {
    guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return nil }
    guard let limits = RowLimits(text) else {
      throw TorchError(
        operation: variable, operands: text.prefix(80).description,
        message: "four numbers of rows are needed, such as \(standard)")
    }
    return limits
  }

  // MARK: Measuring

  /// The file that remembers what was measured: `row-limits.json` in `$XDG_CACHE_HOME/apprentice` or `~/.cache/apprentice`.
  public static var cacheFile: URL { MachineCache<Self>.file("row-limits.json") }

  /// The limits of this machine, from the cache or measured now, in about a second.
  ///
  /// While other programs take the processors, ``standard`` is the answer and nothing is remembered: kernels that wait for each
  /// other's threads would be compared, and not kernels.
  ///
  /// - Parameter evenIfBusy: Measure and remember whatever else runs.
  public static func measured(cache: URL = cacheFile, evenIfBusy: Bool = false) throws -> RowLimits {
    try TorchLibrary.load()
    let cache = MachineCache<Self>(cache)
    let machine = Machine.identity(of: .cpu) + ", bridge \(CTORCH_ABI)"
    if let known = cache[machine] { return known }
    let found = try withTensorErrors { try withoutGradients { try measure(evenIfBusy: evenIfBusy) } }
    guard let limits = found else { return standard }
    // Who was first, where several programs begin at once, is believed.
    if let known = cache[machine] { return known }
    cache[machine] = limits
    return limits
  }

  /// The factor by which another kernel must be faster than the one that ``standard`` names.
  private static let margin = 1.15
  /// How often two kernels are timed in turns, in each of which the other one must be faster.
  ///
  /// Of kernels that are equally fast, one wins five turns of five by chance once in thirty times.
  private static let turns = 5
  /// The share of its threads' time that a program has on the processors where nobody else wants them.
  private static let undisturbed = 0.8

  private static func measure(evenIfBusy: Bool) throws -> RowLimits? {
    guard evenIfBusy || isQuiet else { return nil }
    // Layers enough that none stays in the nearest caches until its turn comes again.
    let generator = Generator(seed: 1)
    let weights = (0..<4).map { _ in Tensor.randn([1024, 1024], generator: generator) }
    let inputs = Dictionary(
      uniqueKeysWithValues: [1, 2, 4, 8, 16, 24, 32, 48, 64, 128, 256, 512].map {
        ($0, Tensor.randn([$0, 1024], generator: generator))
      })
    func time(_ format: PackedLinear.Format, _ limits: RowLimits) throws -> (Int) -> Double {
      let layers = try weights.map { try PackedLinear(weight: $0, format: format, limits: limits) }
      return { rows in
        guard let x = inputs[rows] else { return .infinity }
        return ContinuousClock().measure { for layer in layers { _ = layer(x) } } / .seconds(1)
      }
    }
    let always = 1 << 20
    func only(few: Int, many: Int) -> RowLimits {
      RowLimits(float32Few: few, float32Many: many, bfloat16Few: few, bfloat16Many: many)
    }
    let lying = only(few: always, many: always), ordered = only(few: 0, many: always), general = only(few: 0, many: 0)
    var found = standard
    found.float32Few = limit(
      from: standard.float32Few, over: [1, 2, 4, 8, 16], below: try time(.float32, lying),
      above: try time(.float32, ordered))
    found.float32Many = limit(
      from: standard.float32Many, over: [64, 128, 256, 512], below: try time(.float32, ordered),
      above: try time(.float32, general))
    found.bfloat16Few = limit(
      from: standard.bfloat16Few, over: [4, 8, 16, 24, 32, 48], below: try time(.bfloat16, lying),
      above: try time(.bfloat16, general))
    found.bfloat16Many = limit(
      from: standard.bfloat16Many, over: [64, 128, 256, 512], below: try time(.bfloat16, ordered),
      above: try time(.bfloat16, general))
    return evenIfBusy || isQuiet ? found : nil
  }

  /// Whether this program's threads get the processors, tried for a twentieth of a second.
  private static var isQuiet: Bool {
    func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
    let x = Tensor.zeros([512, 512])
    let start = ContinuousClock.now, before = processorSeconds()
    while ContinuousClock.now - start < .milliseconds(50) { _ = x.matmul(x) }
    let available = (ContinuousClock.now - start) / .seconds(1) * Double(TorchLibrary.threads)
    return processorSeconds() - before > undisturbed * available
  }

  /// Moves a limit along the steps for as long as the kernel beyond it is clearly faster.
  ///
  /// - Parameters:
  ///   - below: Times a product of so many rows by the kernel that serves up to the limit, in seconds.
  ///   - above: The same by the kernel that serves more rows.
  package static func limit(
    from start: Int, over steps: [Int], below: (Int) -> Double, above: (Int) -> Double
  ) -> Int {
    let index = steps.firstIndex(of: start) ?? 0
    var limit = index
    while limit + 1 < steps.count, isClearlyFaster(below, than: above, at: steps[limit + 1]) { limit += 1 }
    if limit > index { return steps[limit] }
    while limit >= 0, isClearlyFaster(above, than: below, at: steps[limit]) { limit -= 1 }
    return limit >= 0 ? steps[limit] : 0
  }

  /// Whether a kernel beats the other by the margin in its best turn and is faster in every turn.
  ///
  /// Both are timed in turns, because another program's load comes and goes: it slows neighbours alike, and what hits one
  /// turn only decides nothing.
  private static func isClearlyFaster(_ one: (Int) -> Double, than other: (Int) -> Double, at rows: Int) -> Bool {
    _ = (one(rows), other(rows))
    let times = (0..<turns).map { _ in (one: one(rows), other: other(rows)) }
    let best = (one: times.map(\.one).min() ?? 0, other: times.map(\.other).min() ?? 0)
    return best.one * margin < best.other && times.allSatisfy { $0.one < $0.other }
  }
}
