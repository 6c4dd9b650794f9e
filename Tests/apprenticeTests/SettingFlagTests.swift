import Alignment
import Foundation
import Settings
import TestSupport
import Testing
import Training

/// The settings that the learners declare, as the built tool shows and takes them.
@Suite("Flags of settings")
struct SettingFlagTests {
  static let commands: [(name: String, settings: [any DeclaredSettings])] = [
    ("pretrain", [PretrainingSettings(), PretrainingSettings.training]),
    ("sft", [FineTuningSettings(), FineTuningSettings.training, AdapterSettings()]),
    ("reward", [RewardSettings(), RewardSettings.training, AdapterSettings()]),
    ("ppo", [PPOSettings(), PPOSettings.training, AdapterSettings()]),
    ("dpo", [DPOSettings(), DPOSettings.training, AdapterSettings()]),
    ("grpo", [GroupSettings(), GroupSettings.training, AdapterSettings()]),
  ]

  @Test("every setting has a flag, with its help text, its valid values and its default", arguments: commands)
  func flags(name: String, settings: [any DeclaredSettings]) throws {
    let root = try #require(try Tool.run("--experimental-dump-help").json()["command"] as? [String: Any])
    func child(_ node: [String: Any], _ name: String) throws -> [String: Any] {
      try #require((node["subcommands"] as? [[String: Any]])?.first { $0["commandName"] as? String == name })
    }
    var shown: [String: String] = [:]
    for argument in try child(try child(root, "train"), name)["arguments"] as? [[String: Any]] ?? [] {
      for long in argument["names"] as? [[String: Any]] ?? [] where long["kind"] as? String == "long" {
        shown[long["name"] as? String ?? ""] = argument["abstract"] as? String
      }
    }
    for setting in settings.flatMap(\.declarations) {
      let flag = setting.key.replacing("_", with: "-")
      for name in [setting.key] + setting.aliases {
        let text = try #require(shown[name.replacing("_", with: "-")], "\(name) has no flag")
        #expect(text.hasPrefix(setting.help), "\(flag)")
        let word = setting.words.joined(separator: " ")
        if !word.isEmpty, word != "false" { #expect(text.contains("default: \(word)"), "\(flag): \(text)") }
        if let range = setting.range { #expect(text.contains("(\(range)"), "\(flag): \(text)") }
      }
    }
  }

  @Test("every key of the settings' JSON is taken in a configuration file", arguments: commands)
  func keys(name: String, settings: [any DeclaredSettings]) throws {
    let folder = try TemporaryFolder()
    var all: [String: Any] = ["model": "nowhere", "data": ["nowhere.jsonl"], "run": "r"]
    for group in settings {
      let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(group))
      all.merge(try #require(json as? [String: Any])) { $1 }
    }
    if name == "ppo" || name == "grpo" { all["reward"] = "nowhere" }
    try folder.write(
      "c.json", String(decoding: JSONSerialization.data(withJSONObject: all, options: .prettyPrinted), as: UTF8.self))
    let result = try Tool.run("train", name, "--config", "c.json", in: folder.path)
    #expect(result.status == 66, "only the model is missing: \(result.errors)")
  }

  @Test("no number of a training command may be nan, nor 99999999999999999999", arguments: commands)
  func numbers(name: String, settings: [any DeclaredSettings]) throws {
    for setting in settings.flatMap(\.declarations) where setting.range != nil {
      for word in ["nan", "99999999999999999999"] {
        guard (try? setting.check([word])) == nil else { continue }
        let result = try Tool.run("train", name, "--\(setting.key.replacing("_", with: "-"))=\(word)")
        #expect(result.status == 64 && result.errors.contains("it must be"), "\(setting.key): \(result.errors)")
      }
    }
  }

  @Test(
    "nonsense is refused before anything is read: exit code 64, the flag and what it may be",
    arguments: [
      "train pretrain --heads 0", "train pretrain --eval-share=-0.1", "train pretrain --eval-share nan",
      "train pretrain --layers 0", "train pretrain --hidden-size 0", "train pretrain --context 1",
      "train pretrain --batch-size 0", "train pretrain --learning-rate 0", "train pretrain --min-lr-ratio 2",
      "train sft --adam-beta1 1.5", "train sft --adam-beta2 1", "train sft --weight-decay=-1",
      "train sft --eval-share 1",
      "train sft --lora-r=-1", "train sft --max-grad-norm=-1", "train sft --warmup-steps=-1",
      "train ppo --kl-coef=-1", "train ppo --gamma 1.01", "train ppo --lam 2", "train ppo --temperature 0",
      "train ppo --num-mini-batches 0", "train ppo --cliprange inf", "train ppo --response-length 0",
      "train dpo --beta 0", "train dpo --label-smoothing 0.5", "train grpo --num-generations 1", "train grpo --beta=-1",
      "sample --n 0", "sample --temperature nan", "sample --top-p 1.5", "sample --min-p=-1", "sample --max-tokens 0",
      "chat --temperature=-1", "chat --top-p 0", "serve --port 65536", "serve --batch 0", "serve --lookup-tokens 17",
      "evaluate win-rate --best-of 0", "evaluate win-rate --response-length 0", "evaluate win-rate --temperature inf",
      "evaluate likelihood --micro-batch-tokens 0", "evaluate format --show=-1", "data inspect --show=-1",
      "tokenizer train --min-frequency 0", "tokenizer train --vocabulary 999999999", "quickstart --scale nan",
      "quickstart --scale 0", "experiment choose --count 0", "experiment savings --close-variants 2",
      "experiment savings --repetitions 0", "experiment example sequence-prediction --participants 0",
      "experiment example category-learning --draws 1", "teach regex --noise 0.5", "teach regex --size-principle=-1",
      "teach regex-study --repetitions 0", "teach teaching-study --depth 9", "sample --draft-tokens 0",
    ])
  func nonsense(line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    let result = try Tool.run(arguments: words)
    #expect(result.status == 64)
    let flag = try #require(words.first { $0.hasPrefix("--") }).prefix { $0 != "=" }
    #expect(result.errors.contains(flag) && result.errors.contains("it must be"), "\(result.errors)")
  }

  @Test(
    "settings that make no sense together are refused by name",
    arguments: [
      ("train sft --model m --data d --run r --lora-alpha 8", "--lora-alpha 8"),
      ("train sft --model m --data d --run r --use-dora", "--use-dora true"),
      ("train dpo --model m --data d --run r --weights int8", "--weights int8"),
      ("train dpo --model m --data d --run r --loss-type ipo --label-smoothing 0.1", "--label-smoothing 0.1"),
      ("train sft --model m --data d --run r --lora-r 4 --weights int8 --use-dora", "--weights int8"),
      ("train pretrain --tokenizer t --data d --run r --heads 5", "--hidden-size 384"),
      ("train pretrain --tokenizer t --data d --run r --heads 128", "--hidden-size 384"),
      ("train grpo --model m --data d --run r", "--reward"),
    ])
  func combinations(line: String, named: String) throws {
    let result = try Tool.run(arguments: line.split(separator: " ").map(String.init))
    #expect(result.status == 64)
    #expect(result.errors.contains(named), "\(result.errors)")
  }

  @Test(
    "the quickstart's sizes are held to their valid values, too",
    arguments: [
      (#"{"pretrainSteps": 0}"#, "pretrainSteps 0: it must be at least 1"),
      (#"{"ppoRate": 20}"#, "ppoRate 20: it must be above 0 and below 10"),
      (#"{"labellerError": -0.5}"#, "labellerError -0.5: it must be from 0 to 1"),
    ])
  func quickstart(sizes: String, said: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("sizes.json", sizes)
    let result = try Tool.run("quickstart", "--settings", "sizes.json", "--run", "r", in: folder.path)
    #expect(result.status == 64 && result.errors.contains(said), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("r")))
  }

  @Test("old spellings of flags still mean the same, and a misspelt key names the nearest")
  func spellings() throws {
    let folder = try TemporaryFolder()
    let start = ["train", "grpo", "--model", "nowhere", "--data", "d", "--answer-column", "a", "--run", "r"]
    for flags in [["--response-length", "8"], ["--max_completion_length=8"], ["--no-bf16"], ["--bf16"]] {
      #expect(try Tool.run(arguments: start + flags, in: folder.path).status == 66)
    }
    try folder.write("c.yaml", "num_generation: 8\n")
    let result = try Tool.run(arguments: start + ["--config", "c.yaml"], in: folder.path)
    #expect(result.status == 64 && result.errors.contains("'num_generations'"), "\(result.errors)")
  }
}
