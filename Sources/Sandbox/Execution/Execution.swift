import Foundation

/// One process with all that it starts, from its beginning to the end of the last of them.
struct Execution {
  /// The reason for the end.
  enum Reason: Equatable {
    /// The process ended, or said all that it had to on the control descriptor.
    case ended
    /// It said nothing until the preparation's time was up.
    case neverReady
    /// It used up its time.
    case timedOut
    /// It wrote more than is read.
    case tooMuchOutput
  }

  /// An end.
  struct End {
    var reason: Reason
    /// The exit status; nil where a signal ended it.
    var status: Int32?
    /// The signal that ended it.
    var signal: Int32?
    var output: String
    var errors: String
    /// Whether it said that it was ready.
    var wasReady: Bool
    /// The text on the control descriptor, less the word that it is ready.
    var control: String
    /// Wall time from when it was ready, or from its start where it doesn't say so.
    var seconds: Double
  }

  /// Seconds until it is ready; nil for a process that doesn't say so.
  var preparation: Double?
  /// Seconds from then on.
  var seconds: Double
  /// Bytes that are read of each stream.
  var outputSize: Int
  /// Ends all that the process started.
  var group: ControlGroup?
  /// Called once it is ready.
  var whenReady: () -> Void = {}

  /// The word on the control descriptor that a program is about to begin.
  static let ready = "ready\n"
  private static let controlSize = 1 << 20

  /// Runs a command of ours, and reads what it says.
  static func run(_ command: Command, deadline seconds: Double) throws(SandboxError) -> End {
    try Execution(preparation: nil, seconds: seconds, outputSize: 1 << 20, group: nil).run(command)
  }

  /// Runs a command to its end.
  func run(_ command: Command) throws(SandboxError) -> End {
    var streams: [Stream] = []
    var ends: [OwnedDescriptor] = []
    for _ in 0..<3 {
      let pipe = try OwnedDescriptor.pipe()
      streams.append(Stream(pipe.reading))
      ends.append(pipe.writing)
    }
    let process = try command.start(output: ends[0].number, errors: ends[1].number, control: ends[2].number)
    ends = []
    var clock = Clock(limit: preparation ?? seconds)
    var isReady = preparation == nil
    var reason = Reason.ended
    var status: Int32?
    watching: while true {
      Stream.wait(for: &streams, seconds: min(clock.left, 0.05))
      for i in streams.indices { streams[i].read() }
      if !isReady, streams[2].text.hasPrefix(Self.ready) {
        streams[2].drop(Self.ready.utf8.count)
        isReady = true
        clock = Clock(limit: seconds)
        whenReady()
      }
      if isReady, streams[2].data.contains(UInt8(ascii: "\n")) { break }
      if streams[0].count > outputSize || streams[1].count > outputSize || streams[2].count > Self.controlSize {
        reason = .tooMuchOutput
        break
      }
      if clock.left <= 0 {
        reason = isReady ? .timedOut : .neverReady
        break
      }
      // The last bytes may come between the last read and the end; they are read below.
      if streams.allSatisfy(\.isClosed) || streams[2].isClosed || !Stream.anyReadable(streams) {
        var ended: Int32 = 0
        switch waitpid(process, &ended, WNOHANG) {
        case process:
          status = ended
          break watching
        case 0: if streams.allSatisfy(\.isClosed) { usleep(500) }
        default: break watching
        }
      }
    }
    let elapsed = clock.elapsed
    end(process, isReaped: status != nil, &status)
    if reason == .ended { for i in streams.indices { streams[i].readToEnd(limit: outputSize) } }
    if reason == .ended, streams[0].count > outputSize || streams[1].count > outputSize { reason = .tooMuchOutput }
    let code = status ?? 0
    return End(
      reason: reason, status: code & 0x7F == 0 ? (code >> 8) & 0xFF : nil, signal: code & 0x7F == 0 ? nil : code & 0x7F,
      output: streams[0].beginning(outputSize), errors: streams[1].beginning(outputSize), wasReady: isReady,
      control: streams[2].text, seconds: elapsed)
  }

  /// Ends the process and all that it started, and waits for it.
  private func end(_ process: pid_t, isReaped: Bool, _ status: inout Int32?) {
    if !isReaped { kill(process, SIGKILL) }
    // What the session's leader started is in its process group, unless it left it.
    kill(-process, SIGKILL)
    group?.killAll()
    guard !isReaped else { return }
    var ended: Int32 = 0
    while waitpid(process, &ended, 0) < 0, errno == EINTR {}
    status = ended
  }

  /// A time limit that has begun.
  private struct Clock {
    private let start = ContinuousClock.now
    let limit: Double

    init(limit: Double) { self.limit = limit }

    var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }
    var left: Double { limit - elapsed }
  }

  /// A stream that is being read.
  private struct Stream {
    private let descriptor: OwnedDescriptor
    private(set) var data = Data()
    private(set) var isClosed = false
    private var isReadable = false

    init(_ descriptor: OwnedDescriptor) {
      self.descriptor = descriptor
      _ = fcntl(descriptor.number, F_SETFL, fcntl(descriptor.number, F_GETFL) | O_NONBLOCK)
    }

    var count: Int { data.count }
    var text: String { String(decoding: data, as: UTF8.self) }
    func beginning(_ size: Int) -> String { String(decoding: data.prefix(size), as: UTF8.self) }
    mutating func drop(_ count: Int) { data = Data(data.dropFirst(count)) }

    static func anyReadable(_ streams: [Stream]) -> Bool { streams.contains { $0.isReadable && !$0.isClosed } }

    /// Waits until something can be read of one of them.
    static func wait(for streams: inout [Stream], seconds: Double) {
      var waiting = streams.map { stream in
        pollfd(fd: stream.isClosed ? -1 : stream.descriptor.number, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&waiting, nfds_t(waiting.count), Int32(max(0, seconds) * 1000) + 1) >= 0 else { return }
      for i in streams.indices { streams[i].isReadable = waiting[i].revents != 0 }
    }

    /// Reads what is there, a piece.
    mutating func read() {
      guard isReadable, !isClosed else { return }
      readPiece()
    }

    @discardableResult
    private mutating func readPiece() -> Bool {
      let size = 1 << 16
      var piece = [UInt8](repeating: 0, count: size)
      let count = Foundation.read(descriptor.number, &piece, size)
      if count > 0 {
        data.append(contentsOf: piece[..<count])
      } else if count == 0 {
        isClosed = true
      }
      return count > 0
    }

    /// Reads what is left in the pipe.
    mutating func readToEnd(limit: Int) { while !isClosed, data.count <= limit, readPiece() {} }
  }
}
