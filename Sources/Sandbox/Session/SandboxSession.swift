import Documents
import Foundation
import Synchronization

/// A program that nobody trusts and that is talked with while it runs.
///
/// Bytes go both ways over two pipes: what the program writes to descriptor 3 is read here, and what is written here it reads
/// from descriptor 4. A third descriptor, 5, may be a ``SharedBytes`` that it sees and can't change. What it writes to its
/// standard output and standard error is its log, of which the beginning is kept.
///
/// ```swift
/// let session = try SandboxSession(["python3", "agent.py"], showing: [.init("agents/mine", at: "/submission")], in: "/submission")
/// try session.write(Array("hello\n".utf8), until: .now + .seconds(5))
/// let answer = try session.read(6, until: .now + .seconds(5))
/// session.end()
/// ```
///
/// The walls are ``Sandbox``'s. The program ends with this object, with everything that it started, and with the thread that made
/// the object: bubblewrap ends with that.
public final class SandboxSession {
  /// A file or folder of this machine that the program sees and can't write to.
  public struct Shown: Sendable {
    /// Where it is.
    public var path: String
    /// Where the program sees it.
    public var place: String

    /// A file or folder at a place of its own, or where it is.
    public init(_ path: String, at place: String? = nil) {
      self.path = path
      self.place = place ?? path
    }
  }

  /// The reason why a conversation can't go on.
  public enum Break: Error, Equatable {
    /// The program has ended or closed its end.
    case closed
    /// The time was up before the bytes came, or before they were taken.
    case late
    /// It filled its log.
    case flooded
  }

