/// Mazes: a spanning tree over the cells with even coordinates, by Kruskal's method with walls in random order.
struct MazeMaker {
  /// The cells of a maze with doors.
  enum Square: Equatable {
    case wall, space, player, exit
    /// A door and the key that opens it, numbered from 0.
    case door(Int), key(Int)
  }

  let size: Int
  private(set) var squares: [Square]
  /// The places that are free, in the order in which walls fell.
  private(set) var free: [Int] = []

  init(size: Int, _ random: inout LevelRandom) {
    self.size = size
    squares = Array(repeating: .wall, count: size * size)
    carve(&random)
  }

  subscript(_ x: Int, _ y: Int) -> Square { squares[y * size + x] }

  private mutating func carve(_ random: inout LevelRandom) {
    // Walls stand between two rooms: their own places, and how far the rooms are.
    var walls: [(place: Int, step: Int)] = []
    for x in stride(from: 1, to: size - 1, by: 2) {
      for y in stride(from: 0, to: size, by: 2) { walls.append((y * size + x, 1)) }
    }
    for x in stride(from: 0, to: size, by: 2) {
      for y in stride(from: 1, to: size - 1, by: 2) { walls.append((y * size + x, size)) }
    }
    var parents = Array(squares.indices)
    func root(_ place: Int) -> Int {
      var place = place
      while parents[place] != place {
        parents[place] = parents[parents[place]]
        place = parents[place]
      }
      return place
    }
    while !walls.isEmpty {
      walls.swapAt(random.below(walls.count), walls.count - 1)
      let (place, step) = walls.removeLast()
      let (one, other) = (root(place - step), root(place + step))
      guard one != other else { continue }
      parents[one] = other
      for opened in [place - step, place, place + step] where squares[opened] == .wall {
        squares[opened] = .space
        free.append(opened)
      }
    }
  }

  /// The places beside a place, within the maze.
  func neighbors(_ place: Int) -> [Int] {
    let (x, y) = (place % size, place / size)
    var result: [Int] = []
    if x > 0 { result.append(place - 1) }
    if y > 0 { result.append(place - size) }
    if y < size - 1 { result.append(place + size) }
    if x < size - 1 { result.append(place + 1) }
    return result
  }

  private func neighbors(_ place: Int, _ square: Square) -> [Int] {
    neighbors(place).filter { squares[$0] == square }
  }

  /// Opens a wall beside every dead end.
  mutating func openDeadEnds(_ random: inout LevelRandom) {
    for place in squares.indices where squares[place] == .space && neighbors(place, .space).count == 1 {
      let walls = neighbors(place, .wall)
      if !walls.isEmpty { squares[random.pick(walls)] = .space }
    }
  }

  /// Puts doors at forks, the player, a key for each door where it can be reached before it, and the exit behind the last.
  mutating func lock(doors: Int, _ random: inout LevelRandom) {
    let forks = squares.indices.filter { squares[$0] == .space && neighbors($0, .space).count > 2 }
    let chosen = random.distinct(doors, below: forks.count).map { forks[$0] }
    // Numbers are given when a door is reached; until then it is one among others.
    let unnumbered = Square.door(-1)
    for place in chosen { squares[place] = unnumbered }
    // There must be room for a key between the player and the first door.
    let starts = squares.indices.filter { squares[$0] == .space && neighbors($0, unnumbered).isEmpty }
    let start = random.pick(starts.isEmpty ? squares.indices.filter { squares[$0] == .space } : starts)
    squares[start] = .player
    var reached: Set<Int> = [start]
    for number in 0...chosen.count {
      let region = spread(from: reached)
      let door = region.doors.first
      if number < chosen.count, let door { squares[door] = .door(number) }
      let rooms = region.spaces.sorted()
      if !rooms.isEmpty { squares[random.pick(rooms)] = number == chosen.count ? .exit : .key(number) }
      reached.formUnion(region.spaces)
      if let door { reached.insert(door) }
    }
  }

  /// The spaces that can be walked to from some places, nearest first, and the doors beside them.
  private func spread(from start: Set<Int>) -> (spaces: [Int], doors: [Int]) {
    var seen = start
    var frontier = start.sorted()
    var spaces: [Int] = []
    var doors: [Int] = []
    while !frontier.isEmpty {
      var next: [Int] = []
      for place in frontier {
        for beside in neighbors(place) where !seen.contains(beside) {
          switch squares[beside] {
          case .space:
            seen.insert(beside)
            next.append(beside)
            spaces.append(beside)
          case .door(-1) where !doors.contains(beside): doors.append(beside)
          default: break
          }
        }
      }
      frontier = next
    }
    return (spaces, doors)
  }
}
