import Agents
import Arcade
import Documents
import Foundation
import Media
import NeuralNetworks
import TestSupport
import Testing
import Torch
import Training

@Suite struct CloningTests {
  /// Play of a person who always runs to the right, as 'games play --record' would have it.
  private static func replays(_ count: Int, game: Game = .coinrun, length: Int = 12) -> [Replay] {
    (0..<count).map {
      Replay(
        game, GameOptions(mode: .easy), level: Int32($0),
        actions: (0..<length).map { $0 % 4 == 3 ? GameAction.rightUp.rawValue : GameAction.right.rawValue })
    }
  }

  @Test func observationsAreThoseBeforeTheActions() throws {
    let replays = Self.replays(2)
    let demonstrations = try Demonstrations(replays, path: "play.jsonl")
    #expect(demonstrations.actions.shape[0] == demonstrations.replays.count)
    let environment = try Environment(.coinrun, GameOptions(mode: .easy), seed: 0)
    environment.begin(level: 1)
    let first = try #require(demonstrations.replays.firstIndex(of: 1))
    for step in 0..<3 {
      let seen = demonstrations.observations[first + step].array(of: UInt8.self)
      #expect(seen == environment.observation().bytes, "step \(step)")
      #expect(demonstrations.actions[first + step].itemInt() == replays[1].actions[step])
      _ = try environment.step(replays[1].actions[step])
    }
  }

  @Test func clonesWhatWasDone() throws {
    let folder = try TemporaryFolder()
    let demonstrations = try Demonstrations(Self.replays(6), path: "play.jsonl")
    var settings = CloningSettings.training
    (settings.maxSteps, settings.batchSize, settings.saveMinutes) = (30, 16, 0)
    var options = CloningSettings()
    (options.evaluationShare, options.episodes) = (0.3, 0)
    func learner() -> CloningLearner {
      CloningLearner(
        ActorCritic(.small, shape: [64, 64, 3], actions: 15, width: 0.25, generator: Generator(seed: 1)),
        demonstrations,
        options: options, settings: settings
      ) { try VectorEnvironment(.coinrun, GameOptions(mode: .easy), count: 2, seed: 1) }
    }
    let made = learner()
    let before = try #require(try made.evaluate(step: 0))
    let run = try RunFolder(folder.path("run"), manifest: RunManifest(command: "test", configuration: [:], seed: 1))
    _ = try TrainingLoop(settings, folder: run, title: "clone").run(made)
    let after = try #require(try made.evaluate(step: 30))
    // ln 15 at first; three of four actions are one action, on replays that were kept out as well.
    #expect(abs((before["eval_loss"] ?? 0) - log(15)) < 0.1 && (after["eval_loss"] ?? 9) < 1)
    #expect((after["eval_accuracy"] ?? 0) >= 0.7)
  }

  @Test func replaysOfSeveralGamesAndNoneAreRefused() throws {
    #expect(throws: DataError.self) { try Demonstrations([], path: "play.jsonl") }
    let mixed = Self.replays(1) + Self.replays(1, game: .maze)
    #expect { try Demonstrations(mixed, path: "play.jsonl") } throws: {
      "\($0)".contains("maze") && "\($0)".contains("coinrun")
    }
  }
}
