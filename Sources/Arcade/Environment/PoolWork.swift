import Foundation

/// What the threads of a pool share: environments that have something to do, and batches that fill up.
///
/// Everything is read and written under one lock, except episodes, which belong to the thread that took them off the queue, and places
/// in the buffers, which belong to the thread that was given them.
final class PoolWork: @unchecked Sendable {
  /// The action of an environment that begins anew.
  static let reset: Int32 = -1

  private let episodes: [Episode]
  private let batch: Int
  private let autoreset: Autoreset
  private let lock = NSCondition()
  /// Environments to be played, with their actions, from `first` on.
  private var queue: [(environment: Int32, action: Int32)] = []
  private var first = 0
  /// Environments that were sent and whose results weren't received.
  private var busy: [Bool]
  private(set) var busyCount = 0
  /// The batches in a ring.
  ///
  /// A result that wasn't received takes a place, and there are at most as many as environments; one batch more is begun, and one is
  /// being read.
  private let ring: [StepBuffers]
  private var written: [Int]
  /// Results that have a place, and batches that were received, since the beginning.
  private var placed = 0
  private var received = 0
  private var isStopping = false
  private var threads = 0

  init(episodes: [Episode], batch: Int, autoreset: Autoreset, keepsFinalObservations: Bool) {
    self.episodes = episodes
    self.batch = batch
    self.autoreset = autoreset
    busy = [Bool](repeating: false, count: episodes.count)
    ring = (0..<(episodes.count + batch - 1) / batch + 2).map { _ in
      StepBuffers(count: batch, keepsFinalObservations: keepsFinalObservations)
    }
    written = [Int](repeating: 0, count: ring.count)
  }

  func isBusy(_ environment: Int32) -> Bool { busy[Int(environment)] }

  /// Whether the episode of an environment that isn't busy is over.
  func isOver(_ environment: Int32) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return episodes[Int(environment)].isOver
  }

  /// Sets environments going.
  func take(_ items: [(Int32, Int32)]) {
    lock.lock()
    for (environment, action) in items {
      queue.append((environment, action))
      busy[Int(environment)] = true
    }
    busyCount += items.count
    lock.broadcast()
    lock.unlock()
  }

  /// Waits for the next batch.
  func receive() -> StepBuffers {
    lock.lock()
    defer { lock.unlock() }
    let place = received % ring.count
    while written[place] < batch { lock.wait() }
    written[place] = 0
    received += 1
    for environment in ring[place].environments { busy[Int(environment)] = false }
    busyCount -= batch
    return ring[place]
  }

  // MARK: Threads

  func start(_ painter: Painter) {
    threads += 1
    let worker = PoolWorker(work: self, painter: painter)
    let thread = Thread { worker.run() }
    thread.name = "arcade"
    thread.start()
  }

  /// Ends the threads; what is being played is played to its end.
  func stop() {
    lock.lock()
    isStopping = true
    lock.broadcast()
    while threads > 0 { lock.wait() }
    lock.unlock()
  }

  fileprivate func run(_ painter: Painter) {
    lock.lock()
    while !isStopping {
      guard first < queue.count else {
        queue.removeAll(keepingCapacity: true)
        first = 0
        lock.wait()
        continue
      }
      let (environment, action) = queue[first]
      first += 1
      lock.unlock()
      let episode = episodes[Int(environment)]
      // Making a level takes a hundred times as long as a step, so a result takes its place when it is there.
      var result: StepResult?
      if action == Self.reset { episode.beginEpisode() } else { result = ring[0].play(episode, Int(action), autoreset) }
      lock.lock()
      let (slot, place) = (placed / batch % ring.count, placed % batch)
      placed += 1
      lock.unlock()
      let buffers = ring[slot]
      buffers.environments[place] = environment
      if let result {
        buffers.write(result, of: episode, autoreset, painter, at: place)
      } else {
        buffers.begin(episode, painter, at: place)
      }
      lock.lock()
      written[slot] += 1
      if written[slot] == batch { lock.broadcast() }
    }
    threads -= 1
    lock.broadcast()
    lock.unlock()
  }
}

/// A painter on its way to the one thread that uses it.
private struct PoolWorker: @unchecked Sendable {
  let work: PoolWork
  let painter: Painter

  func run() { work.run(painter) }
}
