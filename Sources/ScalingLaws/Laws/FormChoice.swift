import Foundation

/// The choice between a law with and one without a constant, by the runs that neither has seen: the largest.
public struct FormChoice: Sendable, Equatable {
  /// The root mean square of log L − log L̂ over the held-out points, with a constant.
  public let errorWithConstant: Double
  /// The same without a constant.
  public let errorWithoutConstant: Double
  /// How many points were held out.
  public let heldOut: Int
  /// Whether the constant predicts the larger runs better.
  public var prefersConstant: Bool { errorWithConstant <= errorWithoutConstant }

  /// Fits both forms to all but the largest quarter of the points, by compute or else by the form's first size.
  ///
  /// - Throws: ``ScalingError`` where the smaller points don't fix both.
  public init(_ sizes: [SizeName], points: [TrainingPoint], options: FitOptions = FitOptions()) throws(ScalingError) {
    let usable = points.filter { point in sizes.allSatisfy { point[$0] != nil } }
    func order(_ point: TrainingPoint) -> Double { (sizes.count > 1 ? point.flops : nil) ?? point[sizes[0]] ?? 0 }
    let sorted = usable.sorted { order($0) < order($1) }
    let kept = sorted.count - max(1, sorted.count / 4)
    var options = options
    options.bootstraps = 0
    func error(_ hasConstant: Bool) throws(ScalingError) -> Double {
      let law = try FittedLaw(
        LawForm(sizes, hasConstant: hasConstant), to: Array(sorted.prefix(max(kept, 0))), options: options
      ).law
      let squares = sorted.dropFirst(kept).map { point in
        let residual = log(point.loss) - log(law.value(at: sizes.map { point[$0] ?? .nan }))
        return residual * residual
      }
      return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }
    errorWithConstant = try error(true)
    errorWithoutConstant = try error(false)
    heldOut = sorted.count - kept
  }
}
