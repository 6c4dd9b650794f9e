// swift-tools-version: 6.2
import Foundation
import PackageDescription

// One room is one target; the floors are in Docs/ARCHITECTURE.md. A room lists what it imports from
// its own floor and the floors below, never from above.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
] + (ProcessInfo.processInfo.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

func product(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package)
}

let arguments = product("ArgumentParser", "swift-argument-parser")
let grdb = product("GRDB", "GRDB.swift")
let yams = product("Yams", "Yams")
let numerics = product("RealModule", "swift-numerics")
let collections = product("Collections", "swift-collections")
let heap = product("HeapModule", "swift-collections")
let http: [Target.Dependency] = [
  product("Hummingbird", "hummingbird"), product("Crypto", "swift-crypto"),
  product("HTTPTypes", "swift-http-types"), product("Logging", "swift-log"),
  product("NIOCore", "swift-nio"),
]

struct Room {
  var name: String
  var uses: [Target.Dependency]
}

let rooms: [Room] = [
  // floor 1: arithmetic
  Room(name: "Torch", uses: ["CTorch"]),
  Room(name: "NeuralNetworks", uses: ["Torch"]),
  Room(name: "Statistics", uses: [numerics]),
  Room(name: "Probability", uses: [numerics, heap, "Statistics"]),
  // floor 2: language
  Room(name: "Tokenization", uses: [collections, "CPCRE2"]),
  Room(name: "LanguageModels", uses: ["Torch", "NeuralNetworks", "Tokenization"]),
  // floor 3: learning
  Room(name: "Training", uses: ["Torch", "NeuralNetworks", "Tokenization", "LanguageModels", "CZlib"]),
  Room(name: "Reinforcement", uses: ["Torch"]),
  Room(name: "Feedback", uses: [grdb, "Tokenization", "Training", "Statistics"]),
  Room(
    name: "Alignment",
    uses: [
      "Torch", "NeuralNetworks", "Tokenization", "LanguageModels", "Training", "Reinforcement",
      "Feedback",
    ]),
  // floor 4: systems
  Room(name: "Summarization", uses: []),
  Room(
    name: "Evaluation",
    uses: ["Torch", "LanguageModels", "Tokenization", "Training", "Statistics", "Teaching"]),
  Room(name: "Teaching", uses: ["Probability", "Experiments", "CPCRE2"]),
  Room(name: "Experiments", uses: ["Probability", "Statistics"]),
  Room(
    name: "Serving", uses: ["Torch", "NeuralNetworks", "Tokenization", "LanguageModels"] + http),
  // floor 5: doors
  Room(
    name: "Recipes",
    uses: [
      "Torch", "NeuralNetworks", "Tokenization", "LanguageModels", "Training", "Reinforcement",
      "Feedback", "Alignment", "Summarization", "Evaluation",
    ]),
]

let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
func exists(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: here.appendingPathComponent(path).path)
}
func present(_ uses: [Target.Dependency]) -> [Target.Dependency] {
  uses.filter {
    if case .byNameItem(let name, _) = $0 { return exists("Sources/\(name)") }
    return true
  }
}

let built = rooms.filter { exists("Sources/\($0.name)") }
var targets: [Target] = []
if exists("Sources/CTorch") {
  targets.append(.target(name: "CTorch", exclude: ["library"], linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]))
}
if exists("Sources/CPCRE2") {
  targets.append(
    .systemLibrary(
      name: "CPCRE2", pkgConfig: "libpcre2-8",
      providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]))
}
if exists("Sources/CZlib") {
  targets.append(
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]))
}
for room in built {
  targets.append(
    .target(name: room.name, dependencies: present(room.uses), swiftSettings: strict))
  if exists("Tests/\(room.name)Tests") {
    targets.append(
      .testTarget(
        name: "\(room.name)Tests", dependencies: [.init(stringLiteral: room.name)] + present(room.uses),
        resources: exists("Tests/\(room.name)Tests/Fixtures") ? [.copy("Fixtures")] : [],
        swiftSettings: strict))
  }
}
if exists("Sources/apprentice") {
  let all = built.map { Target.Dependency(stringLiteral: $0.name) }
  targets.append(
    .executableTarget(name: "apprentice", dependencies: all + [arguments, yams], swiftSettings: strict))
  if exists("Tests/apprenticeTests") {
    targets.append(
      .testTarget(name: "apprenticeTests", dependencies: all + ["apprentice"],
        resources: exists("Tests/apprenticeTests/Fixtures") ? [.copy("Fixtures")] : [],
        swiftSettings: strict))
  }
}

if exists("Sources/Tokenization"), exists("Benchmarks/tokenizer") {
  targets.append(
    .executableTarget(
      name: "TokenizerBenchmark", dependencies: ["Tokenization"], path: "Benchmarks/tokenizer",
      exclude: ["compare.py"], swiftSettings: strict))
}
if exists("Benchmarks/probability") {
  targets.append(
    .executableTarget(
      name: "ProbabilityBenchmark", dependencies: ["Probability", "Experiments"],
      path: "Benchmarks/probability", exclude: ["webppl-benchmark.js"], swiftSettings: strict))
}
if exists("Benchmarks/speed") {
  targets.append(
    .executableTarget(
      name: "SpeedBenchmark",
      dependencies: ["Alignment", "LanguageModels", "NeuralNetworks", "Torch", "Training"],
      path: "Benchmarks/speed", exclude: ["peer.py"], swiftSettings: strict))
}

let package = Package(
  name: "apprentice",
  platforms: [.macOS(.v15)],
  products: built.map { .library(name: $0.name, targets: [$0.name]) }
    + (exists("Sources/apprentice") ? [.executable(name: "apprentice", targets: ["apprentice"])] : []),
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: targets
)
