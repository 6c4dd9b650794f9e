/// The published laws of one domain: L(N) and L(C) in nats a token, and N_opt(C).
///
/// Henighan et al. (2020), tables 1 and 2.
/// Compute in the paper is in petaflop/s-days; here it is in FLOP, as everywhere in this room.
public struct PublishedLaw: Sendable, Equatable {
  /// The domain, such as `image-8`.
  public let domain: String
  /// L(N).
  public let parameters: PowerLaw
  /// L(C), where the paper prints one.
  public let flops: PowerLaw?
  /// N_opt(C), where the paper prints one.
  public let optimum: ComputeLine?

  private init(
    _ domain: String, _ n: (Double, Double, Double), _ c: (Double, Double, Double)?, _ optimum: (Double, Double)?
  ) {
    self.domain = domain
    parameters = PowerLaw(irreducible: n.0, scale: n.1, exponent: n.2)
    flops = c.map { PowerLaw(irreducible: $0.0, scale: $0.1 * TrainingPoint.petaflopDay, exponent: $0.2) }
    self.optimum = optimum.map { scale, exponent in
      let flops = scale * TrainingPoint.petaflopDay
      return ComputeLine(coefficient: PowerLaw(scale: flops, exponent: exponent).inverseCoefficient, exponent: exponent)
    }
  }

  /// The table of the paper, tables 1 and 2.
  public static let all: [PublishedLaw] = [
    .init("language", (0, 1.47e14, 0.070), (0, 3.47e8, 0.048), (3.3e-13, 0.73)),
    .init("image-8", (3.12, 8.0e1, 0.24), (3.13, 1.8e-8, 0.19), (5.3e-14, 0.64)),
    .init("image-16", (2.64, 2.8e2, 0.22), (2.64, 1.6e-8, 0.16), (4.8e-12, 0.75)),
    .init("image-32", (2.20, 6.3e1, 0.13), (2.21, 3.6e-9, 0.10), (1.6e-13, 0.65)),
    .init("image-vq-16", (3.99, 2.7e4, 0.13), (4.09, 6.1e-7, 0.11), (6.2e-14, 0.64)),
    .init("image-vq-32", (3.07, 1.9e4, 0.14), (3.17, 2.6e-6, 0.12), (9.4e-13, 0.70)),
    .init("text-to-image-text", (0, 5.6e8, 0.037), nil, nil),
    .init("text-to-image-image", (2.0, 5.1e3, 0.16), (1.93, 1.5e-6, 0.15), (9.4e-13, 0.70)),
    .init("image-to-text-text", (0, 7.0e8, 0.039), nil, nil),
    .init("image-to-text-image", (2.0, 5.5e3, 0.15), (1.97, 1.5e-6, 0.16), (3.3e-12, 0.72)),
    .init("video-vq", (1.01, 3.7e4, 0.24), (0.95, 2.2e-5, 0.14), (1.13e-12, 0.71)),
    .init("math", (0.28, 1.1e4, 0.16), (0.14, 1.4e-5, 0.17), (2.3e-12, 0.69)),
  ]

  /// The laws of a domain; nil where the paper has none of that name.
  public static func named(_ domain: String) -> PublishedLaw? { all.first { $0.domain == domain } }
}

extension PowerLaw {
  /// 1/A: (C/C₀)^a has the coefficient C₀^(−a).
  fileprivate var inverseCoefficient: Double { 1 / terms[0].coefficient }
}
