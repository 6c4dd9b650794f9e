/// What the games with a jumping player share.
extension World {
  /// Whether a wall is right below the player.
  final var standsOnWall: Bool {
    let player = agent
    let y = player.y - (player.ry + 0.01)
    let solid = CellTraits.blocksAll.rawValue | CellTraits.blocksPlayer.rawValue
    return
      (traits[Int(tile(at: player.x - (player.rx - 0.01), y))] | traits[Int(tile(at: player.x + (player.rx - 0.01), y))])
      & solid != 0
  }

  /// Turns the player's picture to where it goes.
  final func mirrorAgent() {
    if moveX > 0 { agent.isMirrored = false }
    if moveX < 0 { agent.isMirrored = true }
  }

  /// One of two pictures in turns of five steps.
  final func stride(_ one: UInt8, _ other: UInt8) -> UInt8 { time / 5 % 2 == 0 ? one : other }

  /// Fills a block whose top row is another kind of cell.
  final func fillBlock(x: Int, y: Int, width: Int, height: Int, _ fill: UInt8, top: UInt8) {
    guard height > 0 else { return }
    grid.fill(x: x, y: y, width: width, height: height - 1, fill)
    grid.fill(x: x, y: y + height - 1, width: width, height: 1, top)
  }

  /// Surrounds the world with walls.
  final func fence(_ wall: UInt8, floor: UInt8) {
    let (w, h) = (grid.width, grid.height)
    grid.fill(x: 0, y: 0, width: w, height: 1, floor)
    grid.fill(x: 0, y: 0, width: 1, height: h, wall)
    grid.fill(x: w - 1, y: 0, width: 1, height: h, wall)
    grid.fill(x: 0, y: h - 1, width: w, height: 1, wall)
  }
}
