import Foundation

/// A submission's side of the conversation, for submissions in Swift.
///
/// ```swift
/// let client = try CompetitionClient()
/// while !client.isOver {                                     // training
///   try client.step(Array(repeating: 7, count: client.terms.environments))
/// }
/// try client.beginRollout()
/// while !client.isOver { try client.step(Array(repeating: 7, count: client.terms.environments)) }
/// ```
public final class CompetitionClient {
  /// What ends a conversation that can't go on.
  public struct Ended: Error, CustomStringConvertible {
    /// The evaluator's reason, or what is wrong.
    public var description: String
  }

  /// The terms.
  public let terms: CompetitionTerms
  /// The observations, one after another; they change with each step.
  public let observations: UnsafeBufferPointer<UInt8>
  /// The rewards of the last step; 0 in the rollout.
  public let rewards: UnsafeBufferPointer<Float>
  /// The ends of episodes in the last step: 1 by the game's rules, 2 by the time limit, 0 none.
  public private(set) var ends: [UInt8]
  /// Whether the phase is over: in training a rollout is next, in the rollout nothing is.
  public private(set) var isOver = false
  /// Training steps that are left, of all environments.
  public private(set) var stepsLeft = 0
  private let gains: UnsafeMutableBufferPointer<Float>
  private let pixels: UnsafeMutableBufferPointer<UInt8>?
  private let input: Int32
  private let output: Int32

  /// Greets the evaluator and gets the first observations.
  ///
  /// - Throws: ``Ended`` where nobody is there or another version is spoken.
  public init(input: Int32 = 4, output: Int32 = 3, memory: Int32 = 5) throws {
    (self.input, self.output) = (input, output)
    let (kind, body) = try Self.receive(input)
    guard kind == Message.hello, let terms = try? JSONDecoder().decode(CompetitionTerms.self, from: Data(body)) else {
      throw Ended(description: "the evaluator's first message isn't its terms")
    }
    guard terms.version == Competition.protocolVersion else {
      throw Ended(description: "the evaluator speaks version \(terms.version), not \(Competition.protocolVersion)")
    }
    self.terms = terms
    let size = terms.environments * terms.observation.reduce(1, *)
    gains = .allocate(capacity: terms.environments)
    gains.initialize(repeating: 0)
    rewards = UnsafeBufferPointer(gains)
    ends = [UInt8](repeating: 0, count: terms.environments)
    if terms.observations == Submission.Observations.shared.rawValue {
      let address = mmap(nil, size, PROT_READ, MAP_SHARED, memory, 0)
      guard let address, address != MAP_FAILED else { throw Ended(description: "the shared memory can't be mapped") }
      pixels = nil
      observations = UnsafeBufferPointer(start: address.assumingMemoryBound(to: UInt8.self), count: size)
    } else {
      let own = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size)
      own.initialize(repeating: 0)
      pixels = own
      observations = UnsafeBufferPointer(own)
    }
    try ask(Message.ready, Array(#"{"protocol":\#(Competition.protocolVersion)}"#.utf8))
  }

  deinit {
    gains.deallocate()
    if let pixels {
      pixels.deallocate()
    } else {
      munmap(UnsafeMutableRawPointer(mutating: observations.baseAddress), observations.count)
    }
  }

  /// Plays one step in every environment.
  ///
  /// - Throws: ``Ended`` where the evaluator ends the conversation.
  public func step(_ actions: [UInt8]) throws { try ask(Message.step, actions) }

  /// Ends the training and begins the scored episodes.
  ///
  /// - Throws: ``Ended`` where the evaluator ends the conversation.
  public func beginRollout() throws { try ask(Message.rollout, []) }

  private func ask(_ kind: UInt32, _ body: [UInt8]) throws {
    let bytes = Message.header(kind, body.count) + body
    var place = 0
    while place < bytes.count {
      let count = bytes.withUnsafeBytes { write(output, $0.baseAddress?.advanced(by: place), bytes.count - place) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Ended(description: "the evaluator is gone") }
      place += count
    }
    let (answer, result) = try Self.receive(input)
    if answer == Message.bye { throw Ended(description: String(decoding: result, as: UTF8.self)) }
    let count = terms.environments
    let head = ResultLayout.size(count)
    guard answer == Message.result, result.count == head + (pixels?.count ?? 0) else {
      throw Ended(description: "the evaluator's answer is none: kind \(answer) with \(result.count) bytes")
    }
    isOver = Message.word(result[0...]) & ResultLayout.isOver != 0
    stepsLeft = Int(Message.word(result[4...]))
    for i in 0..<count { gains[i] = Float(bitPattern: Message.word(result[(8 + 4 * i)...])) }
    ends = Array(result[(8 + 4 * count)..<head])
    if let pixels { _ = pixels.update(fromContentsOf: result[head...]) }
  }

  private static func receive(_ input: Int32) throws -> (kind: UInt32, body: [UInt8]) {
    let header = try read(Message.headerSize, from: input)
    return (Message.word(header[0...]), try read(Int(Message.word(header[4...])), from: input))
  }

  private static func read(_ count: Int, from input: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var place = 0
    while place < count {
      let got = bytes.withUnsafeMutableBytes {
        Foundation.read(input, $0.baseAddress?.advanced(by: place), count - place)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        throw Ended(
          description: "nobody is at the other end: this program is started by 'apprentice competition evaluate'")
      }
      place += got
    }
    return bytes
  }
}
