import Documents
public import Evaluation
import Foundation
import Training

/// Critiques of a file by a model that is opened for it: what `apprentice critique` does.
public struct CritiqueJob {
  /// The file.
  public var file: String
  /// The model: a folder, a GGUF file or a server's address.
  public var model: String
  /// How the model is opened and asked.
  public var asking = EvaluatedModels.Settings()
  /// What decides about the critiques.
  public var settings = TextCritic.Settings()
  /// A file that the text must agree with.
  public var source: String?

  /// A job.
  public init(file: String, model: String) { (self.file, self.model) = (file, model) }

  /// Critiques the file.
  ///
  /// - Returns: what was found, and the file's text.
  /// - Throws: ``SummaryInterrupted`` if a signal stopped it.
  public func run() throws -> (result: TextCritic.Result, text: String) {
    let text = try FileContents.text(of: file.expandingHome)
    var settings = settings
    settings.source = try source.map { try FileContents.text(of: $0.expandingHome) }
    let opened = try EvaluatedModels.open(model, asking)
    let (count, context) = try ModelMeasure.of(opened, named: model, asking)
    InterruptSignals.install()
    let critic = TextCritic(opened, count: count, context: context, settings: settings)
    var bar: ProgressBar?
    defer { bar?.finish() }
    let result = try critic.critique(text) { done, total in
      if bar == nil { bar = ProgressBar(title: "critique", totalSteps: total) }
      bar?.update(step: done, tokens: 0)
      return !InterruptSignals.stopRequested
    }
    return (result, text)
  }
}
