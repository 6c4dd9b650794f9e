import CTorch
import Foundation

/// Several processes that train together: libtorch's c10d over Gloo, joined through the variables that torchrun sets.
public final class ProcessGroup {
  private let pointer: OpaquePointer
  /// This process's number, from 0.
  public let rank: Int
  /// The number of processes.
  public let size: Int

  /// Joins through `RANK`, `WORLD_SIZE`, `MASTER_ADDR` and `MASTER_PORT`; nil where `WORLD_SIZE` is absent or 1.
  ///
  /// - Throws: ``TorchError`` if a variable is missing or malformed or the others do not answer within `timeout` seconds.
  public static func fromEnvironment(timeout: Double = 300) throws -> ProcessGroup? {
    let environment = ProcessInfo.processInfo.environment
    guard let text = environment["WORLD_SIZE"], text != "1" else { return nil }
    func number(_ name: String) throws -> Int {
      guard let value = environment[name].flatMap(Int.init) else {
        throw TorchError(
          operation: "process group",
          message: "WORLD_SIZE is \(text) but \(name) is \(environment[name] ?? "not set"): start with torchrun")
      }
      return value
    }
    return try ProcessGroup(
      host: environment["MASTER_ADDR"] ?? "127.0.0.1", port: number("MASTER_PORT"),
      rank: number("RANK"), size: number("WORLD_SIZE"),
      hostsStore: try number("RANK") == 0
        && environment["TORCHELASTIC_USE_AGENT_STORE"] != "True", timeout: timeout)
  }

  /// Joins a group by hand; `hostsStore` is true in the one process that serves the rendezvous.
  public init(
    host: String, port: Int, rank: Int, size: Int, hostsStore: Bool, timeout: Double = 300
  ) throws {
    try TorchLibrary.load()
    guard size >= 1, 0..<size ~= rank, 1...65535 ~= port else {
      throw TorchError(
        operation: "process group", operands: "rank \(rank) of \(size) at \(host):\(port)",
        message: "ranks go from 0 to the number of processes less one, ports from 1 to 65535")
    }
    guard
      let made = torch.pointee.group_new(
        host, Int32(port), Int32(rank), Int32(size), hostsStore ? 1 : 0, timeout)
    else {
      throw TorchError(
        operation: "process group", operands: "rank \(rank) of \(size) at \(host):\(port)",
        message: lastMessage())
    }
    pointer = made
    self.rank = rank
    self.size = size
  }
  deinit { torch.pointee.group_free(pointer) }

  /// Replaces each tensor by its sum over all processes.
  public func allReduce(_ tensors: [Tensor]) throws {
    try check(
      "all_reduce", tensors.withHandles { torch.pointee.group_allreduce(pointer, $0, $1) })
  }
  /// Replaces each tensor by `root`'s.
  public func broadcast(_ tensors: [Tensor], root: Int = 0) throws {
    try check(
      "broadcast",
      tensors.withHandles { torch.pointee.group_broadcast(pointer, $0, $1, Int32(root)) })
  }
  /// Waits until every process is here.
  public func barrier() throws { try check("barrier", torch.pointee.group_barrier(pointer)) }

  private func check(_ operation: String, _ status: Int32) throws {
    if status != 0 {
      throw TorchError(operation: operation, message: lastMessage())
    }
  }
}
