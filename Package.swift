// swift-tools-version: 6.3
import Foundation
import PackageDescription

// One room is one target. What a room or its tests use is declared exactly: Scripts/check-targets, a step of ./test, fails
// where a declaration and the imports differ, and where an import goes upward.

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
/// SHA-256: libcrypto, where the system's frameworks have none.
let crypto = Target.Dependency.target(name: "CCrypto", condition: .when(platforms: [.linux]))
let heap = product("HeapModule", "swift-collections")
let http: [Target.Dependency] = [
  product("Hummingbird", "hummingbird"),
  product("HTTPTypes", "swift-http-types"), product("Logging", "swift-log"),
  product("NIOCore", "swift-nio"), product("NIOHTTPTypes", "swift-nio-extras"),
]

struct Room {
  /// A room imports from its own floor and the floors below.
  var floor: Int
  var name: String
  var uses: [Target.Dependency]
  /// What its tests import besides the room; nil where it has none.
  var testUses: [Target.Dependency]? = []
  var hasFixtures = true
  /// Files that are installed beside the room's code.
  var resources: [Resource] = []
}

let rooms: [Room] = [
  // arithmetic
  Room(
    floor: 1, name: "Documents", uses: [yams, crypto, "CZlib"], testUses: ["Statistics", "TestSupport"],
    hasFixtures: false),
  Room(
    floor: 1, name: "Expressions", uses: [numerics, "CPCRE2", "Documents"], testUses: ["Statistics"], hasFixtures: false
  ),
  Room(floor: 1, name: "Console", uses: ["Documents"], testUses: ["TestSupport"], hasFixtures: false),
  Room(floor: 1, name: "Settings", uses: ["Documents"], hasFixtures: false),
  Room(floor: 1, name: "Torch", uses: ["CTorch", "Documents"], testUses: ["Documents", "Statistics", "TestSupport"]),
  Room(floor: 1, name: "NeuralNetworks", uses: ["Torch", "Documents"], testUses: ["TestSupport", "Torch"]),
  Room(floor: 1, name: "Statistics", uses: [numerics], testUses: ["TestSupport"]),
  Room(floor: 1, name: "PortableModels", uses: [], testUses: [], hasFixtures: false),
  Room(
    floor: 1, name: "Probability", uses: [numerics, heap, "Documents", "Statistics"],
    testUses: [numerics, "TestSupport"]),
  // language
  Room(
    floor: 2, name: "Tokenization", uses: [heap, "Documents", "Expressions"],
    testUses: ["Documents", "Expressions", "Statistics", "TestSupport"]),
  Room(
    floor: 2, name: "LanguageModels",
    uses: ["Documents", "Expressions", "Settings", "Torch", "NeuralNetworks", "Tokenization"],
    testUses: ["Documents", "NeuralNetworks", "TestSupport", "Tokenization", "Torch"]),
  // learning
  Room(
    floor: 3, name: "Training", uses: ["Documents", "Settings", "Statistics", "Torch", "NeuralNetworks"],
    testUses: ["Documents", "Settings", "TestSupport"]),
  Room(
    floor: 3, name: "Media", uses: ["CZlib", "Documents"], testUses: ["Documents", "TestSupport"], hasFixtures: false),
  Room(floor: 3, name: "Reinforcement", uses: ["Torch"], testUses: ["Torch"], hasFixtures: false),
  Room(
    floor: 3, name: "Feedback", uses: [grdb, "Documents", "Statistics"],
    testUses: ["Documents", grdb, "Statistics", "TestSupport"]),
  Room(
    floor: 3, name: "Alignment",
    uses: [
      "Expressions",
      "Documents", "Settings", "Torch", "NeuralNetworks", "Tokenization", "LanguageModels", "Training", "Reinforcement",
      "Feedback", "Statistics",
    ],
    testUses: [
      "Documents", "Feedback", "LanguageModels", "NeuralNetworks", "Reinforcement", "TestSupport", "Tokenization",
      "Torch", "Training",
    ]),
  Room(
    floor: 3, name: "Pages", uses: ["CGumbo", "Documents"], testUses: ["Documents", "TestSupport"],
    hasFixtures: false),
  Room(floor: 3, name: "Sandbox", uses: ["Documents"], testUses: ["Documents", "TestSupport"], hasFixtures: false),
  // systems
  Room(
    floor: 4, name: "Programming",
    uses: ["Training", "Documents", "LanguageModels", "Sandbox", "Statistics", "Tokenization", "Torch"],
    testUses: ["Documents", "LanguageModels", "Sandbox", "Statistics", "TestSupport", "Tokenization", "Torch"],
    hasFixtures: false),
  Room(
    floor: 4, name: "Reasoning",
    uses: ["Alignment", "Documents", "LanguageModels", "Statistics", "Tokenization", "Torch"],
    testUses: [
      "Alignment", "Documents", "LanguageModels", "NeuralNetworks", "Statistics", "TestSupport", "Tokenization",
      "Torch",
    ]),
  Room(
    floor: 4, name: "ScalingLaws",
    uses: [
      "Alignment", "Arcade", "Console", "Documents", "Evaluation", "LanguageModels", "Media", "NeuralNetworks",
      "Programming", "Statistics", "Torch", "Training",
    ],
    testUses: ["Alignment", "Documents", "Evaluation", "LanguageModels", "Statistics", "TestSupport", "Training"]),
  Room(
    floor: 4, name: "Summarization",
    uses: ["Training", "Settings", "Alignment", "Documents", "Evaluation", "Tokenization", "Pages"],
    testUses: ["Evaluation", "Documents", "Pages", "TestSupport"]),
  Room(
    floor: 4, name: "Browsing",
    uses: [grdb, "Documents", "Evaluation", "LanguageModels", "Pages", "Statistics", "Tokenization"],
    testUses: ["Documents", "LanguageModels", "Pages", "TestSupport"], hasFixtures: false),
  Room(
    floor: 4, name: "Omni",
    uses: [
      "CZlib", "Documents", "LanguageModels", "Media", "NeuralNetworks", "Statistics", "Tokenization", "Torch",
      "Training",
    ],
    testUses: [
      "NeuralNetworks", "Documents", "LanguageModels", "Media", "Statistics", "TestSupport", "Tokenization", "Torch",
    ]),
  Room(
    floor: 4, name: "Arcade", uses: [heap, "Documents", "Media", "Statistics"],
    testUses: ["Arcade", "Documents", "Media", "TestSupport"]),
  Room(
    floor: 4, name: "Agents",
    uses: [
      "Arcade", "Documents", "Media", "NeuralNetworks", "Reinforcement", "Settings", "Statistics", "Torch", "Training",
    ],
    testUses: [
      "Arcade", "Documents", "Media", "NeuralNetworks", "Reinforcement", "Settings", "TestSupport", "Torch", "Training",
    ]),
  Room(
    floor: 4, name: "Painting",
    uses: ["Documents", "Media", "NeuralNetworks", "Settings", "Statistics", "Torch", "Training"],
    testUses: ["Training", "NeuralNetworks", "Torch", "Documents", "Media", "TestSupport"], hasFixtures: false),
  Room(
    floor: 4, name: "Evaluation",
    uses: [
      "Alignment", "Documents", "Expressions", "LanguageModels", "Probability", "Settings", "Statistics",
      "Tokenization",
      "Torch", "Training",
    ],
    testUses: [
      "Alignment", "Documents", "Expressions", "LanguageModels", "Probability", "Serving", "Statistics", "TestSupport",
      "Tokenization", "Torch",
    ], resources: [.copy("TaskFiles")]),
  Room(
    floor: 4, name: "Experiments", uses: ["Console", "Documents", "Settings", "Probability", "Statistics"],
    testUses: ["Documents", "Probability", "Statistics", "TestSupport"]),
  Room(
    floor: 4, name: "Teaching", uses: [numerics, "Console", "Documents", "Expressions", "Probability", "Experiments"],
    testUses: ["Expressions", "Probability", "TestSupport"]),
  Room(
    floor: 4, name: "Chatbot",
    uses: [
      "Documents", "Feedback", "NeuralNetworks", "PortableModels", "Settings", "Statistics", "Torch", "Training",
    ],
    testUses: [
      "Documents", "NeuralNetworks", "PortableModels", "Statistics", "TestSupport", "Torch", "Training",
    ], resources: [.copy("Web"), .copy("Personality")]),
  Room(
    floor: 4, name: "Serving",
    uses: ["Alignment", "Documents", "Settings", "Torch", "Tokenization", "LanguageModels"] + http,
    testUses: ["Alignment", "Documents", "LanguageModels", "NeuralNetworks", "TestSupport", "Tokenization", "Torch"],
    hasFixtures: false),
  Room(
    floor: 4, name: "ArcadeInterface", uses: ["Arcade", "CArcade", "Documents"],
    testUses: ["Arcade", "CArcade", "TestSupport"]),
  Room(
    floor: 4, name: "Competition",
    uses: [
      "Agents", "Arcade", "Documents", "Evaluation", "Media", "NeuralNetworks", "Sandbox", "Statistics", "Torch",
      "Training",
    ], testUses: ["Arcade", "Documents", "Sandbox", "Statistics", "TestSupport"], hasFixtures: false,
    resources: [.copy("Starter")]),
  Room(
    floor: 4, name: "Emulation", uses: ["Agents", "Arcade", "CRetro", "Documents", "Media", "Statistics"],
    testUses: ["Arcade", "Documents", "Media", "TestSupport"]),
  // doors
  Room(
    floor: 5, name: "Studio",
    uses: [
      product("Hummingbird", "hummingbird"), product("HTTPTypes", "swift-http-types"),
      product("Mustache", "swift-mustache"), product("NIOCore", "swift-nio"), crypto, "Alignment", "Documents",
      "Experiments", "Feedback", "LanguageModels", "Serving", "Statistics", "Tokenization", "Training",
    ], testUses: ["Documents", "Feedback", "Serving", "TestSupport"], hasFixtures: false, resources: [.copy("Web")]),
  Room(
    floor: 5, name: "ArcadePage",
    uses: [
      product("Hummingbird", "hummingbird"), product("HTTPTypes", "swift-http-types"),
      product("NIOCore", "swift-nio"), "Arcade", "Documents", "Serving",
    ], testUses: ["Arcade", "Documents", "Media", "TestSupport"], hasFixtures: false, resources: [.copy("Web")]),
  Room(
    floor: 5, name: "Recipes",
    uses: [
      "Documents", "Settings", "Torch", "NeuralNetworks", "Statistics", "Tokenization", "LanguageModels", "Training",
      "Feedback", "Alignment", "Programming", "Reasoning", "Sandbox", "Summarization", "Evaluation", "Teaching",
      "Omni", "Media", "Painting", "Reinforcement", "Competition", "Emulation", "ScalingLaws", "Experiments", "Agents",
      "Arcade", "Chatbot", "PortableModels",
    ],
    testUses: [
      "Alignment", "Documents", "Evaluation", "LanguageModels", "Media", "NeuralNetworks", "Omni", "Programming",
      "Sandbox",
      "Statistics",
      "TestSupport", "Tokenization", "Torch",
      "Training",
    ], hasFixtures: false),
]

