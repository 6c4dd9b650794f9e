public import ArgumentParser
import Documents
import Foundation
public import Tokenization
import Settings

/// `apprentice tokenizer train`.
struct TokenizerTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn a byte-level BPE vocabulary from data files.",
    discussion: """
      Counts the text of all records: their text, prompt, completion, chosen, rejected and messages \
      fields, as far as they have them. Writes OUT/tokenizer.json, which the tokenizers library reads.

      EXAMPLE:
        apprentice tokenizer train --data books/ --vocabulary 4096 --out tokenizer
      """)

  @Option(
    parsing: .upToNextOption, help: .init("Files and folders of text.", valueName: "path"))
  var data: [String]

  @Option(
    in: .from(256, to: 1 << 24), help: .init("How many tokens, special tokens and bytes included.", valueName: "count"))
  var vocabulary = 4096

  @Option(help: .init("The folder to write.", valueName: "folder"))
  var out: String

  @Option(
    parsing: .upToNextOption,
    help: .init("Control tokens, which take the first ids.", valueName: "token"))
  var specialTokens = ["<|endoftext|>"]

  @Option(in: .count(), help: .init("Leave pairs apart that occur less often.", valueName: "count"))
  var minFrequency = 2

  @Option(help: "How text is cut into words before merging.")
  var pattern = SplitPattern.gpt2

  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let least = 256 + specialTokens.count
    guard vocabulary >= least else {
      throw ValidationError(
        "--vocabulary \(vocabulary): a byte-level vocabulary needs at least \(least) tokens "
          + "(256 bytes and \(specialTokens.count) special tokens) and at most \(1 << 24).")
    }
  }

  func run() throws {
    let reader = try RecordReader(paths: data, options: dataOptions.readerOptions)
    var trainer = try BytePairTrainer(
      vocabularySize: vocabulary, specialTokens: specialTokens, minimumFrequency: minFrequency,
      pattern: pattern)
    let (documents, bytes) = try trainer.count(reader, columns: dataOptions.columns)
    DataOptions.reportBadLines(of: reader)
    guard bytes > 0 else {
      throw DataError(
        .badData, path: data.joined(separator: ", "), problem: "there is no text to learn from",
        advice: "Check the files with 'apprentice data inspect'.")
    }
    let tokenizer = try trainer.train()
    try tokenizer.write(to: URL(fileURLWithPath: out))
    output.show(
      [
        "path": .string(out + "/tokenizer.json"), "vocabulary": .int(tokenizer.vocabularySize),
        "records": .int(documents), "bytes": .int(bytes),
      ],
      text: "\(out)/tokenizer.json: \(tokenizer.vocabularySize) tokens from \(documents) records, "
        + "\(bytes) bytes")
    if tokenizer.vocabularySize < vocabulary {
      Log.warning("the text repeats itself enough for only \(tokenizer.vocabularySize) tokens")
    }
  }
}

extension SplitPattern: ExpressibleByArgument {}
