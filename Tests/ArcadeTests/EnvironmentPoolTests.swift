import Arcade
import Testing

/// Environments in the background play what they play in the foreground.
@Suite struct EnvironmentPoolTests {
  @Test(arguments: [Autoreset.nextStep, .sameStep])
  func batchesBringWhatAVectorBrings(_ autoreset: Autoreset) throws {
    let (count, steps) = (10, 120)
    let options = GameOptions(mode: .easy)
    let vector = try VectorEnvironment(
      .bigfish, options, count: count, seed: 3, autoreset: autoreset, keepsFinalObservations: true)
    vector.reset()
    var stream = ActionStream(seed: 6)
    let actions = (0..<steps).map { _ in (0..<count).map { _ in stream.next() } }
    func result(_ buffers: StepBuffers, _ place: Int) -> [UInt64] {
      func hash(_ bytes: UnsafeMutableBufferPointer<UInt8>) -> UInt64 {
        let size = StepBuffers.observationSize
        return bytes[place * size..<(place + 1) * size].reduce(0xCBF2_9CE4_8422_2325) {
          ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
      }
      let isDone = buffers.terminated[place] || buffers.truncated[place]
      return [
        hash(buffers.observations), isDone && autoreset == .sameStep ? hash(buffers.finalObservations) : 0,
        UInt64(buffers.rewards[place].bitPattern), isDone ? 1 : 0, UInt64(UInt32(bitPattern: buffers.levels[place])),
        UInt64(UInt32(bitPattern: buffers.previousLevels[place])), UInt64(buffers.elapsed[place]),
      ]
    }
    var expected = [(0..<count).map { result(vector.results, $0) }]
    for step in actions {
      try vector.step(step)
      expected.append((0..<count).map { result(vector.results, $0) })
    }
    #expect(expected.contains { $0.contains { $0[3] == 1 } }, "episodes end")

    let pool = try EnvironmentPool(
      .bigfish, options, count: count, batch: 4, seed: 3, threads: 3, autoreset: autoreset,
      keepsFinalObservations: true)
    pool.reset()
    var played = [Int](repeating: 0, count: count)
    var differences = 0
    // The last results of some environments don't make a batch any more.
    var atWork = count
    while atWork >= pool.batch {
      let batch = try pool.receive()
      var onward: [Int32] = []
      for place in 0..<batch.count {
        let index = Int(batch.environments[place])
        if result(batch, place) != expected[played[index]][index] { differences += 1 }
        if played[index] < steps { onward.append(Int32(index)) }
      }
      try pool.send(onward.map { actions[played[Int($0)]][Int($0)] }, to: onward)
      for index in onward { played[Int(index)] += 1 }
      atWork += onward.count - batch.count
    }
    #expect(differences == 0)
    #expect(played.reduce(0, +) > count * steps * 3 / 4)
  }

  @Test func aBatchStaysWhileTheNextIsMade() throws {
    let pool = try EnvironmentPool(.coinrun, GameOptions(mode: .easy), count: 8, batch: 2, seed: 1, threads: 2)
    pool.reset()
    var last: (buffers: StepBuffers, bytes: [UInt8])?
    for _ in 0..<60 {
      let batch = try pool.receive()
      if let last { #expect(Array(last.buffers.observations) == last.bytes) }
      last = (batch, Array(batch.observations))
      try pool.send([7, 7], to: Array(batch.environments))
    }
  }

  @Test func whatCanNotBeDoneIsRefused() throws {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch { return "\(error)" }
    }
    let pool = try EnvironmentPool(.maze, GameOptions(mode: .easy), count: 4, batch: 2, seed: 1, autoreset: .disabled)
    #expect(message { _ = try pool.receive() }.contains("0 environments are at work, and a batch has 2"))
    #expect(message { try pool.send([1], to: [4]) }.contains("no environment 4"))
    #expect(message { try pool.send([15], to: [1]) }.contains("no action 15, which environment 1"))
    #expect(message { try pool.send([1, 2], to: [1]) }.contains("2 actions for 1 environments"))
    #expect(message { try pool.send([1, 2], to: [1, 1]) }.contains("sent twice"))
    pool.reset()
    #expect(message { try pool.send([1], to: [1]) }.contains("at work"))
    #expect(message { try pool.reset([1]) }.contains("at work"))
    for (count, batch, threads) in [(0, 1, 1), (4, 5, 1), (4, 0, 1), (4, 2, 0)] {
      #expect(message { _ = try EnvironmentPool(.maze, count: count, batch: batch, seed: 1, threads: threads) } != "")
    }
    // An episode that is over waits for a reset.
    let one = try EnvironmentPool(.maze, GameOptions(mode: .easy), count: 1, batch: 1, seed: 1, autoreset: .disabled)
    try one.reset([0])
    for _ in 0..<500 {
      #expect(try !one.receive().truncated[0])
      try one.send([4], to: [0])
    }
    #expect(try one.receive().truncated[0])
    #expect(message { try one.send([4], to: [0]) }.contains("is over; reset it first"))
    try one.reset([0])
    #expect(try one.receive().elapsed[0] == 0)
  }
}
