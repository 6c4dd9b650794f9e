import Arcade
import Documents
import Foundation
import Media
import Sandbox

/// The evaluator's side of one conversation: it owns the environments and the clock, and believes nothing.
final class Referee {
  /// Why a submission is not scored for a game: what it did, in words.
  struct Violation: Error, Equatable {
    var words: String
    init(_ words: String) { self.words = words }
  }

  /// What was measured.
  struct Measurement {
    var returns: [Double] = []
    var lengths: [Int] = []
    var trainingSteps = 0
    var trainingSeconds = 0.0
    var rolloutSeconds = 0.0
    /// The training's last episodes: environment steps and the mean return of the episodes that ended since the point before.
    var curve: [CurvePoint] = []
    /// The first scored episode's observations.
    var frames: [RGBImage] = []
  }

  private let session: SandboxSession
  private let shared: SharedBytes?
  private let terms: CompetitionTerms
  private var deadline = ContinuousClock.now
  private(set) var measurement = Measurement()
  private var body: [UInt8] = []

  /// Seconds for a program to come up and say that it is ready, on a machine that has much else to do.
  static let startSeconds = 60.0
  private static let longestEpisodeShown = 300
  private static let curvePoints = 50

  init(_ session: SandboxSession, shared: SharedBytes?, terms: CompetitionTerms) {
    (self.session, self.shared, self.terms) = (session, shared, terms)
  }

