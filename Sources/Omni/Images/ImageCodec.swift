import Foundation
public import Media
public import NeuralNetworks
public import Torch

/// Pictures of 32 by 32 pixels as 16 codes and back (VQ-VAE, van den Oord 2017).
///
/// Each code stands for 8 by 8 pixels and sees a little of its neighbours; the decoder smooths over the seams.
///
/// ```
/// let codes = codec.codes(of: picture)             // 16 of 256, row by row
/// let again = codec.picture(of: codes)
/// ```
public final class ImageCodec: Module {
  /// The shape of a codec.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Features of the finer layer; twice as many in the coarser.
    public var width = 32
    /// Features of a quantised vector.
    public var latentWidth = 16
    /// Codes.
    public var codes = 256
    /// The shape that pictures of a small world take.
    public init() {}
  }

  /// Pixels of a side.
  public static let side = 32
  /// Codes of a side.
  public static let grid = 4
  /// Codes of a picture.
  public static let length = grid * grid

  /// The shape.
  public let configuration: Configuration
  @Child("encoder.0") var first: Conv2d
  @Child("encoder.1") var second: Conv2d
  @Child("encoder.2") var third: Conv2d
  /// The codebook.
  @Child("quantizer") public var quantizer: ResidualQuantizer
  @Child("decoder.0") var restoration: Conv2d
  @Child("decoder.1") var up: ConvTranspose2d
  @Child("decoder.2") var output: ConvTranspose2d

  /// A codec of random weights.
  public init(_ c: Configuration = Configuration(), generator: Generator) {
    configuration = c
    super.init()
    first = Conv2d(3, c.width, size: 4, stride: 4, generator: generator)
    second = Conv2d(c.width, 2 * c.width, size: 2, stride: 2, generator: generator)
    third = Conv2d(2 * c.width, c.latentWidth, size: 1, generator: generator)
    quantizer = ResidualQuantizer(width: c.latentWidth, size: c.codes, levels: 1, generator: generator)
    restoration = Conv2d(c.latentWidth, 2 * c.width, size: 3, padding: 1, generator: generator)
    up = ConvTranspose2d(2 * c.width, c.width, size: 2, stride: 2, generator: generator)
    output = ConvTranspose2d(c.width, 3, size: 4, stride: 4, generator: generator)
  }

  /// Latent vectors `[batch·16, width]` of pictures `[batch, 3, 32, 32]` in 0 … 1.
  public func encoded(_ x: Tensor) -> Tensor {
    third(second(first(x).gelu()).gelu()).permuted(0, 2, 3, 1).reshaped([-1, configuration.latentWidth])
  }

  /// Pictures `[batch, 3, 32, 32]` of quantised vectors `[batch·16, width]`.
  public func decoded(_ vectors: Tensor) -> Tensor {
    let h = vectors.reshaped([-1, Self.grid, Self.grid, configuration.latentWidth]).permuted(0, 3, 1, 2)
    return output(up(restoration(h.contiguous()).gelu()).gelu())
  }

  /// The codes of a picture, row by row.
  ///
  /// - Throws: ``OmniError`` for a picture of another size.
  public func codes(of picture: RGBImage) throws -> [Int] { try codes(of: [picture])[0] }

  /// The codes of several pictures, read together.
  ///
  /// - Throws: ``OmniError`` for a picture of another size.
  public func codes(of pictures: [RGBImage]) throws -> [[Int]] {
    guard let picture = pictures.first(where: { $0.width != Self.side || $0.height != Self.side }) else {
      guard !pictures.isEmpty else { return [] }
      return withoutGradients {
        let all = quantizer(encoded(Self.tensor(pictures))).codes[0].array(of: Int64.self).map { Int($0) }
        return pictures.indices.map { Array(all[$0 * Self.length..<($0 + 1) * Self.length]) }
      }
    }
    throw OmniError(
      "the picture has \(picture.width) by \(picture.height) pixels; the codec takes \(Self.side) by \(Self.side): scale it"
    )
  }

  /// The picture of 16 codes.
  public func picture(of codes: [Int]) -> RGBImage {
    precondition(codes.count == Self.length, "a picture has \(Self.length) codes")
    return withoutGradients {
      let x = decoded(quantizer.vectors([Tensor(ids: codes)])).select(0, axis: 0).permuted(1, 2, 0)
      let bytes = (x.clamped(0, 1) * 255).round().contiguous().array(of: Float.self).map { UInt8($0) }
      return RGBImage(width: Self.side, height: Self.side, bytes: bytes)
    }
  }

  /// Pictures as a tensor `[batch, 3, 32, 32]` in 0 … 1.
  static func tensor(_ pictures: [RGBImage]) -> Tensor {
    Tensor(pictures.flatMap { $0.bytes.map { Float($0) / 255 } }, shape: [pictures.count, side, side, 3])
      .permuted(0, 3, 1, 2).contiguous()
  }

  /// Peak signal-to-noise ratio of two pictures of one size, in decibels; infinite for equal ones.
  public static func peakSignalToNoise(_ a: RGBImage, _ b: RGBImage) -> Double {
    let squares = zip(a.bytes, b.bytes).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    return 10 * log10(255 * 255 / (squares / Double(a.bytes.count)))
  }
}