  private let slot: SandboxSlot
  private let room: WorkRoom
  private let process: pid_t
  private let reading: OwnedDescriptor
  private let writing: OwnedDescriptor
  private let journal: SessionJournal
  private let killsBefore: Int
  private var isOver = false
  /// The status with which the program ended, or minus the signal's number; nil while it runs.
  public private(set) var status: Int32?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - words: the program, by its path or as found on the machine, and its arguments.
  ///   - shown: what it sees beside the system's programs.
  ///   - folder: where it starts, as it sees it; its empty scratch unless given.
  ///   - memory: bytes that it sees under descriptor 5.
  /// - Throws: ``SandboxError`` where the machine has no isolation, the program isn't there, or a limit makes no sense.
  public init(
    _ words: [String], showing shown: [Shown] = [], in folder: String? = nil, environment: [String: String] = [:],
    memory: SharedBytes? = nil, limits: SandboxLimits = SandboxLimits(), isolation: Isolation? = nil
  ) throws(SandboxError) {
    try limits.validate()
    // A program that has ended must not end this one by the signal of a broken pipe.
    _ = Self.ignoresBrokenPipes
    let isolation = isolation == Isolation.none ? Isolation.none : try Isolation.available()
    guard let name = words.first else { throw SandboxError(.badRequest, "there is no program to be started") }
    slot = SandboxSlot.take()
    room = try WorkRoom(isolation)
    let input = try OwnedDescriptor.pipe()
    let output = try OwnedDescriptor.pipe()
    let log = try OwnedDescriptor.pipe()
    let run: [String]
    var folders: [String] = []
    if name.contains("/") {
      run = words
    } else {
      guard let program = InstalledProgram(anyOf: [name]) else {
        slot.giveBack()
        throw SandboxError(.unavailable, "there is no program '\(name)' on the path")
      }
      run = [program.path] + words.dropFirst()
      folders += program.folder.map { [$0] } ?? []
    }
    let limiter = InstalledProgram(anyOf: ["prlimit"])
    let limiting =
      limiter.map {
        [
          $0.path, "--nproc=\(limits.processes + 4)", "--fsize=\(limits.fileSize)", "--nofile=\(limits.openFiles)",
          "--core=0",
        ]
      } ?? []
    let start = limiting + ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder ?? room.scratch] + run
    var command = Command()
    if isolation == .bubblewrap, let bubblewrap = InstalledProgram(anyOf: ["bwrap"]) {
      command = try Bubblewrap(program: bubblewrap.path, slot: slot).command(
        running: start, folders: folders, mounts: shown.map { ($0.path, $0.place) }, environment: environment,
        scratchSize: limits.scratchSize, hasProcesses: true, file: nil)
    } else {
      command.environment =
        ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(room.scratch)", "TMPDIR=\(room.scratch)"]
        + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      command.arguments =
        slot.entrance
        + (isolation == .seatbelt
          ? SeatbeltProfile(scratch: room.scratch, folders: folders + shown.map(\.path)).command(running: start)
          : start)
    }
    command.give(input.reading, as: 4)
    if let memory { command.give(memory.shown, as: 5) }
    killsBefore = slot.group?.memoryKills ?? 0
    slot.group?.limit(memory: limits.memory, processes: limits.processes + 8)
    process = try command.start(
      output: log.writing.number, errors: log.writing.number, control: output.writing.number)
    reading = output.reading
    writing = input.writing
    for descriptor in [reading, writing] {
      _ = fcntl(descriptor.number, F_SETFL, fcntl(descriptor.number, F_GETFL) | O_NONBLOCK)
    }
    journal = SessionJournal(log.reading, size: limits.outputSize)
    journal.start()
  }

  deinit { end() }

  private static let ignoresBrokenPipes: Bool = {
    signal(SIGPIPE, SIG_IGN)
    return true
  }()

  /// The beginning of what the program wrote to its standard output and standard error.
  public var log: String { journal.text }

  /// Whether the kernel ended something of it for want of memory.
  public var isOutOfMemory: Bool { (slot.group?.memoryKills ?? 0) > killsBefore }

  /// Whether there is something to be read: said before its turn, where nothing was asked.
  public var hasSpoken: Bool {
    var waiting = pollfd(fd: reading.number, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0 && waiting.revents & Int16(POLLIN) != 0
  }

  /// Reads exactly so many bytes.
  ///
  /// - Throws: ``Break`` where they don't come.
  public func read(_ count: Int, until deadline: ContinuousClock.Instant) throws(Break) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var place = 0
    while place < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Foundation.read(reading.number, buffer.baseAddress?.advanced(by: place), count - place)
      }
      if got > 0 {
        place += got
        continue
      }
      if got == 0 { throw .closed }
      guard errno == EAGAIN || errno == EINTR else { throw .closed }
      try wait(reading, POLLIN, until: deadline)
    }
    return bytes
  }

  /// Writes all of some bytes.
  ///
  /// - Throws: ``Break`` where they aren't taken.
  public func write(_ bytes: UnsafeRawBufferPointer, until deadline: ContinuousClock.Instant) throws(Break) {
    var place = 0
    while place < bytes.count {
      let count = Foundation.write(writing.number, bytes.baseAddress?.advanced(by: place), bytes.count - place)
      if count > 0 {
        place += count
        continue
      }
      guard errno == EAGAIN || errno == EINTR else { throw .closed }
      try wait(writing, POLLOUT, until: deadline)
    }
  }

  /// Writes all of some bytes.
  ///
  /// - Throws: ``Break`` where they aren't taken.
  public func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(Break) {
    let result: Result<Void, Break> = bytes.withUnsafeBytes { buffer in
      do throws(Break) { return .success(try write(buffer, until: deadline)) } catch { return .failure(error) }
    }
    try result.get()
  }

  private func wait(
    _ descriptor: OwnedDescriptor, _ event: some BinaryInteger, until deadline: ContinuousClock.Instant
  ) throws(Break) {
    while true {
      if journal.isFull { throw .flooded }
      let left = (deadline - .now) / .seconds(1)
      if left <= 0 { throw .late }
      var waiting = pollfd(fd: descriptor.number, events: Int16(event), revents: 0)
      // Looked up from now and then, since a full log ends the conversation too.
      if poll(&waiting, 1, Int32(min(left, 0.2) * 1000) + 1) > 0 { return }
    }
  }

  /// Ends the program and everything that it started, and waits until all of it is gone.
  ///
  /// - Parameter patience: seconds in which it may end by itself, and so keep a status of its own.
  public func end(patience: Double = 0) {
    guard !isOver else { return }
    isOver = true
    var ended: Int32 = 0
    let deadline = ContinuousClock.now + .seconds(patience)
    var reaped = waitpid(process, &ended, WNOHANG)
    while reaped == 0, .now < deadline {
      usleep(2_000)
      reaped = waitpid(process, &ended, WNOHANG)
    }
    if reaped != process {
      kill(process, SIGKILL)
      kill(-process, SIGKILL)
      slot.group?.killAll()
      while waitpid(process, &ended, 0) < 0, errno == EINTR {}
    } else {
      kill(-process, SIGKILL)
      slot.group?.killAll()
    }
    status = ended & 0x7F == 0 ? (ended >> 8) & 0xFF : -(ended & 0x7F)
    journal.finish()
    room.remove()
    slot.giveBack()
  }
}

/// The log of a session's program, drained by a thread of its own so that the program never waits for it.
private final class SessionJournal: Sendable {
  private struct State {
    var kept = Data()
    var count = 0
    var isClosed = false
  }
  private let state = Mutex(State())
  private let stop = Atomic(false)
  private let descriptor: OwnedDescriptor
  private let size: Int

  init(_ descriptor: OwnedDescriptor, size: Int) {
    self.descriptor = descriptor
    self.size = size
  }

  var text: String { state.withLock { String(decoding: $0.kept, as: UTF8.self) } }
  var isFull: Bool { state.withLock { $0.count > size } }

  func start() {
    let thread = Thread { [self] in
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while !stop.load(ordering: .relaxed) {
        var waiting = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 100) > 0 else { continue }
        let count = read(descriptor.number, &piece, piece.count)
        if count <= 0 { break }
        let isFull = state.withLock { state in
          state.count += count
          state.kept.append(contentsOf: piece[..<min(count, max(0, size - state.kept.count))])
          return state.count > size
        }
        // A program that goes on writing waits in its pipe until it is ended.
        if isFull { break }
      }
      state.withLock { $0.isClosed = true }
    }
    thread.start()
  }

  /// Waits until the last bytes are read: every process that could write is gone by now.
  func finish() {
    for _ in 0..<2_000 where !state.withLock({ $0.isClosed }) { usleep(1_000) }
    stop.store(true, ordering: .relaxed)
  }
}
