/// Caves: random cells smoothed by a cellular automaton, and the rooms and ways in them.
struct CaveMaker {
  let width: Int
  let height: Int
  /// Whether each cell is rock.
  var rock: [Bool]

  init(width: Int, height: Int, rock: [Bool]) {
    self.width = width
    self.height = height
    self.rock = rock
  }

  private func isRock(_ x: Int, _ y: Int) -> Bool {
    x < 0 || y < 0 || x >= width || y >= height || rock[y * width + x]
  }

  /// A cell becomes rock where at least five of the nine around and in it are; the outside is.
  mutating func smooth() {
    // Sums of three along rows, then of three rows: each cell is looked at twice and not nine times.
    var sums = [Int8](repeating: 3, count: width * (height + 2))
    for y in 0..<height {
      for x in 0..<width {
        var sum: Int8 = isRock(x - 1, y) ? 1 : 0
        if isRock(x, y) { sum += 1 }
        if isRock(x + 1, y) { sum += 1 }
        sums[(y + 1) * width + x] = sum
      }
    }
    for i in rock.indices { rock[i] = sums[i] + sums[i + width] + sums[i + 2 * width] >= 5 }
  }

  /// The four places beside one, −1 where there is none.
  private func beside(_ place: Int) -> (Int, Int, Int, Int) {
    let x = place % width
    return (
      x > 0 ? place - 1 : -1, place >= width ? place - width : -1,
      place + width < rock.count ? place + width : -1, x < width - 1 ? place + 1 : -1
    )
  }

  /// The largest connected free space, in order of place.
  func largestRoom() -> [Int] {
    var seen = rock
    var best: [Int] = []
    for start in rock.indices where !seen[start] {
      var room = [start]
      seen[start] = true
      var next = 0
      while next < room.count {
        let (a, b, c, d) = beside(room[next])
        next += 1
        for place in [a, b, c, d] where place >= 0 && !seen[place] {
          seen[place] = true
          room.append(place)
        }
      }
      if room.count > best.count { best = room }
    }
    return best.sorted()
  }

  /// A shortest way between two free places, both included; empty where there is none.
  func path(from start: Int, to goal: Int) -> [Int] {
    var parents = [Int](repeating: -1, count: rock.count)
    parents[start] = start
    var queue = [start]
    var next = 0
    while next < queue.count, parents[goal] < 0 {
      let place = queue[next]
      next += 1
      let (a, b, c, d) = beside(place)
      for other in [a, b, c, d] where other >= 0 && !rock[other] && parents[other] < 0 {
        parents[other] = place
        queue.append(other)
      }
    }
    guard parents[goal] >= 0 else { return [] }
    var path = [goal]
    while let last = path.last, last != start { path.append(parents[last]) }
    return path.reversed()
  }

  /// Makes everything rock that is more than some steps, diagonal ones too, from a way through free cells.
  mutating func keep(around path: [Int], steps: Int) {
    var kept = Set(path)
    var edge = path
    for _ in 0..<steps {
      var next: [Int] = []
      for place in edge {
        let (x, y) = (place % width, place / width)
        for dy in -1...1 {
          for dx in -1...1 where !isRock(x + dx, y + dy) {
            let other = (y + dy) * width + x + dx
            if kept.insert(other).inserted { next.append(other) }
          }
        }
      }
      edge = next
    }
    for i in rock.indices { rock[i] = !kept.contains(i) }
  }
}
