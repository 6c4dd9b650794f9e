public import NeuralNetworks
public import Torch

/// Two recurrent networks: one reads a question, the other begins with its state and writes the answer (Sutskever 2014).
///
/// The reader sees learnt or given vectors of words, the writer one-hot ones, as published (Ilić 2019). With attention the writer looks back
/// (Luong 2015, equations 5, 7 and 8 with the score "dot"): h̃ = tanh(W[c; h]), where c is the mean of what was read, weighted by
/// softmax(h·h̄).
public final class SequenceToSequence: Module {
  /// The number of words that are written.
  public let outputs: Int
  @Child("encoder_embedding") var embedding: Embedding
  @Child("encoder") var encoder: LSTM
  @Child("decoder") var decoder: LSTM
  @Child("combination") var combination: Linear?
  @Child("output") var output: Linear
  private let oneHot: Tensor

  /// Draws all weights.
  ///
  /// - Parameters:
  ///   - inputs: the number of words that are read.
  ///   - outputs: the number of words that are written.
  public init(inputs: Int, outputs: Int, embedding width: Int, units: Int, hasAttention: Bool, generator: Generator) {
    self.outputs = outputs
    oneHot = Tensor.eye(outputs)
    super.init()
    embedding = Embedding(inputs, width, standardDeviation: 0.1, generator: generator)
    encoder = LSTM(width, hidden: units, generator: generator)
    decoder = LSTM(outputs, hidden: units, generator: generator)
    combination = hasAttention ? Linear(2 * units, units, bias: false, generator: generator) : nil
    output = Linear(units, outputs, generator: generator)
  }

  /// The state that a question leaves.
  public struct Reading {
    /// The state after the last word, or where an answer goes on from.
    public var state: LSTM.State
    /// Each word's output, `[batch, length, units]`.
    public var outputs: Tensor
  }

  /// Reads questions of one length, `[batch, length]`.
  public func read(_ questions: Tensor) -> Reading {
    let (outputs, state) = encoder(embedding(questions))
    return Reading(state: state, outputs: outputs)
  }

  /// The logits of what follows each of the written words, `[batch, length] → [batch, length, outputs]`, and the state after them.
  public func write(_ words: Tensor, after reading: Reading) -> (logits: Tensor, state: LSTM.State) {
    let shape = words.shape
    let input = oneHot.indexSelect(words.reshaped([shape[0] * shape[1]])).reshaped(shape + [outputs])
    var (hidden, state) = decoder(input, state: reading.state)
    if let combination {
      let weights = hidden.matmul(reading.outputs.transposed()).softmax(axis: -1)
      hidden = combination(Tensor.concatenated([weights.matmul(reading.outputs), hidden], axis: -1)).tanh()
    }
    return (output(hidden), state)
  }

  /// The logits of an answer's words given all before them.
  public func callAsFunction(_ questions: Tensor, _ words: Tensor) -> Tensor {
    write(words, after: read(questions)).logits
  }

  /// Puts given vectors in the place of the question's, and leaves them as they are.
  func freeze(_ vectors: Tensor) {
    withoutGradients { embedding.weight.copyInPlace(vectors) }
    embedding.weight.requiringGrad(false)
  }
}
