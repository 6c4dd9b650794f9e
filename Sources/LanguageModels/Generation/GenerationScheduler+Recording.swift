import Torch

/// One pass over the newest tokens of some completions, recorded on a GPU.
final class RecordedStep {
  /// What decides whether a recording serves: the model, the rows, and how wide their tables of blocks are.
  struct Shape: Equatable {
    var model: ObjectIdentifier
    var rows: Int
    var blocksPerRow: Int
  }

  let shape: Shape
  /// Token, position, slot, length and blocks of each row, int32: what changes from step to step.
  private let inputs: Tensor
  private let logits: Tensor
  private let graph: DeviceGraph

  /// Records a pass; nil where that can't be done.
  init?(_ shape: Shape, _ model: Decoder, first rows: [Int32], _ pass: (_ tables: Tensor) -> CachePass) {
    let inputs = Self.tensor(rows, shape).to(device: model.device)
    func logits() -> Tensor {
      let tokens = inputs.select(0, axis: 1).to(.int64), places = inputs.select(1, axis: 1).to(.int64)
      let tables = inputs.slice(2..<inputs.size(1), axis: 1).contiguous()
      // Positional tables reach to the end of the context, so that they never move.
      return model.logits(
        model.forward(
          tokens, places: places, longest: model.configuration.contextLength, boundaries: [], cache: pass(tables)))
    }
    // Done once before: what is loaded or made at first use can't be recorded. It writes the same keys and values.
    _ = logits()
    var recorded: Tensor?
    guard let graph = DeviceGraph(on: model.device, recording: { recorded = logits() }), let recorded else {
      return nil
    }
    (self.shape, self.inputs, self.graph, self.logits) = (shape, inputs, graph, recorded)
  }

  private static func tensor(_ rows: [Int32], _ shape: Shape) -> Tensor {
    Tensor(rows, shape: [shape.rows, 4 + shape.blocksPerRow])
  }

  /// The logits of other rows of the same shape; the next call overwrites them.
  func callAsFunction(_ rows: [Int32]) -> Tensor {
    inputs.copyInPlace(Self.tensor(rows, shape))
    graph.replay()
    return logits
  }
}

/// The recording that is in use, and what the steps before looked like.
struct StepRecording {
  /// Steps of one shape in a row after which it is worth recording.
  static let patience = 3
  var step: RecordedStep?
  var shape: RecordedStep.Shape?
  var seen = 0
  /// Whether it was tried and can't be had.
  var isImpossible = false
}

extension GenerationScheduler {
  /// Logits of completions' newest tokens by a recorded step; nil where the step is to be made in the usual way.
  func recordedLogits(
    _ streams: [GenerationStream], _ tokens: [Int], _ positions: [Int], _ slots: [Int], _ model: Decoder
  ) -> Tensor? {
    guard model.device.kind == .cuda, tokens.count == streams.count, !recording.isImpossible,
      model.configuration.contextLength <= 1 << 16, slots.count == streams.count, model.configuration.isRecordable
    else { return nil }
    // Tables wide enough for some hundred tokens more, so that their width seldom changes.
    let most = streams.map(\.sequence.blocks.count).max() ?? 0
    let width = (most + 15) / 16 * 16
    let shape = RecordedStep.Shape(model: ObjectIdentifier(model), rows: streams.count, blocksPerRow: width)
    recording.seen = recording.shape == shape ? recording.seen + 1 : 0
    recording.shape = shape
    guard recording.step?.shape == shape || recording.seen >= StepRecording.patience else { return nil }
    var rows: [Int32] = []
    rows.reserveCapacity(streams.count * (4 + width))
    for (i, stream) in streams.enumerated() {
      let own = stream.sequence
      rows += [Int32(tokens[i]), Int32(positions[i]), Int32(slots[i]), Int32(own.length)]
      rows += own.blocks
      rows += repeatElement(0, count: width - own.blocks.count)
    }
    if recording.step?.shape != shape {
      recording.step = nil
      recording.step = RecordedStep(shape, model, first: rows) { tables in
        CachePass(
          cache: cache, slots: slots, sequences: streams.map(\.sequence), counts: streams.map { _ in 1 },
          blocksPerRow: width, laidOut: tables)
      }
      recording.isImpossible = recording.step == nil
    }
    return recording.step?(rows)
  }
}

extension DecoderConfiguration {
  /// Whether a step is the same work whatever its tokens: which experts run, and by which frequencies is turned, a recording can't decide.
  var isRecordable: Bool { experts == nil && !turnsByLength }
}
