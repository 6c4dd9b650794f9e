import Foundation
import NeuralNetworks
import Testing

@Suite struct LearningRateScheduleTests {
  @Test func everyKindEqualsHuggingFaceAtEveryStep() throws {
    let cases = try Golden("schedules")["cases"].list
    var seen: Set<LearningRateSchedule.Kind> = []
    for one in cases {
      let data = try JSONSerialization.data(withJSONObject: one["configuration"].value)
      let schedule = try JSONDecoder().decode(LearningRateSchedule.self, from: data)
      seen.insert(schedule.kind)
      for (step, factor) in one["factors"].numbers.enumerated() {
        #expect(
          abs(schedule.factor(at: step) - factor) < 1e-12,
          "\(one["configuration"].value) step \(step)")
      }
    }
    #expect(seen == Set(LearningRateSchedule.Kind.allCases))
  }

  @Test func configurationSurvivesARoundTrip() throws {
    let schedule = LearningRateSchedule(
      .warmupStableDecay, totalSteps: 100, warmupSteps: 5, minimumRatio: 0.1, decaySteps: 20,
      decayCurve: .oneMinusSquareRoot)
    let text = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: text) == schedule)
    #expect(String(decoding: text, as: UTF8.self).contains("\"lr_scheduler_type\":\"warmup_stable_decay\""))
  }

  @Test(arguments: [
    (#"{"lr_scheduler_type": "cosine"}"#, "max_steps"),
    (#"{"max_steps": 10, "warmup_steps": -1}"#, "warmup_steps"),
    (#"{"max_steps": 10, "min_lr_rate": 2}"#, "min_lr_rate"),
    (#"{"max_steps": 10, "lr_scheduler_type": "cosin"}"#, "cosin"),
    (#"{"max_steps": 10, "timescale": 0}"#, "timescale"),
  ])
  func badConfigurationsNameTheKey(_ text: String, _ name: String) {
    #expect {
      try JSONDecoder().decode(LearningRateSchedule.self, from: Data(text.utf8))
    } throws: { "\($0)".contains(name) }
  }
}
