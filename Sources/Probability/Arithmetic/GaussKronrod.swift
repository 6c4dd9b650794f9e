/// Fifteen-point Gauss–Kronrod quadrature, with the difference from its seven Gauss points as the error.
enum GaussKronrod {
  /// The positive nodes on [−1, 1], outermost first, and 0; every other one is a Gauss node.
  private static let nodes = [
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0,
  ]
  private static let weights = [
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
  ]
  private static let gaussWeights = [
    0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
    0.381830050505118944950369775488975, 0.417959183673469387755102040816327,
  ]

  /// ∫ f between two finite points, and the error's estimate, by component.
  static func integrate(
    from a: Double, to b: Double, _ f: (Double) -> SIMD3<Double>
  ) -> (integral: SIMD3<Double>, error: SIMD3<Double>) {
    let half = (b - a) / 2
    let middle = a + half
    var kronrod = SIMD3<Double>.zero
    var gauss = SIMD3<Double>.zero
    for (index, node) in nodes.enumerated() {
      let value = node == 0 ? f(middle) : f(middle - half * node) + f(middle + half * node)
      kronrod += weights[index] * value
      if index % 2 == 1 { gauss += gaussWeights[index / 2] * value }
    }
    let difference = half * (kronrod - gauss)
    return (half * kronrod, SIMD3(abs(difference.x), abs(difference.y), abs(difference.z)))
  }

  /// ∫ f of one component.
  static func integrate(
    from a: Double, to b: Double, _ f: (Double) -> Double
  ) -> (integral: Double, error: Double) {
    let (integral, error) = integrate(from: a, to: b) { SIMD3(f($0), 0, 0) }
    return (integral.x, error.x)
  }
}
