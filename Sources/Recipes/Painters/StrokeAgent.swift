import Foundation
import NeuralNetworks
import Painting
import Reinforcement
import Statistics
import Torch

/// An agent that looks at a canvas and a picture and names the next stroke's nine numbers.
///
/// One network for both ways to learn: convolutions over canvas and picture at 32 by 32, a layer of 128, then the logits of
/// the numbers, and a value for PPO.
final class StrokeAgent: Module {
  private var convolutions: [Conv2d] = []
  @Child("dense") private var dense: Linear
  @Child("actor") private var actor: Linear
  @Child("critic") private var critic: Linear
  @Parameter var logDeviation: Tensor

  init(generator: Generator) {
    super.init()
    for (inputs, outputs, size) in [(2, 16, 5), (16, 32, 3), (32, 32, 3)] {
      convolutions.append(Conv2d(inputs, outputs, size: size, stride: 2, padding: size / 2, generator: generator))
    }
    dense = Linear(512, 128, generator: generator)
    actor = Linear(128, StrokeAction.shapeCount, generator: generator)
    critic = Linear(128, 1, generator: generator)
    logDeviation = Tensor.full([StrokeAction.shapeCount], -0.5)
  }

  /// Logits `[N, 9]` and values `[N]` for ink on the canvas and in the picture, each `[N, 64, 64]`.
  func callAsFunction(_ canvas: Tensor, _ picture: Tensor) -> (logits: Tensor, values: Tensor) {
    let seen = Tensor.stacked([canvas, picture], axis: 1).averagePool2d(2, stride: 2)
    let h = dense(convolutions.reduce(seen) { $1($0).relu() }.flattened(1)).relu()
    return (actor(h), critic(h).squeezed(1))
  }
}

/// The two ways to learn, on the same digits with the same network.
struct StrokeLessons {
  /// What an agent's learning came to, at some time.
  struct Point: Codable {
    var seconds: Double
    var strokes: Int
    /// The squared error of digits that it hasn't seen, painted by the real brush, over that of a blank canvas.
    var error: Double
  }

  /// The strokes of a picture.
  static let strokes = 4
  private static let batch = 32
  let painter: NeuralPainter
  let brush: BrushFile
  /// The digits that are learnt from and those that are measured on, `[N, 64, 64]`.
  let training: Tensor, held: Tensor

  init(painter: NeuralPainter, brush: BrushFile, digits: Int, held: Int, seed: UInt64) {
    func tensor(_ count: Int, _ purpose: String) -> Tensor {
      Tensor(
        DigitShapes.set(count, seed: DerivedSeed(run: seed, for: purpose).value),
        shape: [count, DigitShapes.side, DigitShapes.side])
    }
    self.painter = painter
    self.brush = brush
    training = tensor(digits, "digits")
    self.held = tensor(held, "held-out digits")
  }

  /// The picture's squared error over a blank canvas's, `[N]`.
  private func error(_ canvas: Tensor, _ picture: Tensor) -> Tensor {
    (canvas - picture).square().sum(axis: 1, 2) / picture.square().sum(axis: 1, 2)
  }

  /// The real brush's ink of shapes `[N, 9]`.
  private func ink(_ shapes: Tensor, _ brush: Brush, _ surface: BrushSurface) -> Tensor {
    let (count, numbers) = (shapes.size(0), shapes.contiguous().array(of: Float.self))
    let bytes = (0..<count).flatMap { number -> [UInt8] in
      surface.clear()
      let start = number * StrokeAction.shapeCount
      brush.paint(StrokeAction(shape: Array(numbers[start..<start + StrokeAction.shapeCount])), on: surface)
      return surface.coverage()
    }
    return Tensor(bytes, shape: [count, DigitShapes.side, DigitShapes.side]).to(.float32) * (1.0 / 255)
  }

  private func laid(_ ink: Tensor, on canvas: Tensor) -> Tensor { canvas + ink * (1 - canvas) }

  /// What an agent makes of the digits that it hasn't seen, with the real brush and without noise.
  private func measure(_ agent: StrokeAgent) throws -> Double {
    let (brush, surface) = (try Brush(brush), try BrushSurface(width: DigitShapes.side, height: DigitShapes.side))
    return withoutGradients {
      var canvas = held.zerosLike()
      for _ in 0..<Self.strokes { canvas = laid(ink(agent(canvas, held).logits.sigmoid(), brush, surface), on: canvas) }
      return error(canvas, held).mean().item()
    }
  }

