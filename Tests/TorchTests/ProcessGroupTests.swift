import Foundation
import TestSupport
import Testing
import Torch

@Suite struct ProcessGroupTests {
  /// What each of two processes does; both must see the same sums.
  static func member(rank: Int) throws {
    let group = try #require(try ProcessGroup.fromEnvironment(timeout: 60))
    #expect(group.rank == rank && group.size == 2)
    let mine = Double(rank + 1)
    let tensors = [Tensor.full([3], mine), Tensor.full([2, 2], 10 * mine)]
    try group.allReduce(tensors)
    #expect(tensors[0].array() == [3, 3, 3] as [Float])
    #expect(tensors[1].array() == [30, 30, 30, 30] as [Float])
    let shared = Tensor.full([4], mine)
    try group.broadcast([shared], root: 1)
    #expect(shared.array() == [2, 2, 2, 2] as [Float])
    try group.barrier()
  }

  @Test func twoProcessesAddUp() async {
    let port = Port.free()
    await withTaskGroup(of: Void.self) { both in
      for rank in 0...1 {
        both.addTask {
          await #expect(processExitsWith: .success) { [port = port as Int, rank = rank as Int] in
            setenv("MASTER_PORT", "\(port)", 1)
            setenv("WORLD_SIZE", "2", 1)
            setenv("RANK", "\(rank)", 1)
            try ProcessGroupTests.member(rank: rank)
          }
        }
      }
    }
  }

  // MARK: torchrun

  static let folderVariable = "APPRENTICE_TORCHRUN_TEST"

  /// Runs inside the processes that `torchrunStartsMembers` starts and leaves a file behind.
  @Test(.enabled(if: ProcessInfo.processInfo.environment[folderVariable] != nil, "torchrun's test starts this"))
  func memberUnderTorchrun() throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = URL(fileURLWithPath: try #require(environment[Self.folderVariable]))
    let rank = try #require(environment["RANK"].flatMap(Int.init))
    try Self.member(rank: rank)
    try Data().write(to: folder.appendingPathComponent("rank-\(rank)"))
  }

  static let torchrun = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/torchrun" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  #if os(Linux)
    @Test(
      .enabled(if: torchrun != nil, "no torchrun on the PATH"),
      .enabled(if: ProcessInfo.processInfo.environment[folderVariable] == nil, "this is a member"))
    func torchrunStartsMembers() throws {
      let scratch = try TemporaryFolder()
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try #require(Self.torchrun))
      process.arguments = [
        "--no-python", "--nnodes", "1", "--nproc-per-node", "2", "--master-port", "\(Port.free())",
        CommandLine.arguments[0], "--testing-library", "swift-testing", "--filter", "memberUnderTorchrun",
      ]
      process.environment = ProcessInfo.processInfo.environment.merging(
        [Self.folderVariable: scratch.url.path, "OMP_NUM_THREADS": "1"]) { $1 }
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(scratch.contents == ["rank-0", "rank-1"])
    }
  #endif

  // MARK: Errors

  @Test func aSingleProcessIsNoGroup() async {
    await #expect(processExitsWith: .success) {
      unsetenv("WORLD_SIZE")
      let unset = try ProcessGroup.fromEnvironment()
      setenv("WORLD_SIZE", "1", 1)
      let one = try ProcessGroup.fromEnvironment()
      #expect(unset == nil && one == nil)
    }
  }

  @Test func wrongVariablesAreNamed() async {
    await #expect(processExitsWith: .success) {
      func refused(_ says: String, _ variables: [String: String]) {
        for name in ["RANK", "WORLD_SIZE", "MASTER_PORT"] { unsetenv(name) }
        for (name, value) in variables { setenv(name, value, 1) }
        #expect { try ProcessGroup.fromEnvironment(timeout: 5) } throws: { "\($0)".contains(says) }
      }
      refused("RANK is not set", ["WORLD_SIZE": "2", "MASTER_PORT": "29500"])
      refused("MASTER_PORT is not set", ["WORLD_SIZE": "2", "RANK": "0"])
      refused("WORLD_SIZE is two", ["WORLD_SIZE": "two", "RANK": "0", "MASTER_PORT": "29500"])
      refused("rank 2 of 2", ["WORLD_SIZE": "2", "RANK": "2", "MASTER_PORT": "29500"])
      refused("rank -1 of 2", ["WORLD_SIZE": "2", "RANK": "-1", "MASTER_PORT": "29500"])
      refused("ports from 1 to 65535", ["WORLD_SIZE": "2", "RANK": "0", "MASTER_PORT": "70000"])
    }
  }

  @Test func aPeerThatNeverComesIsAnErrorAfterTheTimeout() async {
    let port = Port.free()
    await #expect(processExitsWith: .success) { [port = port as Int] in
      #expect {
        try ProcessGroup(
          host: "127.0.0.1", port: port, rank: 0, size: 2, hostsStore: true, timeout: 1)
      } throws: {
        ($0 as? TorchError)?.operation == "process group" && "\($0)".contains("rank 0 of 2")
      }
    }
  }
}
