/// The cells of a world, row by row from the bottom.
final class Grid {
  static let most = 64
  private(set) var width = 0
  private(set) var height = 0
  let cells = UnsafeMutablePointer<UInt8>.allocate(capacity: most * most)

  init() { cells.initialize(repeating: Cell.space, count: Self.most * Self.most) }

  deinit { cells.deallocate() }

  var count: Int { width * height }

  /// Makes an empty grid of a size.
  func resize(width: Int, height: Int) {
    precondition(width <= Self.most && height <= Self.most, "worlds have up to 64 × 64 cells")
    self.width = width
    self.height = height
    fill(Cell.space)
  }

  func fill(_ cell: UInt8) {
    for i in 0..<count { cells[i] = cell }
  }

  @inline(__always)
  func contains(_ x: Int, _ y: Int) -> Bool {
    UInt(bitPattern: x) < UInt(bitPattern: width) && UInt(bitPattern: y) < UInt(bitPattern: height)
  }

  /// Sets the cells of a rectangle; what lies outside of the grid is left out.
  func fill(x: Int, y: Int, width: Int, height: Int, _ cell: UInt8) {
    for row in max(0, y)..<max(max(0, y), min(self.height, y + height)) {
      for column in max(0, x)..<max(max(0, x), min(self.width, x + width)) {
        cells[row * self.width + column] = cell
      }
    }
  }

  /// The places of the cells of a kind, in order.
  func places(of cell: UInt8) -> [Int] { (0..<count).filter { cells[$0] == cell } }

  func archive(_ archive: inout StateArchive) throws(ArcadeError) {
    var (columns, rows) = (width, height)
    try archive.code(&columns, in: 1...Self.most)
    try archive.code(&rows, in: 1...Self.most)
    if archive.isReading { resize(width: columns, height: rows) }
    try archive.code(UnsafeMutableBufferPointer(start: cells, count: count))
  }
}

/// The kinds of cells that every game has; games number theirs from 10 on.
enum Cell {
  static let space: UInt8 = 0
  /// Stops everything solid.
  static let wall: UInt8 = 1
  /// What the outside of the world is made of where a game says nothing else; nothing is drawn there.
  static let outside: UInt8 = 255
}

/// What a kind of cell does to bodies.
struct CellTraits: OptionSet {
  let rawValue: UInt8
  static let blocksAll = CellTraits(rawValue: 1)
  static let blocksPlayer = CellTraits(rawValue: 2)
  static let bouncesEnemies = CellTraits(rawValue: 4)
  static let blocksOthers = CellTraits(rawValue: 8)
}

extension [CellTraits] {
  /// All of these traits.
  var bits: UInt8 { reduce(0) { $0 | $1.rawValue } }
}
