import Foundation

/// The points of one run in the order of its compute.
struct LearningCurve {
  /// The points, compute ascending.
  var points: [TrainingPoint]

  /// The last point.
  var end: TrainingPoint { points[points.count - 1] }

  /// The curves of a study: points of one run together, each point without a run by itself.
  static func all(of points: [TrainingPoint]) -> [LearningCurve] {
    var places: [String: Int] = [:]
    var curves: [LearningCurve] = []
    for point in points {
      if let run = point.run {
        if let place = places[run] {
          curves[place].points.append(point)
          continue
        }
        places[run] = curves.count
      }
      curves.append(LearningCurve(points: [point]))
    }
    for index in curves.indices {
      curves[index].points.sort {
        ($0.flops ?? 0, $0.tokens ?? 0, $0.step ?? 0) < ($1.flops ?? 0, $1.tokens ?? 0, $1.step ?? 0)
      }
    }
    return curves
  }

  /// The loss after some compute, along a straight line between neighbours of the logarithms; nil outside the curve.
  func loss(atFlops flops: Double) -> Double? {
    guard points.count > 1, let first = points.first?.flops, let last = end.flops, first <= flops, flops <= last
    else { return nil }
    let after = points.firstIndex { ($0.flops ?? 0) >= flops } ?? points.count - 1
    guard after > 0, let a = points[after - 1].flops, let b = points[after].flops, a < b else {
      return points[after].loss
    }
    let part = log(flops / a) / log(b / a)
    return exp((1 - part) * log(points[after - 1].loss) + part * log(points[after].loss))
  }
}
