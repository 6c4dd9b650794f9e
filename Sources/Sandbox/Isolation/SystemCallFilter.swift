import Foundation

/// A filter of system calls in the kernel's own form (BPF): the calls that reach around the namespaces fail with EPERM.
///
/// It lists what is forbidden, so it is a second wall behind the namespaces and no boundary by itself. Sockets of every kind are
/// out, abstract ones with them; pairs of connected ones, which event loops need, stay.
struct SystemCallFilter {
  /// The program's bytes, as `seccomp(2)` takes them.
  let bytes: Data

  /// The filter for this machine's processor; nil for one whose numbers aren't known here.
  init?() {
    #if arch(x86_64)
      let (architecture, clone, clone3): (UInt32, UInt32, UInt32) = (0xC000_003E, 56, 435)
      let numbers = Self.x86
      let highest: UInt32? = 0x4000_0000
    #elseif arch(arm64)
      let (architecture, clone, clone3): (UInt32, UInt32, UInt32) = (0xC000_00B7, 220, 435)
      let numbers = Self.generic
      let highest: UInt32? = nil
    #else
      return nil
    #endif
    #if arch(x86_64) || arch(arm64)
      var program = Program()
      program.load(4)
      program.unless(equal: architecture, .kill)
      program.load(0)
      // The 32-bit face of x86-64 has the same calls under other numbers.
      if let highest { program.when(atLeast: highest, .fail(EPERM)) }
      // glibc goes back to clone(2), whose flags a filter can read.
      program.when(equal: clone3, .fail(ENOSYS))
      for number in numbers { program.when(equal: number, .fail(EPERM)) }
      program.unless(equal: clone, .allow)
      program.load(16)
      program.when(anyOf: Self.namespaceFlags, .fail(EPERM))
      program.end(.allow)
      bytes = program.bytes
    #endif
  }

  /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
  private static let namespaceFlags: UInt32 = 0x7E02_0000

  /// By name: socket; ptrace, process_vm_readv and writev, kcmp, pidfd_open, pidfd_getfd, process_madvise; mount, umount2,
  /// pivot_root, chroot, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr; unshare, setns; bpf,
  /// perf_event_open, userfaultfd, io_uring's three; add_key, request_key, keyctl; kexec's two, modules' three, reboot, swaps,
  /// acct, quotactl's two; clocks' four, host and domain name, syslog, vhangup, personality; handles' two, fanotify_init,
  /// memfd_secret, lookup_dcookie.
  private static let generic: [UInt32] = [
    198, 117, 270, 271, 272, 434, 438, 440, 40, 39, 41, 51, 428, 429, 430, 431, 432, 433, 442, 97, 268, 280, 241, 282,
    425,
    426, 427, 217, 218, 219, 104, 294, 105, 273, 106, 142, 224, 225, 89, 60, 443, 170, 112, 266, 171, 161, 162, 116, 58,
    92,
    264, 265, 262, 447, 18,
  ]

  /// The same, and iopl, ioperm, modify_ldt and nfsservctl.
  private static let x86: [UInt32] = [
    41, 101, 310, 311, 312, 434, 438, 440, 165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 272, 308, 321, 298,
    323,
    425, 426, 427, 248, 249, 250, 246, 320, 175, 313, 176, 169, 167, 168, 163, 179, 443, 164, 227, 305, 159, 170, 171,
    103,
    153, 135, 303, 304, 300, 447, 212, 172, 173, 154, 180,
  ]

  /// What becomes of a call.
  private enum Action {
    case allow, kill
    case fail(Int32)

    var code: UInt32 {
      switch self {
      case .allow: 0x7FFF_0000
      case .kill: 0x8000_0000
      case .fail(let error): 0x0005_0000 | UInt32(error)
      }
    }
  }

  /// Instructions of classic BPF over `struct seccomp_data`, eight bytes each.
  private struct Program {
    var bytes = Data()

    private mutating func add(_ code: UInt16, _ isTrue: UInt8 = 0, _ isFalse: UInt8 = 0, _ operand: UInt32) {
      withUnsafeBytes(of: code) { bytes.append(contentsOf: $0) }
      bytes.append(isTrue)
      bytes.append(isFalse)
      withUnsafeBytes(of: operand) { bytes.append(contentsOf: $0) }
    }

    mutating func load(_ offset: UInt32) { add(0x20, 0, 0, offset) }
    mutating func end(_ action: Action) { add(0x06, 0, 0, action.code) }

    mutating func when(equal value: UInt32, _ action: Action) {
      add(0x15, 0, 1, value)
      end(action)
    }

    mutating func unless(equal value: UInt32, _ action: Action) {
      add(0x15, 1, 0, value)
      end(action)
    }

    mutating func when(atLeast value: UInt32, _ action: Action) {
      add(0x35, 0, 1, value)
      end(action)
    }

    mutating func when(anyOf flags: UInt32, _ action: Action) {
      add(0x45, 0, 1, flags)
      end(action)
    }
  }
}
