/// A chatbot of two recurrent networks in 8 bits that answers word by word, without Foundation and without allocations in its arithmetic.
///
/// One network reads the question, the other begins with its state and writes the answer (Sutskever 2014); with attention the writer looks
/// back at what was read (Luong 2015, "dot"). The same source is compiled into a program and into WebAssembly, and gives the same texts.
///
/// ```swift
/// import PortableModels
///
/// let bot = try SequenceChatbot(bytes)
/// bot.ask(Array("how are you?".utf8), temperature: 0.5, seed: 1)
/// while let piece = bot.next() { print(String(decoding: piece, as: UTF8.self), terminator: "") }
/// ```
public final class SequenceChatbot {
  /// The sizes at the beginning of a file, each in 32 bits.
  public struct Shape: Sendable, Equatable {
    /// The words that are read.
    public var inputWords: Int
    /// The words that are written, with ``SequenceChatbot/start`` and ``SequenceChatbot/end`` before them.
    public var outputWords: Int
    /// The width of a read word's vector.
    public var embedding: Int
    /// The width of both networks.
    public var units: Int
    /// Whether the writer looks back.
    public var hasAttention: Bool
    /// The most words of a question that are read: the first ones.
    public var longestQuestion: Int
    /// The most words of an answer.
    public var longestAnswer: Int

    /// A shape.
    public init(
      inputWords: Int, outputWords: Int, embedding: Int, units: Int, hasAttention: Bool, longestQuestion: Int,
      longestAnswer: Int
    ) {
      self.inputWords = inputWords
      self.outputWords = outputWords
      self.embedding = embedding
      self.units = units
      self.hasAttention = hasAttention
      self.longestQuestion = longestQuestion
      self.longestAnswer = longestAnswer
    }

    /// The numbers as they stand in a file.
    public var numbers: [Int] {
      [inputWords, outputWords, embedding, units, hasAttention ? 1 : 0, longestQuestion, longestAnswer]
    }
  }

  /// The first bytes of a file: "APCB".
  public static let magic = 0x4243_5041
  /// The version of the files that are read.
  public static let version = 1
  /// The bytes of a question that are looked at: the first ones.
  public static let longestText = 4096
  /// The number of the word that begins an answer.
  public static let start = 0
  /// The number of the word that ends one.
  public static let end = 1
  /// The word that stands for a question of which no word is known.
  public static let silence: [UInt8] = [0x2E, 0x2E, 0x2E]

  /// The sizes.
  public let shape: Shape
  /// The way in which words are drawn.
  public var draw = TokenDraw.categorical

  private let memory: UnsafeMutableRawBufferPointer
  private let inputs: WordTable
  private let outputs: WordTable
  private let embeddings: Int8Matrix
  private let encoderInput: Int8Matrix
  private let encoder: LSTMCell
  /// The decoder's weights for each word, which is what a product with a one-hot vector takes out of them.
  private let decoderInput: Int8Matrix
  private let decoder: LSTMCell
  private let combination: Int8Matrix?
  private let output: Int8Matrix
  private let outputBias: UnsafePointer<Float>

  private let gates: UnsafeMutablePointer<Float>
  private let hidden: UnsafeMutablePointer<Float>
  private let cell: UnsafeMutablePointer<Float>
  private let read: UnsafeMutablePointer<Float>
  private let joined: UnsafeMutablePointer<Float>
  private let mixed: UnsafeMutablePointer<Float>
  private let logits: UnsafeMutablePointer<Float>
  private let weights: UnsafeMutablePointer<Float>
  private var scratch: FixedPointVector

  private var joiner = WordText.Joiner()
  private var random = RandomBits(seed: 0)
  private var temperature: Float = 0
  private var readCount = 0
  private var written = 0
  private var word = SequenceChatbot.end

