/// Ways to read whole stories with something that summarises nodes; many stories go side by side, so that a model has much to do at once.
public enum StoryReading {
  /// Summaries of nodes, in their order.
  public typealias Writer = ([StoryNode]) throws -> [String]

  /// A story that was read by recursion: its nodes and their summaries by height.
  public struct Tree {
    /// The nodes, as they were judged.
    public var nodes: [[StoryNode]]
    /// Their summaries.
    public var texts: [[String]]
    /// The whole story's summary.
    public var summary: String { texts.last?.first ?? "" }
  }

  /// The fixed decomposition of a story.
  public static func shape(of story: Story) -> TreeShape {
    TreeShape(chapters: story.passages.map(\.chapter), fanIn: StoryNode.fanIn)
  }

  /// Reads stories by recursion, all nodes of a height together.
  ///
  /// - Parameter heights: the most heights that are read; a curriculum begins with few.
  public static func recursion(_ stories: [Story], heights: Int = .max, _ write: Writer) throws -> [Tree] {
    let shapes = stories.map { shape(of: $0) }
    var trees = stories.map { _ in Tree(nodes: [], texts: []) }
    for height in 0..<min(heights, (shapes.map(\.height).max() ?? 0) + 1) {
      let open = stories.indices.filter { shapes[$0].height >= height }
      let nodes = open.map { place in
        let shape = shapes[place]
        let capacity = StoryNode.capacity(height: height, isRoot: height == shape.height)
        return shape.leaves[height].indices.map { index in
          height == 0
            ? StoryNode([stories[place].passages[index]], capacity: capacity)
            : StoryNode(
              summaries: shape.children[height][index].map { trees[place].texts[height - 1][$0] }, capacity: capacity)
        }
      }
      var texts = try write(nodes.flatMap { $0 })[...]
      for (place, nodes) in zip(open, nodes) {
        trees[place].nodes.append(nodes)
        trees[place].texts.append(Array(texts.prefix(nodes.count)))
        texts = texts.dropFirst(nodes.count)
      }
    }
    return trees
  }

  /// Reads stories passage by passage with one summary that is brought up to date (incremental updating, Chang 2024).
  public static func updating(_ stories: [Story], _ write: Writer) throws -> [(summary: String, nodes: [StoryNode])] {
    var made = stories.map { _ in (summary: "", nodes: [StoryNode]()) }
    for passage in 0..<(stories.map(\.passages.count).max() ?? 0) {
      let open = stories.indices.filter { stories[$0].passages.count > passage }
      let nodes = open.map { place in
        passage == 0
          ? StoryNode([stories[place].passages[0]], capacity: StoryNode.storyCapacity)
          : StoryNode(summary: made[place].summary, passage: stories[place].passages[passage])
      }
      for ((place, node), text) in zip(zip(open, nodes), try write(nodes)) {
        made[place].summary = text
        made[place].nodes.append(node)
      }
    }
    return made
  }

  /// The passages of a story's beginning that are read at once.
  public static let beginning = 2

  /// Reads only the beginning of stories, as much as is read at once.
  public static func truncation(_ stories: [Story], _ write: Writer) throws -> [String] {
    try write(stories.map { StoryNode(Array($0.passages.prefix(beginning)), capacity: StoryNode.storyCapacity) })
  }

  /// The first sentences of evenly spread passages, as many as a summary has room for.
  public static func firstSentences(_ story: Story) -> [Story.Sentence] {
    let count = min(StoryNode.storyCapacity, story.passages.count)
    return (0..<count).compactMap { story.passages[$0 * story.passages.count / count].sentences.first }
  }

  /// A node to learn from, of a training story: passages most, then summaries of heights, updates and beginnings.
  ///
  /// What lies below it is the reference writer's.
  public static func example(_ index: Int, of world: StoryWorld) -> StoryNode {
    var random = StableGenerator(path: [world.seed, 14, UInt64(bitPattern: Int64(index))])
    let story = world.story(index / 4, in: .training, passages: 12 + random.below(20))
    let (draw, place) = (random.below(100), random.below(story.passages.count))
    if draw < 42 { return StoryNode([story.passages[place]], capacity: StoryNode.capacity(height: 0, isRoot: false)) }
    if draw < 70 {
      let shape = shape(of: story)
      let trees = (try? recursion([story]) { $0.map(StoryWriter.best) }) ?? []
      let height = 1 + random.below(shape.height)
      return trees[0].nodes[height][random.below(trees[0].nodes[height].count)]
    }
    if draw < 94 {
      if place == 0 { return StoryNode([story.passages[0]], capacity: StoryNode.storyCapacity) }
      let before = StoryNode(Array(story.passages.prefix(place)), capacity: StoryNode.storyCapacity)
      return StoryNode(summary: StoryWriter.best(before), passage: story.passages[place])
    }
    return StoryNode(Array(story.passages.prefix(beginning)), capacity: StoryNode.storyCapacity)
  }

  /// The `index`-th passage of training stories, with room for everything that happens in it.
  public static func retold(_ index: Int, of world: StoryWorld) -> StoryNode {
    var random = StableGenerator(path: [world.seed, 15, UInt64(bitPattern: Int64(index))])
    let story = world.story(index / 8, in: .training, passages: 12 + random.below(20))
    let passage = [story.passages[random.below(story.passages.count)]]
    return StoryNode(passage, capacity: StoryNode(passage, capacity: 1).inOrder.count)
  }
}