let systemLibraries: [Target] = [
  .target(
    name: "CTorch", exclude: ["library"], linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
  .systemLibrary(name: "CArcade"),
  .systemLibrary(name: "CRetro"),
  .systemLibrary(
    name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
  .systemLibrary(
    name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
  .systemLibrary(
    name: "CGumbo", pkgConfig: "gumbo", providers: [.apt(["libgumbo-dev"]), .brew(["gumbo-parser"])]),
  .systemLibrary(
    name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
]

let libraries = rooms.map {
  Target.target(name: $0.name, dependencies: $0.uses, resources: $0.resources, swiftSettings: strict)
}
let tool = Target.executableTarget(
  name: "apprentice",
  dependencies: [
    arguments, "Agents", "Alignment", "Arcade", "ArcadePage", "Browsing", "Chatbot", "Competition", "Console",
    "Documents", "Emulation", "Evaluation", "Experiments", "Expressions", "Feedback", "LanguageModels", "Media",
    "NeuralNetworks", "Omni", "Pages", "Painting", "PortableModels", "Programming", "Reasoning", "Recipes", "Sandbox",
    "ScalingLaws", "Serving", "Settings", "Statistics", "Studio", "Summarization", "Teaching", "Tokenization", "Torch",
    "Training",
  ], swiftSettings: strict)

let tests =
  rooms.compactMap { room in
    room.testUses.map {
      Target.testTarget(
        name: "\(room.name)Tests", dependencies: [.init(stringLiteral: room.name)] + $0,
        resources: room.hasFixtures ? [.copy("Fixtures")] : [], swiftSettings: strict)
    }
  } + [
    .testTarget(
      name: "apprenticeTests",
      dependencies: [
        "Feedback", "apprentice", "Agents", "Alignment", "Chatbot", "Documents", "Expressions", "Evaluation",
        "LanguageModels",
        "Programming",
        "Sandbox",
        "Settings", "Teaching", "TestSupport", "Tokenization", "Torch", "Training",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict)
  ]

/// What several rooms' tests need: temporary folders, mutators, fixtures, ports, the Python of reference libraries.
let testSupport = Target.target(
  name: "TestSupport", dependencies: ["Documents", "Statistics"], path: "Tests/TestSupport", swiftSettings: strict)

let benchmarks: [Target] = [
  .executableTarget(
    name: "TokenizerBenchmark", dependencies: ["Tokenization"], path: "Benchmarks/tokenizer",
    exclude: ["compare.py"], swiftSettings: strict),
  .executableTarget(
    name: "ProbabilityBenchmark", dependencies: ["Probability", "Experiments"],
    path: "Benchmarks/probability", exclude: ["numpyro-benchmark.py", "webppl-benchmark.js"], swiftSettings: strict),
  .executableTarget(
    name: "ArcadeBenchmark", dependencies: ["Arcade", "Documents"], path: "Benchmarks/arcade",
    exclude: ["compare.py", "peer.py"], swiftSettings: strict),
  .executableTarget(
    name: "StudioBenchmark", dependencies: ["Documents", "Feedback", "Statistics"], path: "Benchmarks/studio",
    exclude: ["fill.py"], swiftSettings: strict),
  .executableTarget(
    name: "SpeedBenchmark",
    dependencies: ["Alignment", "Documents", "LanguageModels", "NeuralNetworks", "Tokenization", "Torch", "Training"],
    path: "Benchmarks/speed", exclude: ["peer.py"], swiftSettings: strict),
  .executableTarget(
    name: "DeviceCheck",
    dependencies: ["Alignment", "Documents", "LanguageModels", "NeuralNetworks", "Torch", "Training"],
    path: "Benchmarks/device", exclude: ["peer.py"], swiftSettings: strict),
]

let package = Package(
  name: "apprentice",
  platforms: [.macOS(.v15)],
  products: rooms.map { .library(name: $0.name, targets: [$0.name]) }
    + [
      .executable(name: "apprentice", targets: ["apprentice"]),
      // The games for other languages, and for Python/apprentice-arcade.
      .library(name: "apprentice-arcade", type: .dynamic, targets: ["ArcadeInterface"]),
    ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1",
      // Without reading its settings from swift-configuration, which is compiled for nothing here.
      traits: ["FullFoundation"]),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: systemLibraries + libraries + [tool] + [testSupport] + tests + benchmarks
)
