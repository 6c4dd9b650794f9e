import Feedback
import Foundation

// usage: StudioBenchmark load PROGRAM [LABELLERS [SECONDS [THINKING]]]   latencies of submit-and-next, labellers that think so many
//                                                                        seconds on average between answers (1); 0 for none at all
//        StudioBenchmark kills PROGRAM [COUNT]                           kill -9 at random moments: no label lost, none doubled
//        StudioBenchmark pages PROGRAM STORE                             every page of a store that Benchmarks/studio/fill.py filled
// PROGRAM is the built apprentice. Prints one line of JSON.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
  print("usage: StudioBenchmark load|kills|pages PROGRAM …")
  exit(64)
}
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("studio-benchmark-\(newIdentifier())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let benchmark = StudioBenchmark(program: arguments[1], folder: folder, arguments: arguments)

switch arguments[0] {
case "load": try benchmark.load()
case "kills": try benchmark.kills()
case "pages": try benchmark.pages(arguments.count > 2 ? arguments[2] : "feedback.sqlite")
default: print("there is no '\(arguments[0])'")
}
