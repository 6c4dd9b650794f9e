import Foundation
import TestSupport
import Testing

/// The README's shell blocks, as a newcomer pastes them.
@Suite("README")
struct ReadmeTests {
  private let folder: TemporaryFolder

  /// The files that the README takes for granted, and a `./apprentice` that makes everything small: of an option that is
  /// given twice the last counts.
  init() throws {
    folder = try TemporaryFolder()
    let words = ["ant", "bee", "cat", "dog", "eel", "fox"]
    func lines(_ count: Int, _ line: (Int) -> String) -> String { (0..<count).map(line).joined(separator: "\n") }
    try folder.write("books/one.txt", lines(60) { i in words.map { "\($0) \(i)" }.joined(separator: " ") })
    try folder.write("demonstrations.jsonl", lines(8) { #"{"prompt": "\#(words[$0 % 6])", "completion": " bee"}"# })
    try folder.write(
      "comparisons.jsonl", lines(8) { #"{"prompt": "\#(words[$0 % 6])", "chosen": " bee", "rejected": " fox"}"# })
    for name in ["prompts", "held-out"] {
      try folder.write("\(name).jsonl", lines(8) { #"{"prompt": "\#(words[$0 % 6])"}"# })
    }
    try folder.write("good.txt", "2024-03-17\n1999-12-31\n2031-07-04\n")
    try folder.write("bad.txt", "2024-3-17\n17-03-2024\n")
    try folder.write(
      "tiny.json",
      """
      {"documents": 64, "vocabulary": 400, "context": 256, "layers": 1, "width": 32, "heads": 2, "pretrainSteps": 2,
       "pretrainBatch": 4, "demonstrations": 16, "sftSteps": 2, "sftBatch": 4, "rankedPosts": 8, "samplesPerPost": 2,
       "rewardBatch": 4, "ppoSteps": 1, "ppoBatch": 4, "evaluationPosts": 8}
      """)
    try folder.write(
      "apprentice",
      """
      #!/bin/sh
      case "$1 $2" in
        quickstart*) set -- "$@" --settings tiny.json ;;
        "tokenizer train") set -- "$@" --vocabulary 300 ;;
        "train pretrain") set -- "$@" --layers 1 --hidden-size 32 --heads 2 --context 128 --max-steps 1 --batch-size 2 ;;
        "train ppo") set -- "$@" --max-steps 1 --batch-size 2 --response-length 4 ;;
        train*) set -- "$@" --max-steps 1 --batch-size 2 ;;
        "evaluate win-rate") set -- "$@" --response-length 4 ;;
        serve*) set -- "$@" --cache-tokens 512 ;;
      esac
      exec "\(try Tool.path)" "$@"

      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("apprentice"))
  }

  @Test(
    "its shell blocks run, one after the other in one folder",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "there is no /usr/bin/curl"))
  func shellBlocks() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../README.md").standardized
    let blocks = try String(contentsOf: readme, encoding: .utf8)
      .matches(of: /```sh\n(.*?)```/.dotMatchesNewlines()).map { String($0.1) }
    #expect(blocks.count == 5)
    let script = """
      set -e
      exec 2>&1
      # Nothing keeps the output open where a block fails while its server runs.
      trap 'kill $! 2>/dev/null || true' EXIT
      \(blocks.joined(separator: "\n").replacing("8080", with: "\(try Listener().port)"))
      """
    let result = try Tool.run(
      program: "/bin/sh", arguments: ["-c", script], in: folder.path, environment: ["OMP_NUM_THREADS": "1"])
    #expect(result.status == 0, "\(result.output)")
    for made in ["runs/quickstart/report.html", "tokenizer/tokenizer.json", "runs/ppo/checkpoints/step-000001"] {
      #expect(FileManager.default.fileExists(atPath: folder.path(made)), "\(made)")
    }
    #expect(result.output.contains(#""object":"text_completion""#), "\(result.output)")
    #expect(result.output.contains("[0-9]{4}"), "what teach regex found")
    #expect(result.output.contains(/A date: ?[0-9]{4}-[0-9]{2}-[0-9]{2}/), "\(result.output.suffix(2000))")
    #expect(result.output.contains("HHHH"), "what the experiment's table begins with")
  }
}
