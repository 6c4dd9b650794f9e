// The models that are timed, as webppl-benchmark.js has them too.

import Foundation
import Probability

func seen(_ index: Int) -> Bool { index % 3 != 1 }

func hmm(_ steps: Int) -> Model<Bool> {
  { s in
    var state = try s.flip()
    for index in 0..<steps {
      state = try s.flip(state ? 0.7 : 0.3)
      try s.observe(Bernoulli(state ? 0.9 : 0.1), seen(index))
    }
    return state
  }
}

let hmm50 = SequentialModel<Bool>(
  steps: 50, initial: { try $0.flip() },
  step: { s, state, index in
    let next = try s.flip(state ? 0.7 : 0.3)
    try s.observe(Bernoulli(next ? 0.9 : 0.1), seen(index))
    return next
  })

let xs = (0..<20).map { Double($0) / 10 }
let ys = xs.map { 1 + 2 * $0 + sin(37 * $0) }
let regression: Model<Double> = { s in
  let a = try s.sample(Gaussian(mean: 0, standardDeviation: 5))
  let b = try s.sample(Gaussian(mean: 0, standardDeviation: 5))
  let deviation = try s.sample(Gamma(shape: 2, scale: 1))
  for index in xs.indices {
    try s.observe(Gaussian(mean: a + b * xs[index], standardDeviation: deviation), ys[index])
  }
  return b
}

@Sendable func expression(_ s: Sampler) throws -> Int {
  if try s.flip(0.6) { return try s.sample(UniformInteger(1...5)) }
  let adds = try s.flip(0.5)
  let left = try expression(s)
  let right = try expression(s)
  // Nested products overflow no more than JavaScript's do: they saturate.
  if adds { return min(left + right, 1_000_000) }
  return min(left.multipliedReportingOverflow(by: right).partialValue, 1_000_000)
}

let grammar: Model<Int> = { s in
  let value = try expression(s)
  try s.factor(-Double(abs(value - 12)))
  return min(value, 100)
}