  /// Holds the whole conversation.
  ///
  /// - Parameters:
  ///   - training: environments to be trained in; begun anew in the step that ends an episode.
  ///   - test: environments of the scored episodes.
  ///   - isStopped: looked at each step; nil is returned when it says so.
  func run(
    training: VectorEnvironment, test: VectorEnvironment, isStopped: () -> Bool
  ) throws -> Measurement? {
    deadline = .now + .seconds(Self.startSeconds)
    try greet()
    guard try train(in: training, isStopped) else { return nil }
    guard try rollOut(in: test, isStopped) else { return nil }
    let reason = Array(#"{"reason":"the episodes are played"}"#.utf8)
    // Whether it still listens doesn't matter any more.
    try? session.write(Message.header(Message.bye, reason.count) + reason, until: .now + .seconds(1))
    return measurement
  }

  // MARK: Phases

  private func greet() throws {
    if session.hasSpoken { throw Violation("it spoke before its turn: before it was told the terms") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let hello = Array(try encoder.encode(terms))
    try send(Message.header(Message.hello, hello.count) + hello)
    let (kind, body) = try receive()
    guard kind == Message.ready else { throw Violation("its first message was of kind \(kind), not 'ready' (16)") }
    guard let answer = try? JSONValue(parsing: Array(body)), answer["protocol"]?.int == Competition.protocolVersion
    else { throw Violation("its first message doesn't say {\"protocol\": \(Competition.protocolVersion)}") }
  }

  private func train(in environments: VectorEnvironment, _ isStopped: () -> Bool) throws -> Bool {
    let began = ContinuousClock.now
    let limit = began + .seconds(terms.trainingSeconds)
    let count = environments.count
    var sums = [Double](repeating: 0, count: count)
    var recent: [Double] = []
    let stretch = max(count, terms.trainingSteps / Self.curvePoints)
    var nextPoint = stretch
    var steps = 0
    func isOver() -> Bool { steps + count > terms.trainingSteps || .now >= limit }
    var wasTold = isOver()
    // After the last step it may learn on for as long as it has; then the next phase begins or it is late.
    deadline = limit + .seconds(Self.graceSeconds)
    try answer(environments, isOver: wasTold, left: terms.trainingSteps)
    while true {
      if isStopped() { return false }
      let (kind, body) = try receive()
      if kind == Message.rollout { break }
      try refuseReset(kind)
      if wasTold { throw Violation("it wanted to step on after its training was over (\(steps) steps)") }
      try environments.step(actions(kind, body))
      steps += count
      for i in 0..<count {
        sums[i] += Double(environments.rewards[i])
        if isDone(environments, i) {
          recent.append(sums[i])
          sums[i] = 0
        }
      }
      if steps >= nextPoint {
        nextPoint += stretch
        if !recent.isEmpty {
          measurement.curve.append(
            CurvePoint(step: steps, mean: recent.reduce(0, +) / Double(recent.count), episodes: recent.count))
          recent = []
        }
      }
      wasTold = isOver()
      try answer(environments, isOver: wasTold, left: max(0, terms.trainingSteps - steps))
    }
    measurement.trainingSteps = steps
    measurement.trainingSeconds = (.now - began) / .seconds(1)
    return true
  }

  /// Seconds to end a training whose time is up.
  static let graceSeconds = 15.0

  private func rollOut(in environments: VectorEnvironment, _ isStopped: () -> Bool) throws -> Bool {
    let began = ContinuousClock.now
    deadline = began + .seconds(terms.rolloutSeconds)
    let count = environments.count
    var left = [Int](repeating: (terms.rolloutEpisodes + count - 1) / count, count: count)
    var sums = [Double](repeating: 0, count: count)
    var lengths = [Int](repeating: 0, count: count)
    var isFirst = true
    try answer(environments, isOver: false, left: 0, showsRewards: false)
    while true {
      if isStopped() { return false }
      if isFirst, measurement.frames.count < Self.longestEpisodeShown {
        measurement.frames.append(environments.observation(of: 0))
      }
      let (kind, body) = try receive()
      try refuseReset(kind)
      try environments.step(actions(kind, body))
      for i in 0..<count where left[i] > 0 {
        sums[i] += Double(environments.rewards[i])
        lengths[i] += 1
        guard isDone(environments, i) else { continue }
        if i == 0 { isFirst = false }
        measurement.returns.append(sums[i])
        measurement.lengths.append(lengths[i])
        (sums[i], lengths[i]) = (0, 0)
        left[i] -= 1
      }
      let isOver = left.allSatisfy { $0 == 0 }
      if isOver { break }
      try answer(environments, isOver: false, left: 0, showsRewards: false)
    }
    measurement.rolloutSeconds = (.now - began) / .seconds(1)
    // The last result says that it is over; a step after it is read by nobody.
    try? answer(environments, isOver: true, left: 0, showsRewards: false)
    return true
  }

  private func isDone(_ environments: VectorEnvironment, _ i: Int) -> Bool {
    environments.terminated[i] || environments.truncated[i]
  }

  // MARK: Messages

  private func refuseReset(_ kind: UInt32) throws {
    if kind == Message.reset { throw Violation("it asked for an early reset; episodes end by the game's rules alone") }
  }

  private func actions(_ kind: UInt32, _ body: [UInt8]) throws -> [Int32] {
    guard kind == Message.step else { throw Violation("it sent a message of kind \(kind), which has no place there") }
    guard body.count == terms.environments else {
      throw Violation("it sent \(body.count) actions for \(terms.environments) environments")
    }
    if let bad = body.first(where: { $0 >= terms.actions }) {
      throw Violation("it sent the action \(bad); actions are 0 to \(terms.actions - 1)")
    }
    return body.map(Int32.init)
  }

  private func receive() throws -> (kind: UInt32, body: [UInt8]) {
    let header = try session.read(Message.headerSize, until: deadline)
    let (kind, length) = (Message.word(header[0...]), Int(Message.word(header[4...])))
    guard length <= Message.longest else {
      throw Violation("it announced a message of \(length) bytes; the longest has \(Message.longest)")
    }
    return (kind, try session.read(length, until: deadline))
  }

  private func answer(
    _ environments: VectorEnvironment, isOver: Bool, left: Int, showsRewards: Bool = true
  ) throws {
    let count = environments.count
    let size = ResultLayout.size(count) + (shared == nil ? environments.observations.count : 0)
    body.removeAll(keepingCapacity: true)
    body += Message.header(Message.result, size)
    body += Message.bytes(of: isOver ? ResultLayout.isOver : 0)
    body += Message.bytes(of: UInt32(clamping: left))
    for i in 0..<count { body += Message.bytes(of: showsRewards ? environments.rewards[i].bitPattern : 0) }
    for i in 0..<count { body.append(environments.terminated[i] ? 1 : environments.truncated[i] ? 2 : 0) }
    if let shared {
      shared.bytes.copyMemory(from: UnsafeRawBufferPointer(environments.observations))
    } else {
      body += environments.observations
    }
    try send(body)
  }

  private func send(_ bytes: [UInt8]) throws {
    // Every message of the submission's answers one: more than that lies there only if it didn't wait.
    if session.hasSpoken { throw Violation("it spoke before its turn: it didn't wait for an answer") }
    try session.write(bytes, until: deadline)
  }
}

/// A point of a training's curve.
public struct CurvePoint: Sendable, Codable, Equatable {
  /// Steps of all environments.
  public var step: Int
  /// The mean return of the episodes that ended since the point before.
  public var mean: Double
  /// Their number.
  public var episodes: Int
}
