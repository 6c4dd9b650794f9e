// Three of posteriordb's posteriors, as numpyro-benchmark.py has them too, and NUTS timed on them.

import Foundation
import Probability

struct Posterior: Decodable {
  var name: String
  var data: [String: [Double]]
}

struct SamplingRate: Decodable {
  var name: String
  /// Effective samples a second.
  var rate: Double
  /// Seconds of the first run, in which the peer compiles.
  var compiling: Double?
}

private func eightSchools(_ s: GradientSampler, _ data: [String: [Double]]) throws {
  let y = data["y", default: []]
  let mu: Dual = try s.sample(Gaussian<Dual>(mean: 0, standardDeviation: 5), named: "mu")
  let tau: Dual = try positive(s, named: "tau")
  s.factor(Cauchy<Dual>(location: 0, scale: 5).logDensity(at: tau))
  for (index, error) in data["sigma", default: []].enumerated() {
    let z: Dual = try s.sample(Gaussian<Dual>(mean: 0, standardDeviation: 1))
    let theta: Dual = z * tau + mu
    try s.observe(Gaussian<Dual>(mean: theta, standardDeviation: Dual(error)), y[index])
  }
}

private func kidiq(_ s: GradientSampler, _ data: [String: [Double]]) throws {
  var beta: [Dual] = []
  for k in 1...3 { beta.append(try flat(s, named: "beta\(k)")) }
  let sigma: Dual = try positive(s, named: "sigma")
  s.factor(Cauchy<Dual>(location: 0, scale: 2.5).logDensity(at: sigma))
  let (school, iq) = (data["mom_hs", default: []], data["mom_iq", default: []])
  for (n, score) in data["kid_score", default: []].enumerated() {
    let mean: Dual = beta[0] + beta[1] * Dual(school[n]) + beta[2] * Dual(iq[n])
    try s.observe(Gaussian<Dual>(mean: mean, standardDeviation: sigma), score)
  }
}

private func autoregression(_ s: GradientSampler, _ data: [String: [Double]]) throws {
  let y = data["y", default: []]
  let alpha: Dual = try s.sample(Gaussian<Dual>(mean: 0, standardDeviation: 10), named: "alpha")
  var beta: [Dual] = []
  for k in 1...5 {
    beta.append(try s.sample(Gaussian<Dual>(mean: 0, standardDeviation: 10), named: "beta\(k)"))
  }
  let sigma: Dual = try positive(s, named: "sigma")
  s.factor(Cauchy<Dual>(location: 0, scale: 2.5).logDensity(at: sigma))
  for t in 5..<y.count {
    var mean: Dual = alpha
    for k in 1...5 { mean = mean + beta[k - 1] * Dual(y[t - k]) }
    try s.observe(Gaussian<Dual>(mean: mean, standardDeviation: sigma), y[t])
  }
}

/// A parameter without a prior: a choice whose own density is taken back.
private func flat(_ s: GradientSampler, named name: String? = nil) throws -> Dual {
  let normal = Gaussian<Dual>(mean: 0, standardDeviation: 1)
  let x: Dual = try s.sample(normal)
  s.factor(-normal.logDensity(at: x))
  if let name { s.record(x, as: name) }
  return x
}

/// The same on the positive numbers.
private func positive(_ s: GradientSampler, named name: String) throws -> Dual {
  let u: Dual = try flat(s)
  s.factor(u)
  let x: Dual = Dual.exp(u)
  s.record(x, as: name)
  return x
}

private typealias Program = @Sendable (GradientSampler, [String: [Double]]) throws -> Void

/// Effective samples a second of two chains on two cores, the median of three seeds, beside NumPyro's where its Python is
/// given.
func compareSamplers(python: String?) throws {
  let programs: [(name: String, program: Program)] = [
    ("eight_schools-eight_schools_noncentered", { try eightSchools($0, $1) }),
    ("kidiq-kidscore_momhsiq", { try kidiq($0, $1) }),
    ("arK-arK", { try autoregression($0, $1) }),
  ]
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  let file = folder.appending(path: "../../Tests/ProbabilityTests/Fixtures/posteriordb.json").standardizedFileURL
  let posteriors = try JSONDecoder().decode([Posterior].self, from: Data(contentsOf: file))
  var theirs: [String: SamplingRate] = [:]
  if let python {
    let lines = try outputLines(
      of: python, [folder.appending(path: "numpyro-benchmark.py").path, file.path])
    for line in lines {
      let row = try JSONDecoder().decode(SamplingRate.self, from: Data(line.utf8))
      theirs[row.name] = row
    }
  }
  print("\n" + pad("NUTS, effective/s", 42), pad("ours", 9), pad("NumPyro", 9), pad("ratio", 7), "its first run, s")
  for (name, program) in programs {
    guard let data = posteriors.first(where: { $0.name == name })?.data else { continue }
    var rates: [Double] = []
    for seed in 1...3 {
      let start = ContinuousClock.now
      let trace = try HamiltonianMonteCarlo(samples: 1_000, warmup: 1_000, chains: 2, seed: UInt64(seed))
        .trace { s in try program(s, data) }
      let spent = ContinuousClock.now - start
      let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) * 1e-18
      rates.append((trace.summaries.map(\.bulkEffectiveSampleSize).min() ?? 0) / seconds)
    }
    let rate = rates.sorted()[1]
    let other = theirs[name]
    print(
      pad(name, 42), pad(String(format: "%.0f", rate), 9),
      pad(other.map { String(format: "%.0f", $0.rate) } ?? "–", 9),
      pad(other.map { String(format: "%.2f", rate / $0.rate) } ?? "–", 7),
      other?.compiling.map { String(format: "%.1f", $0) } ?? "")
  }
  if python == nil { print("\nNumPyro was not run: give a Python that has numpyro and arviz in $NUMPYRO_PYTHON.") }
}

/// The lines that a program prints.
func outputLines(of program: String, _ arguments: [String]) throws -> [Substring] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  if process.terminationStatus != 0 {
    print("\(program) ended with \(process.terminationStatus): its figures may be missing")
  }
  return String(decoding: output, as: UTF8.self).split(separator: "\n")
}
