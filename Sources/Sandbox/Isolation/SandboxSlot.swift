import Foundation
import Synchronization

/// A place for one run at a time: a user of its own where this process is root, and a control group where one can be had.
///
/// Places are kept and used again, since making a control group costs more than a run.
final class SandboxSlot: Sendable {
  /// The first of the users of this process; no account has them, and nothing belongs to them.
  ///
  /// The kernel counts processes by user, so two programs that run others at once must not share any.
  static let firstUser = 1_000_000_000 + Int(getpid()) % (1 << 22) * usersOfProcess
  private static let usersOfProcess = 64

  /// The control group; nil where none can be had.
  let group: ControlGroup?

  private init(number: Int) {
    group = ControlGroup(name: "\(ControlGroup.prefix)\(getpid())-\(number)")
  }

  /// The user that root becomes, another one for each run: what has ended counts as its user's until it has been waited for.
  func nextUser() -> Int {
    Self.firstUser
      + Self.runs.withLock { runs in
        runs = (runs + 1) % Self.usersOfProcess
        return runs
      }
  }
  private static let runs = Mutex(0)

  /// The words in front of a command that put it into the group before anything else of it runs.
  var entrance: [String] {
    guard let group else { return [] }
    let joins = group.entrances.map { "echo 0 > '\($0)'" }.joined(separator: " && ")
    return ["/bin/sh", "-c", "\(joins) && exec \"$@\"", "sh"]
  }

  // MARK: Taking and giving back

  private struct Places {
    var free: [SandboxSlot] = []
    var count = 0
  }
  private static let places = Mutex(Places())

  /// Control groups outlive the process that made them unless it removes them.
  private static let isCleanedUpAtExit: Bool = {
    atexit { SandboxSlot.places.withLock { $0.free = [] } }
    return true
  }()

  /// A free place.
  static func take() -> SandboxSlot {
    _ = isCleanedUpAtExit
    let taken: (slot: SandboxSlot?, number: Int) = places.withLock { places in
      if let slot = places.free.popLast() { return (slot, 0) }
      places.count += 1
      return (nil, places.count - 1)
    }
    return taken.slot ?? SandboxSlot(number: taken.number)
  }

  /// Gives the place back once nothing runs in it.
  func giveBack() { Self.places.withLock { $0.free.append(self) } }
}
