/// How bodies move: in small steps, one axis after the other, stopped by walls and thrown back by them.
extension World {
  /// The kind of cell at a place; outside of the grid it is `outside`.
  @inline(__always)
  final func tile(_ x: Int, _ y: Int) -> UInt8 {
    grid.contains(x, y) ? grid.cells[y * grid.width + x] : outside
  }

  /// The kind of cell at a point.
  @inline(__always)
  final func tile(at x: Float, _ y: Float) -> UInt8 {
    x < 0 || y < 0 ? outside : tile(Int(x), Int(y))
  }

  /// Sets a cell that is inside of the grid.
  final func setTile(_ x: Int, _ y: Int, _ cell: UInt8) {
    if grid.contains(x, y) { grid.cells[y * grid.width + x] = cell }
  }

  /// The place of the player's cell in the grid.
  final var agentPlace: Int { Int(agent.y) * grid.width + Int(agent.x) }

  /// Moves every body by its velocity and lets it age.
  final func moveBodies() {
    var i = bodies.count - 1
    while i >= 0 {
      if bodies.base[i].isSolid { advance(i) }
      let body = bodies.base + i
      if !body.pointee.isSolid {
        body.pointee.x += body.pointee.vx
        body.pointee.y += body.pointee.vy
      }
      body.pointee.rotation += body.pointee.spin
      body.pointee.age &+= 1
      if body.pointee.lifespan > 0, body.pointee.age > body.pointee.lifespan { body.pointee.isGone = true }
      if body.pointee.kind == BodyKind.explosion, body.pointee.picture < BodyKind.lastExplosion {
        body.pointee.picture += 1
      }
      if body.pointee.growth != 1 {
        body.pointee.rx = min(Body.most, body.pointee.rx * body.pointee.growth)
        body.pointee.ry = min(Body.most, body.pointee.ry * body.pointee.growth)
      }
      body.pointee.alpha *= body.pointee.fading
      i -= 1
    }
  }

  /// Moves a solid body: at least four small steps, more when it is fast; the axis of the larger speed first.
  private func advance(_ i: Int) {
    let body = bodies.base + i
    if body.pointee.isGone { return }
    let (vx, vy) = (body.pointee.vx, body.pointee.vy)
    let count = movesByCells ? 1 : max(4, Int(4 * (vx * vx + vy * vy).squareRoot()))
    let share = 1 / Float(count)
    let difference = abs(vx) - abs(vy)
    // Ties are broken by chance: no direction is preferred at a fork.
    var horizontalFirst = difference == 0 ? stepDraw % 2 == 0 : difference > 0
    if i == 0 {
      // The player turns into narrow passages where asked to.
      if moveX != 0 { horizontalFirst = true }
      if moveY != 0 { horizontalFirst = false }
    }
    var freeX = 0
    var freeY = 0
    for _ in 0..<count {
      var blockedX = false
      var blockedY = false
      if horizontalFirst {
        blockedX = shift(i, body.pointee.vx * share, 0, depth: 0)
        blockedY = shift(i, 0, body.pointee.vy * share, depth: 0)
      } else {
        blockedY = shift(i, 0, body.pointee.vy * share, depth: 0)
        blockedX = shift(i, body.pointee.vx * share, 0, depth: 0)
      }
      if !blockedX { freeX += 1 }
      if !blockedY { freeY += 1 }
      if blockedX, blockedY { break }
    }
    body.pointee.vx *= Float(freeX) * share
    body.pointee.vy *= Float(freeY) * share
  }

