// Times inference on seven models, beside WebPPL when its bundle is at hand.
//
//   swift run -c release ProbabilityBenchmark [path/to/webppl.min.js]
//
// The bundle may also be given as $WEBPPL. Times are CPU seconds of one process, so they are per core
// however many there are; ours are the least of five runs, WebPPL's the least of three (of one where it
// takes over 3 s). Then NUTS on three of posteriordb's posteriors, by the clock on two cores, beside NumPyro
// where $NUMPYRO_PYTHON names a Python that has it and ArviZ.

import Experiments
import Foundation
import Probability

struct Measurement {
  var name: String
  var seconds: Double
  var answer: Double
}

func cpuSeconds() -> Double {
  var usage = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage)
  return Double(usage.tv_sec) + Double(usage.tv_nsec) * 1e-9
}

func measure(_ name: String, _ body: () throws -> Double) rethrows -> Measurement {
  var least = Double.infinity
  var answer = Double.nan
  for _ in 0..<5 {
    let start = cpuSeconds()
    answer = try body()
    least = min(least, cpuSeconds() - start)
  }
  return Measurement(name: name, seconds: least, answer: answer)
}

// MARK: Run

let ours = [
  try measure("hmm14-enumeration") {
    try infer(.enumeration(), hmm(14)).probability(of: true)
  },
  try measure("hmm50-exact") { try infer(.enumeration(), hmm50).probability(of: true) },
  try measure("regression-mh") {
    try infer(.metropolisHastings(samples: 20_000, burnIn: 0), regression).mean
  },
  try measure("hmm50-smc") {
    try SequentialMonteCarlo(particles: 5_000, resamplingThreshold: 1).infer(hmm(50))
      .probability(of: true)
  },
  try measure("hmm50-smc, by steps") {
    try SequentialMonteCarlo(particles: 5_000, resamplingThreshold: 1).infer(hmm50)
      .probability(of: true)
  },
  try measure("grammar-mh") {
    try infer(.metropolisHastings(samples: 20_000, burnIn: 0), grammar).mean
  },
  try measure("coin-design") {
    try SequencePrediction().design().evaluate().first { $0.experiment == "HHHH" }?.gain ?? .nan
  },
  try measure("category-mh") {
    let chains = try MetropolisHastings(samples: 5_000, burnIn: 0).run(
      CategoryLearning.model(.prototype, of: .medinSchaffer))
    return chains.expectation { $0[0b1110] }
  },
]

var theirs: [String: Measurement] = [:]
let bundle =
  CommandLine.arguments.dropFirst().first ?? ProcessInfo.processInfo.environment["WEBPPL"]
if let bundle {
  let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "webppl-benchmark.js").path
  struct Row: Decodable {
    var name: String
    var seconds: Double
    var answer: Double?
  }
  for line in try outputLines(of: "node", [script, bundle]) {
    let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
    if let known = theirs[row.name], known.seconds <= row.seconds { continue }
    theirs[row.name] = Measurement(
      name: row.name, seconds: row.seconds, answer: row.answer ?? .nan)
  }
}

func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

print(pad("model", 22), pad("ours, ms", 12), pad("WebPPL, ms", 12), pad("ratio", 8), "answers")
for row in ours {
  let other = theirs[String(row.name.split(separator: ",")[0])]
  print(
    pad(row.name, 22), pad(String(format: "%.2f", row.seconds * 1_000), 12),
    pad(other.map { String(format: "%.0f", $0.seconds * 1_000) } ?? "–", 12),
    pad(other.map { String(format: "%.0f", $0.seconds / row.seconds) } ?? "–", 8),
    String(format: "%.4f", row.answer), other.map { String(format: "%.4f", $0.answer) } ?? "")
}
if bundle == nil {
  print("\nWebPPL was not run: give the path of webppl.min.js as an argument or in $WEBPPL.")
}
try compareSamplers(python: ProcessInfo.processInfo.environment["NUMPYRO_PYTHON"])
