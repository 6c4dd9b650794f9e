import Foundation
import TestSupport
import Testing
import Torch

@Suite struct TorchErrorTests {
  @Test func theFirstErrorOfAScopeIsThrownAndLaterOnesStayQuiet() {
    #expect {
      try withTensorErrors {
        let broken = Tensor.ones([2, 3]).matmul(Tensor.ones([4, 5]))
        #expect(!broken.isDefined)
        #expect("\(broken)" == "Tensor(undefined)")
        return (broken + 1).softmax(axis: 0).reshaped(7)
      }
    } throws: { error in
      guard let error = error as? TorchError else { return false }
      return error.operation == "matmul" && error.operands == "[2, 3] float32, [4, 5] float32"
    }
  }

  @Test func scopesNestAndEnd() throws {
    struct Mine: Error {}
    #expect(throws: Mine.self) { try withTensorErrors { throw Mine() } }
    let value = try withTensorErrors { () -> Double in
      #expect(throws: TorchError.self) {
        try withTensorErrors { Tensor.ones([2]).reshaped(3) }
      }
      // The inner scope's error is the inner scope's.
      return Tensor.ones([2]).sum().item()
    }
    #expect(value == 2)
  }

  @Test(arguments: [
    ("add", ["[2, 3]", "[4]"]), ("cat", ["[2, 3]", "[4]"]), ("linear", ["[2, 3]", "[4]"]),
    ("embedding", ["[2, 3]", "[4]"]), ("index_select", ["[2, 3]", "[4]"]),
  ])
  func errorsCarryTheOpAndEveryShape(_ op: String, _ shapes: [String]) {
    let a = Tensor.ones([2, 3])
    let b = Tensor.ones([4])
    #expect {
      try withTensorErrors {
        switch op {
        case "add": a + b
        case "cat": Tensor.concatenated([a, b])
        case "linear": a.linear(b)
        case "embedding": Tensor.embedding(a, b)
        default: a.indexSelect(b)
        }
      }
    } throws: { error in
      (error as? TorchError)?.operation == op && shapes.allSatisfy { "\(error)".contains($0) }
    }
  }

  /// Outside a scope the misuse of an op stops the program, with the same text.
  @Test func misuseTrapsWithTheMessage() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor.ones([2, 3]).matmul(Tensor.ones([4, 5]))
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("matmul([2, 3] float32, [4, 5] float32)"))
  }

  @Test func aLibraryThatIsNoneSaysSoAndWhatToDo() async {
    await #expect(processExitsWith: .success) {
      let scratch = try TemporaryFolder()
      let file = try scratch.write(Array("not a library".utf8), "libctorch.so")
      setenv("CTORCH_LIBRARY", file.path, 1)
      #expect(!TorchLibrary.isLoaded)
      #expect { try TorchLibrary.load() } throws: { error in
        ["Scripts/bootstrap", "CTORCH_LIBRARY", file.path].allSatisfy { "\(error)".contains($0) }
      }
      // The same at the edges that a program meets first.
      #expect(throws: TorchError.self) { try withTensorErrors { 1 } }
      #expect(throws: TorchError.self) { try Device(parsing: "cpu") }
    }
    await #expect(processExitsWith: .success) {
      setenv("CTORCH_LIBRARY", "/no/such/libctorch.so", 1)
      #expect { try TorchLibrary.load() } throws: {
        "\($0)".contains("/no/such/libctorch.so: no such file")
      }
    }
  }

  @Test func devicesAreParsedOrRefused() throws {
    #expect(try Device(parsing: "cpu") == .cpu)
    #expect(try Device(parsing: "auto") == .best)
    for text in ["", "gpu", "cpu:1", "cuda:x", "cuda:-1", "cuda:99", "cuda:0:1", "cpu:0:0", "CPU", "cuda:"] {
      #expect { try Device(parsing: text) } throws: {
        ($0 as? TorchError)?.operation == "device" && "\($0)".contains(text.isEmpty ? "''" : text)
      }
    }
    #expect("\(Device.cuda(3))" == "cuda:3" && "\(Device.cpu)" == "cpu" && "\(Device.mps)" == "mps")
  }

  @Test func typesAreParsedOrRefused() throws {
    for dtype in DType.allCases { #expect(try DType(parsing: dtype.name) == dtype) }
    #expect(try DType(parsing: "bf16") == .bfloat16)
    #expect { try DType(parsing: "float33") } throws: {
      "\($0)".contains("'float33'") && "\($0)".contains("bfloat16")
    }
    #expect(DType(name: "torch.float32") == nil)
  }

  @Test func theLibraryDescribesItself() throws {
    try TorchLibrary.load()
    #expect(TorchLibrary.isLoaded)
    #expect(TorchLibrary.version.wholeMatch(of: /\d+\.\d+\.\d+.*/) != nil)
    #expect(!TorchLibrary.capabilities.isEmpty)
    #expect(TorchLibrary.threads >= 1)
  }

  @Test func theNumberOfThreadsCanBeSet() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.randn([300, 300], generator: Generator(seed: 1))
      TorchLibrary.threads = 1
      #expect(TorchLibrary.threads == 1)
      let one = x.matmul(x)
      TorchLibrary.threads = 2
      #expect(TorchLibrary.threads == 2)
      #expect(worst(x.matmul(x), one) < 1e-5)
    }
  }
}
