// Word problems with verifiers (Cobbe 2021): a model draws many solutions of each problem, a verifier that learnt from checked ones
// chooses. With --model and --problems a model that is brought and published problems; without, a decoder trained from scratch on a
// generated curriculum in GSM8K's format.
//
// Covered: the calculator at sampling time, labels by the final answer, the joint objective at every token or at the end, choosing
// by the verifier, by votes and by both. Not covered: the paper's sizes from 3 to 175 billion parameters.

public import Documents
import Reasoning
import Settings
import Statistics
import Training

/// Word problems with verifiers.
public struct GradeSchoolRecipe: Recipe {
  /// Its models compute where they are told to.
  public static let usesDevice = true
  /// The recipe's card.
  public static let card = RecipeCard(
    name: "gsm8k", title: "Word problems with verifiers",
    paper: "Cobbe et al. 2021, Training Verifiers to Solve Math Word Problems",
    summary:
      "A model draws many solutions of each problem with a calculator at hand; a verifier learns from those whose final answers were "
      + "checked, and chooses among solutions of problems that are held out. Compared with one sample, with votes, and with "
      + "the best that could have been chosen.")

  let options: RecipeOptions
  let settings: GradeSchoolSettings
  private let study: any GradeSchoolStudy

  /// Reads the problems where a model is brought.
  ///
  /// - Throws: `DataError` for problems that can't be read, `SettingError` for a setting that can't be, ``RecipeError`` for a model
  ///   without problems or the reverse.
  public init(_ options: RecipeOptions) throws {
    self.options = options
    settings = try GradeSchoolSettings(options)
    switch (options.model, options.problems) {
    case (let model?, let problems?):
      study = try BroughtModelStudy(options, settings, model: model, problems: problems)
    case (nil, nil): study = GeneratedProblemsStudy(options, settings)
    case (_?, nil):
      throw RecipeError(
        description:
          "recipe gsm8k: --model needs problems: give GSM8K's train.jsonl, or a file like it, with --problems.")
    case (nil, _?):
      throw RecipeError(
        description: "recipe gsm8k: --problems needs a model: give one with --model (a folder, a run or a GGUF file).")
    }
  }

  /// All settings but which verifiers are trained, so that others can be added later; and what the problems and the model are.
  public var configuration: [String: JSONValue] {
    get throws {
      var noted = try JSONValue(encoding: settings).object ?? [:]
      for key in ["verifiers", "ablations"] { noted[key] = nil }
      return ["settings": .object(noted)].merging(study.configuration) { $1 }
    }
  }

  /// Its stages.
  public var plan: [PlannedStage] { study.plan }

  /// Runs them.
  public func run(in run: RecipeRun) throws -> RecipeFindings { try study.run(in: run) }
}

/// One of the recipe's two experiments.
protocol GradeSchoolStudy {
  var configuration: [String: JSONValue] { get }
  var plan: [PlannedStage] { get }
  func run(in run: RecipeRun) throws -> RecipeFindings
}

extension GradeSchoolSettings {
  /// The sizes of a scale, with what the options change.
  ///
  /// - Throws: `SettingError`, also for a key that isn't one.
  init(_ options: RecipeOptions) throws(SettingError) {
    self.init()
    func scaled(_ value: Int, least: Int = 2) -> Int { max(least, Int((Double(value) * options.scale).rounded())) }
    (trainProblems, testProblems) = (scaled(trainProblems), scaled(testProblems))
    (documents, pretrainSteps) = (scaled(documents), scaled(pretrainSteps))
    (sizes, heldOut) = (sizes.map { scaled($0, least: 8) }, scaled(heldOut))
    if options.isQuick {
      (trainProblems, testProblems, samples, maxTokens) = (2, 2, 2, 16)
      (documents, pretrainSteps, layers, width) = (300, 12, 1, 32)
      (sizes, times, trainSamples, testSamples, heldOut) = ([8, 16], 2, 4, 4, 6)
    }
    let known = declarations.map(\.key)
    if let bad = options.settings.keys.sorted().first(where: { !known.contains($0) }) {
      let near = known.nearest(to: bad).map { " did you mean \($0)?" } ?? ""
      throw SettingError(
        key: bad, value: options.settings[bad]?.joined(separator: ",") ?? "",
        problem: "the recipe gsm8k has no such setting;\(near) It has \(known.joined(separator: ", "))")
    }
    self = try replacing(options.settings)
  }
}
