import Foundation

/// A process to be started, with all the descriptors and variables that it gets.
struct Command {
  /// The program's path and its arguments.
  var arguments: [String] = []
  /// `NAME=value`; what the sandbox's own programs see, not the program inside.
  var environment = ["PATH=/usr/bin:/bin"]
  private(set) var inputs: [(number: Int32, descriptor: OwnedDescriptor)] = []

  /// Hands bytes over under a number, the next free one from 10 unless given, which is returned.
  @discardableResult
  mutating func give(_ input: TemporaryInput, as number: Int32? = nil) -> Int32 {
    give(input.descriptor, as: number)
  }

  /// Hands an open file over under a number, in the same way.
  @discardableResult
  mutating func give(_ descriptor: OwnedDescriptor, as number: Int32? = nil) -> Int32 {
    let number = number ?? 10 + Int32(inputs.count)
    inputs.append((number, descriptor))
    return number
  }

  /// Starts it as the leader of a session of its own, with no descriptors but these.
  ///
  /// The calling thread must live until the process has ended: bubblewrap ends with the thread that started it.
  func start(output: Int32, errors: Int32, control: Int32) throws(SandboxError) -> pid_t {
    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    var given: [(from: Int32, to: Int32)] = [(output, 1), (errors, 2), (control, 3)]
    for (number, descriptor) in inputs { given.append((descriptor.number, number)) }
    for (from, to) in given { posix_spawn_file_actions_adddup2(&actions, from, to) }
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    #if os(Linux)
      flags |= Self.newSession
      // Whoever started this process may have left files open for its children; they are not for these.
      for gap in Self.gaps(between: given.map(\.to)) { posix_spawn_file_actions_addclose(&actions, gap) }
      Self.closeAll(from: (given.map(\.to).max() ?? 3) + 1, &actions)
    #else
      flags |= Int32(POSIX_SPAWN_SETSID) | Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
    #endif
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    var process = pid_t()
    let code = Self.withPointers(arguments) { words in
      Self.withPointers(environment) { variables in
        posix_spawn(&process, arguments[0], &actions, &attributes, words, variables)
      }
    }
    guard code == 0 else { throw OwnedDescriptor.error("start \(arguments[0])", code) }
    return process
  }

  #if os(Linux)
    /// POSIX_SPAWN_SETSID and the function below are glibc's own, which its headers show to C alone.
    private static let newSession: Int32 = 0x80

    private static func closeAll(from number: Int32, _ actions: inout posix_spawn_file_actions_t) {
      typealias AddCloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
      if let function = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
        _ = unsafeBitCast(function, to: AddCloseFrom.self)(&actions, number)
        return
      }
      // Before glibc 2.34: what is open now.
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
        if let open = Int32(name), open >= number { posix_spawn_file_actions_addclose(&actions, open) }
      }
    }
  #endif

  /// The numbers from 3 up that lie between given ones.
  private static func gaps(between numbers: [Int32]) -> [Int32] {
    let highest = numbers.max() ?? 3
    return (3...max(3, highest)).filter { !numbers.contains($0) }
  }

  private static func withPointers<Result>(
    _ words: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("there is always the closing nil") }
      return body(base)
    }
  }
}
