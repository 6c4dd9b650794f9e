import Arcade
import Competition
import Documents
import Foundation
import TestSupport
import Testing

/// What a submission sees and what it is scored by are the games', whatever the way that pictures take.
@Suite("Conversations", .needsSandbox, .serialized)
struct ConversationTests {
  private static let program = """
    from competition_client import Client
    import hashlib
    client = Client()
    seen, total, steps = hashlib.sha256(bytes(client.observations)), 0.0, 0
    while not client.over:
        client.step([(steps + i) % 15 for i in range(client.environments)])
        seen.update(bytes(client.observations)); total += sum(client.rewards); steps += 1
    print(seen.hexdigest(), total, steps, client.steps_left, flush=True)
    client.rollout()
    while not client.over: client.step([4] * client.environments)
    """

  @Test("pictures come the same in messages and in shared memory, and the budget is kept to the step")
  func pictures() throws {
    let small = try SmallFolder()
    try small.submit("inline", Self.program)
    try small.submit("shared", Self.program, observations: "shared")
    let results = try small.evaluate()
    #expect(results["inline"]?.status == .scored && results["inline"]?.returns == results["shared"]?.returns)
    #expect(results["inline"]?.trainingSteps == 40)
    let log = try small.log(of: "inline")
    #expect(try log == small.log(of: "shared"))
    // Twenty steps of two environments are forty.
    #expect(log.hasSuffix(" 20 0\n"), "\(log)")
  }

  @Test("levels follow from the secret alone, and a result is the same the next time")
  func levels() throws {
    var returns: [[Double]] = []
    for secret: UInt64 in [7, 7, 8] {
      let small = try SmallFolder(secret: secret)
      try small.submit("agent", Self.program)
      returns.append(try small.evaluate()["agent"]?.returns ?? [])
      let jobs = small.folder.jobs(of: try small.folder.submissions())
      let replay = try Data(contentsOf: URL(fileURLWithPath: small.folder.replayPath(of: jobs[0])))
      #expect(replay.starts(with: Array("GIF89a".utf8)))
    }
    #expect(returns[0] == returns[1] && !returns[0].isEmpty)
    #expect(returns[0] != returns[2])
  }

  @Test("a program that isn't there is the submission's fault, and says so")
  func missing() throws {
    let small = try SmallFolder()
    let own = try small.submit("agent", "")
    let manifest = #"{"protocol": 1, "name": "agent", "run": ["./no-such-program"]}"#
    try Data(manifest.utf8).write(to: URL(fileURLWithPath: "\(own.folder)/submission.json"))
    let result = try #require(try small.evaluate()["agent"])
    #expect(result.status == .failed && result.reason?.contains("no-such-program") == true, "\(result)")
  }
}
