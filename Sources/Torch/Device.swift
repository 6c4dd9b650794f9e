import CTorch

/// A processor on which tensors live and ops run.
public struct Device: Hashable, Sendable, Codable, CustomStringConvertible {
  /// libtorch's device types that are supported here.
  public enum Kind: Int32, Sendable, Codable {
    case cpu = 0
    case cuda = 1
    case mps = 13
  }
  /// The type of device.
  public var kind: Kind
  /// Which of several; 0 for the CPU.
  public var index: Int

  /// The processor.
  public static let cpu = Device(kind: .cpu, index: 0)
  /// Apple's GPU.
  public static let mps = Device(kind: .mps, index: 0)
  /// An NVIDIA GPU.
  public static func cuda(_ index: Int = 0) -> Device { Device(kind: .cuda, index: index) }

  /// A device by kind and number.
  public init(kind: Kind, index: Int) {
    self.kind = kind
    self.index = index
  }

  /// The number of NVIDIA GPUs that libtorch sees.
  public static var cudaDevices: Int { Int(torch.pointee.cuda_devices()) }
  /// Whether libtorch sees an Apple GPU.
  public static var isMPSAvailable: Bool { torch.pointee.mps_available() != 0 }

  /// The fastest device present.
  public static var best: Device { cudaDevices > 0 ? .cuda(0) : isMPSAvailable ? .mps : .cpu }

  /// Reads `auto`, `cpu`, `cuda`, `cuda:1` or `mps`.
  ///
  /// - Throws: ``TorchError`` for another word, or for a device that this machine or this libtorch lacks.
  public init(parsing text: String) throws {
    try TorchLibrary.load()
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let index = parts.count == 1 ? 0 : parts.count == 2 ? Int(parts[1]) : nil
    switch (parts.first.map(String.init) ?? "", index) {
    case ("auto", 0?): self = .best
    case ("cpu", 0?): self = .cpu
    case ("mps", 0?):
      guard Device.isMPSAvailable else {
        throw TorchError(operation: "device", message: "this libtorch sees no Apple GPU (mps)")
      }
      self = .mps
    case ("cuda", let index?):
      let count = Device.cudaDevices
      guard index >= 0, index < count else {
        throw TorchError(
          operation: "device",
          message: "\(text) was asked for and libtorch \(TorchLibrary.version) sees \(count) CUDA devices")
      }
      self = .cuda(index)
    default:
      throw TorchError(
        operation: "device", message: "'\(text)' is no device: use auto, cpu, cuda, cuda:N or mps")
    }
  }

  /// Waits until everything queued on the device is done.
  public func synchronize() { _ = torch.pointee.synchronize(kind.rawValue) }

  /// `cpu`, `cuda:0` or `mps`.
  public var description: String {
    switch kind {
    case .cpu: "cpu"
    case .cuda: "cuda:\(index)"
    case .mps: "mps"
    }
  }
}