  /// Learns for some seconds, which measuring doesn't count.
  ///
  /// - Parameter update: one update; it returns the strokes that it took.
  private func course(
    _ agent: StrokeAgent, seconds: Double, points: Int, _ update: () throws -> Int
  ) throws -> [Point] {
    var (spent, strokes) = (0.0, 0)
    var found = [Point(seconds: 0, strokes: 0, error: try measure(agent))]
    for number in 1...points {
      let goal = seconds * Double(number) / Double(points)
      while spent < goal {
        let start = ContinuousClock.now
        strokes += try update()
        spent += (ContinuousClock.now - start) / .seconds(1)
      }
      found.append(Point(seconds: spent, strokes: strokes, error: try measure(agent)))
    }
    return found
  }

  private func pictures(_ generator: Generator) -> Tensor {
    training.indexSelect(Tensor.randint(0..<training.size(0), [Self.batch], generator: generator))
  }

  /// Follows the gradient of the error through the frozen painter.
  func throughPainter(seconds: Double, points: Int, seed: UInt64) throws -> [Point] {
    let generator = Generator(seed: seed)
    let agent = StrokeAgent(generator: generator)
    agent.requireGradients()
    let optimizer = AdamW(ParameterGroup.standard(for: agent, weightDecay: 0))
    return try course(agent, seconds: seconds, points: points) {
      let picture = pictures(generator)
      var canvas = picture.zerosLike()
      for _ in 0..<Self.strokes { canvas = laid(painter(agent(canvas, picture).logits.sigmoid()), on: canvas) }
      error(canvas, picture).mean().backward()
      optimizer.clipGradients(toNorm: 1)
      optimizer.step(learningRate: 1e-3)
      optimizer.zeroGradients()
      return Self.batch * Self.strokes
    }
  }

  /// PPO with the real brush: the reward of a stroke is by how much the error falls.
  func byReinforcement(seconds: Double, points: Int, seed: UInt64) throws -> [Point] {
    let generator = Generator(seed: seed)
    let agent = StrokeAgent(generator: generator)
    agent.requireGradients()
    let optimizer = AdamW(ParameterGroup.standard(for: agent, weightDecay: 0))
    let (brush, surface) = (try Brush(brush), try BrushSurface(width: DigitShapes.side, height: DigitShapes.side))
    func logProbability(_ logits: Tensor, _ drawn: Tensor) -> Tensor {
      let z = (drawn - logits) / agent.logDeviation.exp()
      return (z.square() * -0.5 - agent.logDeviation - 0.5 * log(2 * .pi)).sum(axis: 1)
    }
    return try course(agent, seconds: seconds, points: points) {
      let picture = pictures(generator)
      var canvases: [Tensor] = [], draws: [Tensor] = [], old: [Tensor] = []
      var (rewards, values) = ([Float](), [Float]())
      withoutGradients {
        var canvas = picture.zerosLike()
        var before = error(canvas, picture)
        for _ in 0..<Self.strokes {
          let (logits, value) = agent(canvas, picture)
          let drawn = logits + Tensor.randn(logits.shape, generator: generator) * agent.logDeviation.exp()
          canvases.append(canvas)
          draws.append(drawn)
          old.append(logProbability(logits, drawn))
          values += value.array(of: Float.self)
          canvas = laid(ink(drawn.sigmoid(), brush, surface), on: canvas)
          let after = error(canvas, picture)
          rewards += (before - after).array(of: Float.self)
          before = after
        }
      }
      let last = (Self.strokes - 1) * Self.batch
      let estimated = Advantages.generalized(
        rewards: rewards, values: values + [Float](repeating: 0, count: Self.batch),
        ends: rewards.indices.map { $0 >= last }, environments: Self.batch, gamma: 1, lambda: 0.95)
      let (seen, goal) = (
        Tensor.concatenated(canvases), Tensor.concatenated([Tensor](repeating: picture, count: Self.strokes))
      )
      let (taken, before) = (Tensor.concatenated(draws), Tensor.concatenated(old))
      let advantages = whitened(Tensor(estimated.advantages)), returns = Tensor(estimated.returns)
      let count = taken.size(0)
      for _ in 0..<4 {
        let order = Tensor.randperm(count, generator: generator)
        for start in stride(from: 0, to: count, by: count / 2) {
          let rows = order.slice(start..<start + count / 2)
          let (logits, value) = agent(seen.indexSelect(rows), goal.indexSelect(rows))
          let policy = ClippedObjective.policy(
            logProbability(logits, taken.indexSelect(rows)), old: before.indexSelect(rows),
            advantages: advantages.indexSelect(rows), clip: 0.2, normaliser: Double(count / 2))
          let fit = (value - returns.indexSelect(rows)).square().mean() * 0.5
          (policy.loss + fit).backward()
          optimizer.clipGradients(toNorm: 0.5)
          optimizer.step(learningRate: 1e-3)
          optimizer.zeroGradients()
        }
      }
      return count
    }
  }
}
