// swift-tools-version: 6.3
import Foundation
import PackageDescription

// One room is one target; the floors are in Docs/ARCHITECTURE.md. A room lists what it imports from
// its own floor and the floors below, never from above.

let strict: [SwiftSetting] =
  [
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
  var hasTests = true
  var hasFixtures = true
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
  Room(name: "Reinforcement", uses: ["Torch"], hasFixtures: false),
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
    name: "Serving", uses: ["Torch", "NeuralNetworks", "Tokenization", "LanguageModels"] + http,
    hasFixtures: false),
  // floor 5: doors
  Room(
    name: "Recipes",
    uses: [
      "Torch", "NeuralNetworks", "Tokenization", "LanguageModels", "Training", "Reinforcement",
      "Feedback", "Alignment", "Summarization", "Evaluation",
    ],
    hasTests: false),
]

let systemLibraries: [Target] = [
  .target(
    name: "CTorch", exclude: ["library"], linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
  .systemLibrary(
    name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
  .systemLibrary(
    name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
]

let libraries = rooms.map {
  Target.target(name: $0.name, dependencies: $0.uses, swiftSettings: strict)
}
let allRooms = rooms.map { Target.Dependency(stringLiteral: $0.name) }
let tool = Target.executableTarget(
  name: "apprentice", dependencies: allRooms + [arguments, yams], swiftSettings: strict)

let tests =
  rooms.filter(\.hasTests).map {
    Target.testTarget(
      name: "\($0.name)Tests", dependencies: [.init(stringLiteral: $0.name)] + $0.uses,
      resources: $0.hasFixtures ? [.copy("Fixtures")] : [], swiftSettings: strict)
  } + [
    .testTarget(
      name: "apprenticeTests", dependencies: allRooms + ["apprentice"], resources: [.copy("Fixtures")],
      swiftSettings: strict)
  ]

let benchmarks: [Target] = [
  .executableTarget(
    name: "TokenizerBenchmark", dependencies: ["Tokenization"], path: "Benchmarks/tokenizer",
    exclude: ["compare.py"], swiftSettings: strict),
  .executableTarget(
    name: "ProbabilityBenchmark", dependencies: ["Probability", "Experiments"],
    path: "Benchmarks/probability", exclude: ["webppl-benchmark.js"], swiftSettings: strict),
  .executableTarget(
    name: "SpeedBenchmark",
    dependencies: ["Alignment", "LanguageModels", "NeuralNetworks", "Tokenization", "Torch", "Training"],
    path: "Benchmarks/speed", exclude: ["peer.py"], swiftSettings: strict),
]

let package = Package(
  name: "apprentice",
  platforms: [.macOS(.v15)],
  products: rooms.map { .library(name: $0.name, targets: [$0.name]) }
    + [.executable(name: "apprentice", targets: ["apprentice"])],
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
  targets: systemLibraries + libraries + [tool] + tests + benchmarks
)