  /// Reads a model's bytes, which are copied.
  ///
  /// - Throws: ``ModelProblem`` where they are no model; nothing outside of them is looked at, whatever they are.
  public init(_ bytes: UnsafeRawBufferPointer) throws(ModelProblem) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    memory.copyMemory(from: bytes)
    do throws(ModelProblem) {
      var cursor = try ByteCursor(UnsafeRawBufferPointer(memory))
      guard try cursor.number() == Self.magic else { throw ModelProblem.notAModel }
      guard try cursor.number() == Self.version else { throw ModelProblem.otherVersion }
      let shape = Shape(
        inputWords: try cursor.number(), outputWords: try cursor.number(), embedding: try cursor.number(),
        units: try cursor.number(), hasAttention: try cursor.number() == 1, longestQuestion: try cursor.number(),
        longestAnswer: try cursor.number())
      let (inputBytes, outputBytes) = (try cursor.number(), try cursor.number())
      // Sums of a longer row's products would leave 32 bits.
      guard shape.units > 0, shape.units <= 1024, shape.embedding > 0, shape.embedding <= 2048, shape.inputWords > 0,
        shape.inputWords < 1 << 20, shape.outputWords > 2, shape.outputWords < 1 << 20, shape.longestQuestion > 0,
        shape.longestQuestion <= 4096, shape.longestAnswer <= 4096
      else { throw ModelProblem.damaged }
      guard
        let inputs = WordTable(try cursor.array(UInt8.self, inputBytes), count: shape.inputWords),
        let outputs = WordTable(try cursor.array(UInt8.self, outputBytes), count: shape.outputWords)
      else { throw ModelProblem.damaged }
      let (units, gates) = (shape.units, 4 * shape.units)
      embeddings = try cursor.matrix(shape.inputWords, shape.embedding)
      encoderInput = try cursor.matrix(gates, shape.embedding)
      encoder = LSTMCell(units: units, recurrent: try cursor.matrix(gates, units), bias: try cursor.vector(gates))
      decoderInput = try cursor.matrix(shape.outputWords, gates)
      decoder = LSTMCell(units: units, recurrent: try cursor.matrix(gates, units), bias: try cursor.vector(gates))
      combination = shape.hasAttention ? try cursor.matrix(units, 2 * units) : nil
      output = try cursor.matrix(shape.outputWords, units)
      outputBias = try cursor.vector(shape.outputWords)
      guard cursor.isAtEnd else { throw ModelProblem.damaged }
      (self.shape, self.inputs, self.outputs) = (shape, inputs, outputs)
    } catch {
      memory.deallocate()
      throw error
    }
    self.memory = memory
    gates = .allocate(capacity: 4 * shape.units)
    hidden = .allocate(capacity: shape.units)
    cell = .allocate(capacity: shape.units)
    read = .allocate(capacity: shape.longestQuestion * shape.units)
    joined = .allocate(capacity: 2 * shape.units)
    mixed = .allocate(capacity: shape.units)
    logits = .allocate(capacity: shape.outputWords)
    weights = .allocate(capacity: max(shape.outputWords, shape.longestQuestion))
    scratch = FixedPointVector(capacity: max(2 * shape.units, shape.embedding))
  }

  /// Reads a model's bytes.
  public convenience init(_ bytes: [UInt8]) throws(ModelProblem) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
    defer { copy.deallocate() }
    for (place, byte) in bytes.enumerated() { copy[place] = byte }
    try self.init(UnsafeRawBufferPointer(rebasing: copy[0..<bytes.count]))
  }

  deinit {
    for part in [gates, hidden, cell, read, joined, mixed, logits, weights] { part.deallocate() }
    scratch.deallocate()
    memory.deallocate()
  }

  // MARK: A turn

  /// Reads a question, as UTF-8; an answer that was being written is forgotten.
  ///
  /// Words that aren't known are passed over, and where none is the question is ``silence``, or the first word if that isn't known.
  ///
  /// - Parameters:
  ///   - temperature: 0 for the most probable words.
  ///   - seed: the same gives the same answer.
  public func ask(_ question: [UInt8], temperature: Float, seed: UInt64) {
    var known: [Int] = []
    for word in WordText.words(of: Array(question.prefix(Self.longestText))) {
      guard let number = inputs.number(of: word) else { continue }
      known.append(number)
      if known.count == shape.longestQuestion { break }
    }
    if known.isEmpty { known = [inputs.number(of: Self.silence) ?? 0] }
    hidden.update(repeating: 0, count: shape.units)
    cell.update(repeating: 0, count: shape.units)
    for (place, number) in known.enumerated() {
      gates.update(repeating: 0, count: 4 * shape.units)
      scratch.take(row: number, of: embeddings)
      encoderInput.multiply(scratch, addingTo: gates)
      encoder.step(gates: gates, hidden: hidden, cell: cell, scratch: &scratch)
      (read + place * shape.units).update(from: hidden, count: shape.units)
    }
    readCount = known.count
    (written, word, self.temperature) = (0, Self.start, temperature)
    random = RandomBits(seed: seed)
    joiner = WordText.Joiner()
  }

  /// The next piece of the answer, as UTF-8; nil at its end.
  public func next() -> [UInt8]? {
    guard !(written > 0 && word == Self.end), written < shape.longestAnswer else { return nil }
    advance(word)
    logits[Self.start] = -.infinity
    word = draw.draw(
      logits, weights: weights, count: shape.outputWords, temperature: temperature, random: &random)
    written += 1
    return word == Self.end ? nil : joiner.add(outputs[word])
  }

  /// The logits that each of some words would be drawn from after a question, for comparison with the model in full.
  public func scores(after question: [UInt8], writing words: [Int]) -> [[Float]] {
    ask(question, temperature: 0, seed: 0)
    return ([Self.start] + words).map { word in
      advance(word)
      return (0..<shape.outputWords).map { logits[$0] }
    }
  }

  /// Takes a written word in and leaves the next one's logits.
  private func advance(_ word: Int) {
    let units = shape.units
    gates.update(repeating: 0, count: 4 * units)
    decoderInput.add(row: word, to: gates)
    decoder.step(gates: gates, hidden: hidden, cell: cell, scratch: &scratch)
    var top = UnsafePointer(hidden)
    if let combination {
      attend()
      mixed.update(repeating: 0, count: units)
      scratch.take(joined, count: 2 * units)
      combination.multiply(scratch, addingTo: mixed)
      for i in 0..<units { mixed[i] = Elementary.tanh(mixed[i]) }
      top = UnsafePointer(mixed)
    }
    logits.update(from: outputBias, count: shape.outputWords)
    scratch.take(top, count: units)
    output.multiply(scratch, addingTo: logits)
  }

  /// Writes the mean of what was read, weighted by its likeness to the state, and the state beside it.
  private func attend() {
    let units = shape.units
    var most = -Float.infinity
    for place in 0..<readCount {
      var sum: Float = 0
      for i in 0..<units { sum += hidden[i] * read[place * units + i] }
      weights[place] = sum
      most = max(most, sum)
    }
    var total: Float = 0
    for place in 0..<readCount {
      weights[place] = Elementary.exp(weights[place] - most)
      total += weights[place]
    }
    joined.update(repeating: 0, count: units)
    for place in 0..<readCount {
      let share = weights[place] / total
      for i in 0..<units { joined[i] += share * read[place * units + i] }
    }
    (joined + units).update(from: hidden, count: units)
  }
}
