public import Documents
public import Torch

/// One published system's experiment, end to end: `apprentice recipe NAME`.
///
/// A recipe is one file that is read from top to bottom: sizes, stages in their order, what was found. It takes its stages
/// from a ``RecipeRun``, which makes it resumable and says how far it is, and returns ``RecipeFindings``, of which
/// `report.html` and `report.json` are made.
public protocol Recipe {
  /// The recipe's card, for lists and reports.
  static var card: RecipeCard { get }
  /// Whether it computes on a device that can be chosen; asking for one loads libtorch, which not every recipe needs.
  static var usesDevice: Bool { get }
  /// A recipe with these options.
  ///
  /// - Throws: what is wrong with them.
  init(_ options: RecipeOptions) throws
  /// Everything that decides the results, under the keys of `run.json`.
  var configuration: [String: JSONValue] { get throws }
  /// All stages in their order, with about how many seconds each takes on two cores at scale 1.
  var plan: [PlannedStage] { get }
  /// Runs the stages.
  func run(in run: RecipeRun) async throws -> RecipeFindings
}

extension Recipe {
  /// Recipes without tensors need no device.
  public static var usesDevice: Bool { false }
}

/// A stage before it is run.
public struct PlannedStage: Sendable {
  /// Its name, also of its folder.
  public var name: String
  /// About how many seconds it takes at scale 1.
  public var seconds: Double

  /// A stage.
  public init(_ name: String, seconds: Double) {
    self.name = name
    self.seconds = seconds
  }
}

/// A recipe in lists and reports.
public struct RecipeCard: Sendable {
  /// Its name on the command line.
  public var name: String
  /// One line.
  public var title: String
  /// The paper.
  public var paper: String
  /// One sentence that says what is done and measured.
  public var summary: String
  /// The files of published data that it can use, in the folder given with `--data`; none where it needs none.
  public var data: [String]

  /// A card.
  public init(name: String, title: String, paper: String, summary: String, data: [String] = []) {
    self.name = name
    self.title = title
    self.paper = paper
    self.summary = summary
    self.data = data
  }
}

/// The options of a recipe on the command line.
public struct RecipeOptions: Sendable {
  /// Seeds everything that is drawn.
  public var seed: UInt64 = 1
  /// Makes models and data bigger; 1 fits two cores and minutes.
  public var scale = 1.0
  /// The same path in under a minute, for tests; what it finds is no claim.
  public var isQuick = false
  /// A folder with published data, where the recipe can use some.
  public var data: String?
  /// A model that takes part, where the recipe can use one: a folder, a run or a GGUF file.
  public var model: String?
  /// A file of problems, where the recipe can use one.
  public var problems: String?
  /// The domain of data, where the recipe can use several.
  public var domain: String?
  /// The program `apprentice`, where the recipe makes runs by it.
  public var program: String?
  /// The minutes after which it goes on with what is drawn by then; nil takes as long as it takes.
  public var minutes: Double?
  /// Words for settings of the recipe's own, by their keys.
  public var settings: [String: [String]] = [:]
  /// The device on which tensors live.
  public var device = Device.cpu

  /// The defaults.
  public init() {}

  /// The options that every recipe's `run.json` notes.
  var noted: [String: JSONValue] {
    ["scale": .double(scale), "quick": .bool(isQuick), "data": data.map { .string($0) } ?? .null]
  }
}

extension Recipe {
  /// The options are noted of themselves.
  public var configuration: [String: JSONValue] { [:] }
}
