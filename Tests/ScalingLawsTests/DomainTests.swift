import Alignment
import Documents
import Foundation
import LanguageModels
import ScalingLaws
import Statistics
import TestSupport
import Testing
import Training

@Suite("Domains")
struct DomainTests {
  @Test("every domain's sequences are whole, in its vocabulary, and the same for the same numbers")
  func sequences() throws {
    for name in ScalingDomains.names where name != "code" || (try? ScalingDomains.named("code")) != nil {
      let domain = try ScalingDomains.named(name)
      #expect(domain.name == name)
      for part in [DomainPart.training, .heldOut] + domain.furtherParts {
        let made = domain.sequences(part, count: 3)
        #expect(made == domain.sequences(part, count: 3) && made[0] != made[1], "\(name)")
        for sequence in made {
          #expect(sequence.tokens.count == domain.context && sequence.targets.count == domain.context, "\(name)")
          let isKnown = sequence.tokens.allSatisfy { (0..<domain.vocabularySize).contains($0) }
          #expect(isKnown && sequence.tokens[0] == 0, "\(name)")
          // A target is the token that follows it, or isn't learnt.
          let follows = zip(sequence.targets, sequence.tokens.dropFirst()).allSatisfy { $0 == $1 || $0 == -100 }
          #expect(follows, "\(name)")
          #expect(sequence.targets.contains { $0 >= 0 }, "\(name)")
        }
      }
      #expect(domain.sequences(.training, count: 1) != domain.sequences(.heldOut, count: 1), "\(name)")
      if let published = domain.published { #expect(PublishedLaw.named(published) != nil, "\(name)") }
    }
    let error = #expect(throws: ScalingError.self) { try ScalingDomains.named("image-9") }
    #expect(error?.description.contains("Did you mean 'image-8'?") == true)
  }

  @Test("the grammar's loss on long documents is its entropy a word")
  func grammar() throws {
    let domain = GrammarDomain(seed: 3)
    let sequences = domain.sequences(.heldOut, count: 1_000)
    let loss = try sequences.reduce(0.0) { $0 - (try #require(domain.logProbability(of: $1))) } / Double(1_000 * 64)
    // Sequences begin with a document and break off, which long ones do to little: near the entropy of an endless text.
    let expected = domain.source.entropy / domain.source.meanWords
    #expect(abs(loss / expected - 1) < 0.1, "\(loss), \(expected)")
    #expect(try #require(domain.sourceLoss()) > 0.5 * expected)
    var other = sequences[0]
    other.targets[5] = other.targets[5] == 1 ? 2 : 1
    other.targets[6] = other.targets[5]
    let changed = domain.logProbability(of: other)
    #expect(changed == nil || changed != domain.logProbability(of: sequences[0]))
  }

  @Test("the probabilities of all images of a tiny source add up to 1, and frequencies follow them")
  func images() throws {
    // One pixel of two colours: 2 · 2³ images.
    let source = ImageSource(side: 1, colours: 2, textures: 3, seed: 5)
    var random = SeededGenerator(seed: 1)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<20_000 { counts[source.image(&random).bytes, default: 0] += 1 }
    #expect(counts.count == 16)
    let sum = try counts.keys.reduce(0.0) { $0 + exp(try #require(source.logProbability(of: $1))) }
    #expect(abs(sum - 1) < 1e-12)
    for (bytes, count) in counts {
      let p = exp(try #require(source.logProbability(of: bytes)))
      #expect(abs(Double(count) / 20_000 - p) < 5 * (p * (1 - p) / 20_000).squareRoot(), "\(bytes)")
    }
    // By hand: −Σ p ln p over the 16.
    let exact = try counts.keys.reduce(0.0) {
      let logarithm = try #require(source.logProbability(of: $1))
      return $0 - exp(logarithm) * logarithm
    }
    let drawn = source.entropy(images: 4_000)
    #expect(abs(drawn.value - exact) < 5 * drawn.standardError)
    #expect(source.logProbability(of: [1, 2]) == nil && source.logProbability(of: [300, 1, 1]) == nil)
  }

  @Test("neighbours tell of a pixel: an image is likelier than its pixels in another order, and its texture is found")
  func textures() throws {
    let source = ImageSource(side: 8, seed: 1)
    var random = SeededGenerator(seed: 4)
    var (found, wins) = (0, 0)
    for _ in 0..<200 {
      let image = source.image(&random)
      let parts = try #require(source.textureLogProbabilities(of: image.bytes))
      if parts.indices.max(by: { parts[$0] < parts[$1] }) == image.texture { found += 1 }
      // The same pixels from the last to the first.
      let turned = (0..<64).reversed().flatMap { image.bytes[3 * $0..<3 * $0 + 3] }
      let own = try #require(source.logProbability(of: image.bytes)),
        other = try #require(source.logProbability(of: turned))
      if own > other { wins += 1 }
    }
    #expect(found > 150 && wins > 180, "\(found) \(wins)")
  }

  @Test("problems of mathematics have their answers, and harder ones longer numbers")
  func mathematics() throws {
    var random = SeededGenerator(seed: 2)
    var lengths: [Double: Int] = [:]
    for entropy in [4.0, 8, 12] {
      for kind in MathematicsProblem.Kind.allCases {
        for _ in 0..<30 {
          let problem = MathematicsProblem(kind, entropy: entropy, &random)
          lengths[entropy, default: 0] += problem.question.count
          try check(problem)
        }
      }
    }
    #expect(lengths[4.0, default: 0] < lengths[8.0, default: 0])
    #expect(lengths[8.0, default: 0] < lengths[12.0, default: 0])
    let (tokens, targets) = MathematicsDomain.encoded(MathematicsProblem(.gcd, entropy: 5, &random))
    #expect(tokens.count == targets.count && targets.last == 0 && targets.first == -100)
  }

  /// Answers by reading the question anew.
  private func check(_ problem: MathematicsProblem) throws {
    let numbers = problem.question.replacing(/[a-zA-Z?:,*=()]/, with: " ").replacing(" - ", with: " # ")
      .split(separator: " ").compactMap { Int($0) }
    let answer = problem.answer
    switch problem.kind {
    case .addOrSubtract:
      let sum = problem.question.contains(" + ") ? numbers[0] + numbers[1] : numbers[0] - numbers[1]
      #expect(answer == "\(sum)", "\(problem)")
    case .addSubtractMultiple:
      #expect(answer == "\(numbers[0] - numbers[1] - numbers[2] + numbers[3])", "\(problem)")
    case .multiply: #expect(answer == "\(numbers[0] * numbers[1])", "\(problem)")
    case .linear:
      let x = try #require(Int(answer))
      let offset = problem.question.contains(" - ") ? -numbers[1] : numbers[1]
      #expect(numbers[0] * x + offset == numbers[2], "\(problem)")
    case .pair:
      let wanted = problem.question.contains("bigger") ? numbers.max() : numbers.min()
      #expect(answer == wanted.map(String.init), "\(problem)")
    case .sort:
      let sorted = problem.question.contains("ascending") ? numbers.sorted() : numbers.sorted(by: >)
      #expect(answer == sorted.map(String.init).joined(separator: ", "), "\(problem)")
    case .placeValue:
      let names = ["units", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands"]
      let place = try #require(names.lastIndex { problem.question.contains("the \($0) digit") })
      let power = (0..<place).reduce(1) { product, _ in product * 10 }
      #expect(answer == "\(numbers[0] / power % 10)", "\(problem)")
    case .remainder: #expect(answer == "\(numbers[0] % numbers[1])", "\(problem)")
    case .gcd:
      let divisor = try #require(Int(answer))
      let (a, b) = (numbers[0] / divisor, numbers[1] / divisor)
      #expect(a * divisor == numbers[0] && b * divisor == numbers[1], "\(problem)")
      let isCommon = (2...50).contains { a.isMultiple(of: $0) && b.isMultiple(of: $0) }
      #expect(!isCommon, "\(problem)")
    }
  }

  @Test("what a caption tells is in the picture, so that their information is what is told")
  func captions() throws {
    // By counting: I = H(caption) + H(what it tells is known from the picture) …, here as the drop of a caption's surprise when the
    // picture's own values are known. Every word that is there must follow from the picture: two pictures with other words differ.
    var random = SeededGenerator(seed: 8)
    let scenes = (0..<4_000).map { _ in CaptionedScene(&random) }
    // The same picture but for its shades always has the same words where it has some.
    var words: [[Int]: [Set<Int>]] = [:]
    for scene in scenes {
      let picture = scene.pixels.map { $0 / 2 }
      var known = words[picture] ?? Array(repeating: [], count: 4)
      for (place, word) in scene.caption.enumerated() where word > 0 { known[place].insert((word - 1) / 2) }
      words[picture] = known
    }
    #expect(words.values.allSatisfy { $0.allSatisfy { $0.count < 2 } })
    let told = scenes.flatMap(\.caption).count { $0 > 0 }
    #expect(abs(Double(told) / 16_000 - 0.75) < 0.02)
    // By the counts of words: the entropy of a caption, less that of coins and of the choice between two words.
    var entropy = 0.0
    for place in 0..<4 {
      let counts = Dictionary(grouping: scenes.map { $0.caption[place] }, by: { $0 }).values.map {
        Double($0.count) / 4_000
      }
      entropy -= counts.reduce(0) { $0 + $1 * log($1) }
    }
    #expect(abs(entropy / CaptionedScene.captionEntropy - 1) < 0.02)
    let coins = 4 * (-0.75 * log(0.75) - 0.25 * log(0.25))
    let expected = CaptionedScene.captionEntropy - coins - 3 * log(2.0)
    #expect(abs(CaptionedScene.mutualInformation - expected) < 1e-12)
    // Blanks are what their names say.
    let domain = CaptionedImageDomain(.textToImage)
    let blank = domain.sequences(.blank, count: 1)[0]
    #expect(blank.tokens[1...4].allSatisfy { $0 == 1 } && blank.targets.prefix(4).allSatisfy { $0 == -100 })
    let half = domain.sequences(.tuning, count: 200).count { $0.tokens[1...4].allSatisfy { $0 == 1 } }
    #expect((60...140).contains(half))
  }
}

@Suite("Runs on a domain")
struct DomainRunTests {
  private func run(_ domain: String, steps: Int) -> DomainRun {
    var run = DomainRun(domain: domain, layers: 2, width: 16)
    (run.steps, run.rows, run.evaluations) = (steps, 4, 2)
    return run
  }

  @Test("a run learns, goes on with the same command, and is read back with its weights")
  func trains() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("run")
    let run = run("grammar", steps: 40)
    #expect(try run.train(into: path) == .finished)
    let lines = MetricsFile(ofRun: path).lines
    #expect(lines.map(\.step) == Array(1...40))
    let losses = lines.compactMap { $0["eval_loss"] }
    try #require(losses.count == 2)
    #expect(losses[1] < losses[0] && losses[0] < log(129.0))
    let (read, domain, model) = try DomainRun.trained(path)
    #expect(read == run && domain.name == "grammar" && model.configuration.width == 16)
    #expect(model.configuration.feedForwardWidth == 64)
    // Another setting isn't the same run.
    var other = run
    other.rows = 5
    #expect(throws: RunFolderError.self) { try other.train(into: path) }
  }

  @Test(
    "a run on pictures with captions measures both losses; one begins with another's weights; few tokens are read again"
  )
  func parts() throws {
    let folder = try TemporaryFolder()
    var run = run("text-to-image", steps: 4)
    run.uniqueSequences = 8
    try run.train(into: folder.path("first"))
    let last = try #require(MetricsFile(ofRun: folder.path("first")).lines.last)
    let (conditional, blank) = (try #require(last["conditional_loss"]), try #require(last["blank_loss"]))
    #expect(conditional > 0 && blank > 0 && conditional != blank)
    var tuned = run
    (tuned.start, tuned.part, tuned.steps, tuned.uniqueSequences) = (folder.path("first"), .tuning, 2, nil)
    try tuned.train(into: folder.path("tuned"))
    let manifest = try #require(try RunFolder.manifest(of: folder.path("tuned")))
    #expect(manifest.inputs?["start"] != nil)
    let begun = try #require(MetricsFile(ofRun: folder.path("tuned")).lines.first?["eval_loss"])
    #expect(begun < (MetricsFile(ofRun: folder.path("first")).lines.compactMap { $0["eval_loss"] }.first ?? 0))
  }
}
