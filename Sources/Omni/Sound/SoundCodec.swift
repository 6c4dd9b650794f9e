public import Media
public import NeuralNetworks
public import Torch

/// Sound as codes and back: a small causal network with residual quantisation (after SoundStream, Zeghidour 2021, and its successors).
///
/// Samples at 16 kHz become vectors of 20 ms by one convolution, then of 40 ms, 25 a second; each is two codes of 256, 400 bits a second.
/// Back, each vector of 20 ms makes 40 ms of samples that overlap with the next one's. Nothing looks ahead: frame t of the codes depends
/// on the sound up to its end, and sample n on the codes of frames before it and its own.
///
/// ```
/// let codes = codec.codes(of: sound)               // [[Int]]: one list a level, 25 codes a second each
/// let again = codec.sound(of: codes)
/// ```
public final class SoundCodec: Module {
  /// The shape of a codec.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Features at 50 vectors a second; twice as many at 25.
    public var width = 96
    /// Features of a quantised vector.
    public var latentWidth = 16
    /// Codes of a level.
    public var codes = 256
    /// Levels of quantisation.
    public var levels = 2
    /// The shape that speech of a small world takes.
    public init() {}
  }

  /// Samples a second.
  public static let rate = 16_000
  /// Samples of a vector before it is joined with the next.
  static let hop = 320
  /// Samples of a code.
  public static let frame = 640

  /// The shape.
  public let configuration: Configuration
  @Child("encoder.input") var input: Conv1d
  @Child("encoder.fine") var fine: [CausalBlock]
  @Child("encoder.down") var down: Conv1d
  @Child("encoder.coarse") var coarse: [CausalBlock]
  @Child("encoder.output") var projection: Linear
  /// The codebooks.
  @Child("quantizer") public var quantizer: ResidualQuantizer
  @Child("decoder.input") var restoration: Linear
  @Child("decoder.coarse") var coarseOut: [CausalBlock]
  @Child("decoder.up") var up: Linear
  @Child("decoder.fine") var fineOut: [CausalBlock]
  @Child("decoder.output") var output: Linear

  /// A codec of random weights.
  public init(_ c: Configuration = Configuration(), generator: Generator) {
    configuration = c
    super.init()
    func blocks(_ width: Int, _ dilations: Int...) -> [CausalBlock] {
      dilations.map { CausalBlock(width, dilation: $0, generator: generator) }
    }
    let wide = 2 * c.width
    input = Conv1d(1, c.width, size: 2 * Self.hop, stride: Self.hop, generator: generator)
    fine = blocks(c.width, 1, 2)
    down = Conv1d(c.width, wide, size: 2, stride: 2, generator: generator)
    coarse = blocks(wide, 1)
    projection = Linear(wide, c.latentWidth, generator: generator)
    quantizer = ResidualQuantizer(width: c.latentWidth, size: c.codes, levels: c.levels, generator: generator)
    restoration = Linear(c.latentWidth, wide, generator: generator)
    coarseOut = blocks(wide, 1, 2)
    up = Linear(wide, wide, generator: generator)
    fineOut = blocks(c.width, 1, 2, 4)
    output = Linear(c.width, 2 * Self.hop, generator: generator)
  }

  /// Latent vectors `[batch, samples/640, width]` of sounds `[batch, samples]`, whose samples fill whole frames.
  public func encoded(_ x: Tensor) -> Tensor {
    // Only what was before is added: the first vector hears silence and the first 20 ms.
    var h = input(x.padded([Self.hop, 0]).unsqueezed(1)).gelu()
    for block in fine { h = block(h) }
    h = down(h).gelu()
    for block in coarse { h = block(h) }
    return projection(h.transposed(1, 2))
  }

  /// Sounds `[batch, 640·frames]` of quantised vectors `[batch, frames, width]`.
  public func decoded(_ vectors: Tensor) -> Tensor {
    let (batch, frames) = (vectors.size(0), vectors.size(1))
    var h = restoration(vectors).transposed(1, 2)
    for block in coarseOut { h = block(h) }
    // Each vector becomes the two of its halves.
    h = up(h.transposed(1, 2)).reshaped(batch, 2 * frames, configuration.width).transposed(1, 2)
    for block in fineOut { h = block(h) }
    let pieces = output(h.transposed(1, 2))
    let (first, second) = (pieces.slice(0..<Self.hop, axis: 2), pieces.slice(Self.hop..<2 * Self.hop, axis: 2))
    // The second half of a piece lies over the first half of the next.
    let late = second.slice(0..<2 * frames - 1, axis: 1).padded([0, 0, 1, 0])
    return (first + late).reshaped(batch, 2 * frames * Self.hop)
  }

  /// The codes of a sound by level, 25 a second each; the last frame is filled up with silence.
  public func codes(of sound: Sound) -> [[Int]] {
    var samples = sound.mono().resampled(to: Self.rate).channels[0]
    let frames = max(1, (samples.count + Self.frame - 1) / Self.frame)
    samples += [Float](repeating: 0, count: frames * Self.frame - samples.count)
    return withoutGradients {
      let latents = encoded(Tensor(samples, shape: [1, samples.count])).reshaped([frames, configuration.latentWidth])
      return quantizer(latents).codes.map { $0.array(of: Int64.self).map { Int($0) } }
    }
  }

  /// The sound of codes by level, all levels of one length.
  public func sound(of codes: [[Int]]) -> Sound {
    guard let frames = codes.first?.count, frames > 0 else { return Sound(rate: Self.rate, []) }
    return withoutGradients {
      let vectors = quantizer.vectors(codes.map { Tensor(ids: $0) })
      return Sound(rate: Self.rate, decoded(vectors.unsqueezed(0)).array())
    }
  }
}

/// x + W·gelu(convolution of x and what was before it), both over `[batch, width, n]`.
final class CausalBlock: Module {
  @Child("convolution") var convolution: Conv1d
  @Child("output") var output: Conv1d
  private let reach: Int

  init(_ width: Int, dilation: Int, generator: Generator) {
    reach = 2 * dilation
    super.init()
    convolution = Conv1d(width, width, size: 3, dilation: dilation, generator: generator)
    output = Conv1d(width, width, size: 1, generator: generator)
  }

  func callAsFunction(_ x: Tensor) -> Tensor { x + output(convolution(x.padded([reach, 0])).gelu()) }
}
