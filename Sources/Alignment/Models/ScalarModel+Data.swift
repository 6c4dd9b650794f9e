public import Documents
import LanguageModels
public import Torch

extension ScalarModel {
  /// A reward model's scores of the completions in data files: for each record, in order.
  ///
  /// - Parameters:
  ///   - path: the reward model, a checkpoint's or a run's folder.
  ///   - warn: gets what was left out, in words for a person.
  public static func scores(
    ofCompletionsIn data: [String], by path: String, device: Device, options: ReadingOptions = ReadingOptions(),
    warn: @escaping (String) -> Void = { _ in }
  ) throws -> [(record: Record, scores: [Double])] {
    let (scorer, tokenizer) = try ModelFolder.loadReward(path, device: device)
    let items = try TokenizedData(tokenizer, scorer.backbone.configuration, options: options, warn: warn)
      .unjudged(data)
    let ranked = items.map(\.ranked)
    var scores = scorer.scores(
      of: ranked.flatMap { item in item.completions.map { (item.prompt, $0) } },
      isSpoken: ranked.flatMap { item in item.completions.indices.map { item.isSpoken?[$0] } })[...]
    return items.map { item in
      let count = item.ranked.completions.count
      defer { scores = scores.dropFirst(count) }
      return (item.record, scores.prefix(count).map(Double.init))
    }
  }
}
