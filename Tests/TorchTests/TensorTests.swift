import Testing
import Torch

@Suite struct TensorTests {
  @Test func arithmeticReadsLikeTheField() {
    let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect((x + x * 2 - 1).array() == [2, 5, 8, 11, 14, 17] as [Float])
    #expect(x.matmul(x.transposed()).array() == [14, 32, 32, 77] as [Float])
    #expect((1 / x)[1, 0].item() == 0.25)
    #expect((x .> 3).array(of: Bool.self) == [false, false, false, true, true, true])
    #expect((Tensor([7, 8]) * 2).dtype == .int64)
  }

  @Test func indexing() {
    let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
    #expect(x[0..., .newAxis].shape == [2, 1, 3, 4])
    #expect(x[.ellipsis, -1].array() == [3, 7, 11, 15, 19, 23] as [Float])
    #expect(x[1, 0..<2, 2...].array() == [14, 15, 18, 19] as [Float])
    #expect(x[0, Tensor([2, 0])].array() == [8, 9, 10, 11, 0, 1, 2, 3] as [Float])
    let y = x.clone()
    y[0, 1...] = Tensor(-1)
    #expect(y[0].array() == [0, 1, 2, 3, -1, -1, -1, -1, -1, -1, -1, -1] as [Float])
    #expect(x[0, 1, 0].item() == 4)
  }

  @Test func errorsNameTheOpAndBothShapes() {
    #expect {
      try withTensorErrors { Tensor.ones([2, 3]).matmul(Tensor.ones([4, 5])) }
    } throws: { error in
      let text = "\(error)"
      return text.contains("matmul") && text.contains("[2, 3]") && text.contains("[4, 5]")
    }
  }

  @Test func gradients() {
    let x = Tensor([1, 2, 3] as [Float]).requiringGrad()
    ((x * x).sum() + withoutGradients { (x * 100).sum() }).backward()
    #expect(x.grad?.array() == [2, 4, 6] as [Float])
    let y = Tensor.custom([x], forward: { [$0[0].exp()] }, backward: { [$0[0].map { $0 * 7 }] })
    #expect(Tensor.gradients(of: [y[0].sum()], for: [x])[0]?.array() == [7, 7, 7] as [Float])
  }
}