  /// Moves a body along one axis up to what is in its way; true when something was.
  private func shift(_ i: Int, _ dx: Float, _ dy: Float, depth: Int) -> Bool {
    if dx == 0, dy == 0 { return false }
    let body = bodies.base + i
    if body.pointee.isGone { return false }
    var x = body.pointee.x + dx
    var y = body.pointee.y + dy
    let horizontal = dx != 0
    let (rx, ry) = (body.pointee.rx, body.pointee.ry)
    // Corners a little inside, so that what only touches isn't in the way.
    let (cx, cy) = (rx * 0.98, ry * 0.98)
    let met =
      traits[Int(tile(at: x - cx, y - cy))] | traits[Int(tile(at: x - cx, y + cy))]
      | traits[Int(tile(at: x + cx, y - cy))] | traits[Int(tile(at: x + cx, y + cy))]
    var blocked = false
    if met != 0 {
      if body.pointee.bounces, met & CellTraits.bouncesEnemies.rawValue != 0 {
        if horizontal {
          let edge = dx < 0 ? (x - rx).rounded(.up) - (x - rx) : (x + rx).rounded(.down) - (x + rx)
          body.pointee.vx = -body.pointee.vx
          x += 2 * edge
        } else {
          let edge = dy < 0 ? (y - ry).rounded(.up) - (y - ry) : (y + ry).rounded(.down) - (y + ry)
          body.pointee.vy = -body.pointee.vy
          y += 2 * edge
        }
        blocked = met & CellTraits.blocksAll.rawValue != 0
      } else {
        let mask: CellTraits = i == 0 ? [.blocksAll, .blocksPlayer] : .blocksAll
        blocked = met & mask.rawValue != 0
        if !blocked, met & CellTraits.blocksOthers.rawValue != 0 { blocked = isHeld(i) }
        if blocked, movesByCells {
          x = body.pointee.x
          y = body.pointee.y
        } else if blocked, horizontal {
          x = dx > 0 ? (x + rx).rounded(.down) - rx : (x - rx).rounded(.up) + rx
        } else if blocked {
          y = dy > 0 ? (y + ry).rounded(.down) - ry : (y - ry).rounded(.up) + ry
        }
      }
    }
    body.pointee.x = x
    body.pointee.y = y
    return bodiesCollide ? heedBodies(i, dx, dy, depth: depth) || blocked : blocked
  }

  /// Pushes a body that has moved out of others that stop it, or throws it back; true when one stopped it.
  private func heedBodies(_ i: Int, _ dx: Float, _ dy: Float, depth: Int) -> Bool {
    let body = bodies.base + i
    let horizontal = dx != 0
    var blocked = false
    var j = bodies.count - 1
    while j >= 0 {
      let other = bodies.base + j
      if j != i, !other.pointee.isGone, body.pointee.overlaps(other.pointee, slack: 0.001) {
        if stops(i, j, horizontally: horizontal) {
          blocked = true
          let side = horizontal ? body.pointee.x - other.pointee.x : body.pointee.y - other.pointee.y
          let way: Float = side > 0 ? 1 : side < 0 ? -1 : 0
          // Pushing into a wall could go back and forth for ever.
          if horizontal {
            let target = other.pointee.x + way * (other.pointee.rx + body.pointee.rx)
            if depth < 5 { _ = shift(i, target - body.pointee.x, 0, depth: depth + 1) }
            body.pointee.vx = 0
          } else {
            let target = other.pointee.y + way * (other.pointee.ry + body.pointee.ry)
            if depth < 5 { _ = shift(i, 0, target - body.pointee.y, depth: depth + 1) }
            body.pointee.vy = 0
          }
        } else if body.pointee.bounces, rebounds(i, j) {
          if horizontal {
            let (distance, reach) = (other.pointee.x - body.pointee.x, other.pointee.rx + body.pointee.rx)
            body.pointee.x += dx > 0 ? -2 * (reach - distance) : 2 * (reach + distance)
            body.pointee.vx = -body.pointee.vx
          } else {
            let (distance, reach) = (other.pointee.y - body.pointee.y, other.pointee.ry + body.pointee.ry)
            body.pointee.y += dy > 0 ? -2 * (reach - distance) : 2 * (reach + distance)
            body.pointee.vy = -body.pointee.vy
          }
        }
      }
      j -= 1
    }
    return blocked
  }

  /// Tells the game which cells a solid body overlaps.
  final func enterCells(_ i: Int) {
    let body = bodies.base[i]
    let (rx, ry) = (body.rx - 0.001, body.ry - 0.001)
    let (left, right) = (Int(body.x - rx), Int(body.x + rx))
    let (bottom, top) = (Int(body.y - ry), Int(body.y + ry))
    guard left <= right, bottom <= top else { return }
    for x in left...right {
      for y in bottom...top {
        let cell = x < 0 || y < 0 ? outside : tile(x, y)
        if cell != Cell.space { entered(i, cell, x: x, y: y) }
      }
    }
  }
}
