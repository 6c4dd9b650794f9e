import NeuralNetworks
import Torch

/// cos and sin of the angles of rotary positions, made as far as sequences reach and kept; shared by the models over one
/// base.
final class RotaryTables {
  typealias Angles = (cos: Tensor, sin: Tensor)
  /// The tables of most layers, by regime.
  private var full: [Int: Angles] = [:]
  private var sliding: Angles?

  /// Regimes whose tables are kept; where every length has its own (`dynamic`) they would add up.
  private static let most = 4

  /// The angles at these positions `[tokens, half]`, for most layers and for sliding ones where those differ.
  func angles(
    _ positions: Tensor, upTo longest: Int, _ c: DecoderConfiguration
  ) -> (full: Angles?, sliding: Angles?) {
    guard case .rotary(let base) = c.positions else { return (nil, nil) }
    func rows(_ table: Angles?) -> Angles? {
      table.map { ($0.cos.indexSelect(positions), $0.sin.indexSelect(positions)) }
    }
    let all = table(0, upTo: longest, c, base: base, on: positions.device)
    return (rows(all), rows(slidingTable(upTo: longest, c, on: positions.device)))
  }

  /// The same where sequences may be in different regimes, one for each token; empty where all are in the first.
  func angles(
    _ positions: [Int], regimes: [Int], upTo longest: Int, _ c: DecoderConfiguration, on device: Device
  ) -> (full: Angles?, sliding: Angles?) {
    guard regimes.contains(where: { $0 != 0 }), case .rotary(let base) = c.positions else {
      return angles(Tensor(ids: positions).to(device: device), upTo: longest, c)
    }
    // The tables one after the other, and where each begins.
    var starts: [Int: Int] = [:]
    var tables: [Angles] = []
    var rows = 0
    for regime in regimes where starts[regime] == nil {
      guard let one = table(regime, upTo: longest, c, base: base, on: device) else { continue }
      starts[regime] = rows
      tables.append(one)
      rows += one.cos.size(0)
    }
    let index = Tensor(ids: zip(positions, regimes).map { $0 + (starts[$1] ?? 0) }).to(device: device)
    let all = (cos: Tensor.concatenated(tables.map(\.cos)), sin: Tensor.concatenated(tables.map(\.sin)))
    let places = Tensor(ids: positions).to(device: device)
    let sliding = slidingTable(upTo: longest, c, on: device).map {
      (cos: $0.cos.indexSelect(places), sin: $0.sin.indexSelect(places))
    }
    return ((all.cos.indexSelect(index), all.sin.indexSelect(index)), sliding)
  }

  private func table(
    _ regime: Int, upTo longest: Int, _ c: DecoderConfiguration, base: Double, on device: Device
  ) -> Angles? {
    var table = full[regime]
    grow(&table, upTo: longest, c, base: base, scaling: c.rotaryScaling, regime: regime, on: device)
    if full.count >= Self.most, full[regime] == nil { full = full.filter { $0.key == 0 } }
    full[regime] = table
    return table
  }

  private func slidingTable(upTo longest: Int, _ c: DecoderConfiguration, on device: Device) -> Angles? {
    guard let base = c.slidingRotaryBase else { return nil }
    grow(&sliding, upTo: longest, c, base: base, scaling: RotaryScaling(), regime: 0, on: device)
    return sliding
  }

  /// Makes a table again, longer, where it does not reach: contexts of a million tokens cost nothing until they are used.
  private func grow(
    _ table: inout Angles?, upTo longest: Int, _ c: DecoderConfiguration, base: Double,
    scaling: RotaryScaling, regime: Int, on device: Device
  ) {
    let reach = table?.cos.size(0) ?? 0
    guard reach < longest else { return }
    // A base that grows with the sequence starts from the length of training.
    let trained = scaling.kind == .dynamic ? scaling.originalLength ?? c.contextLength : c.contextLength
    // The settings were validated with the configuration, so that this can't fail.
    guard
      let rope = try? RotaryEmbedding(
        width: c.rotaryWidth, base: base, contextLength: trained, scaling: scaling)
    else { return }
    let length = min(c.contextLength, max(2 * reach, longest, 1024))
    table = rope.tables(
      Tensor(ids: Array(0..<max(length, longest))).to(device: device), longest: c.rotaryLength(ofRegime: regime))
  }
}

extension DecoderConfiguration {
  /// The length from which on a sequence's frequencies are others; nil where they are the same for every length.
  private var lastPlainLength: Int? {
    guard case .rotary = positions else { return nil }
    let original = rotaryScaling.originalLength ?? contextLength
    switch rotaryScaling.kind {
    case .dynamic: return original
    case .longrope: return rotaryScaling.shortFactor == rotaryScaling.longFactor ? nil : original
    default: return nil
    }
  }

  /// Whether how far a token is turned depends on the length of its whole sequence.
  ///
  /// The keys of a sequence that grows into another regime are worth nothing there: it is read again.
  var turnsByLength: Bool { lastPlainLength != nil }

  /// A number that sequences have in common whose frequencies are the same: 0 up to the length of training; beyond it 1 with two lists
  /// of divisors (`longrope`), or the length itself where the base grows with it (`dynamic`).
  func rotaryRegime(ofLength length: Int) -> Int {
    guard let last = lastPlainLength, length > last else { return 0 }
    return rotaryScaling.kind == .longrope ? 1 : length
  }

  /// The number of tokens that a sequence can still get before its frequencies change.
  func roomInRegime(afterLength length: Int) -> Int {
    guard let last = lastPlainLength else { return .max }
    return length <= last ? last - length : rotaryScaling.kind == .longrope ? .max : 0
  }

  /// The regimes of several lengths; empty where all are in the first regime.
  func rotaryRegimes(_ lengths: @autoclosure () -> [Int]) -> [Int] {
    guard turnsByLength else { return [] }
    let regimes = lengths().map(rotaryRegime(ofLength:))
    return regimes.contains { $0 != 0 } ? regimes : []
  }

  /// A length whose frequencies are a regime's.
  fileprivate func rotaryLength(ofRegime regime: Int) -> Int {
    let original = rotaryScaling.originalLength ?? contextLength
    switch regime {
    case 0: return min(original, contextLength)
    case 1 where rotaryScaling.kind == .longrope: return original + 1
    default: return regime
    }
  }
}
