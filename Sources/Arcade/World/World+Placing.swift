/// Putting bodies into the world.
extension World {
  /// Adds a body and returns its place in the list.
  @discardableResult
  final func add(
    _ kind: UInt8, x: Float, y: Float, vx: Float = 0, vy: Float = 0, rx: Float, ry: Float, picture: UInt8? = nil
  ) -> Int {
    var body = Body()
    body.x = x
    body.y = y
    body.vx = vx
    body.vy = vy
    body.rx = rx
    body.ry = ry
    body.kind = kind
    body.picture = picture ?? kind
    if kind == BodyKind.explosion {
      body.growth = 1.4
      body.lifespan = 4
    } else if kind == BodyKind.trail {
      body.growth = 1.05
      body.fading = 0.8
    }
    return bodies.append(body)
  }

  @discardableResult
  final func add(_ kind: UInt8, x: Float, y: Float, vx: Float = 0, vy: Float = 0, r: Float) -> Int {
    add(kind, x: x, y: y, vx: vx, vy: vy, rx: r, ry: r)
  }

  /// Adds a body in the middle of a cell.
  @discardableResult
  final func add(_ kind: UInt8, inCell place: Int, r: Float) -> Int {
    add(kind, x: Float(place % grid.width) + 0.5, y: Float(place / grid.width) + 0.5, r: r)
  }

  /// Adds an explosion where a body is, half as large.
  final func explode(_ i: Int, vx: Float = 0, vy: Float = 0) {
    let body = bodies.base[i]
    add(BodyKind.explosion, x: body.x, y: body.y, vx: vx, vy: vy, r: 0.5 * body.rx)
  }

  /// A place for something of a radius between two bounds; the middle where it doesn't fit.
  final func place(_ radius: Float, from low: Float, to high: Float) -> Float {
    high - low <= 2 * radius ? (high + low) / 2 : (high - low - 2 * radius) * random.unit() + radius + low
  }

  /// Whether a body overlaps any other in the list.
  final func overlapsAnything(_ body: Body) -> Bool {
    for i in 0..<bodies.count where body.overlaps(bodies.base[i]) { return true }
    return false
  }

  /// Adds a body at a place drawn within a rectangle, away from all others if a hundred draws find one.
  @discardableResult
  final func scatter(
    _ kind: UInt8, rx: Float, ry: Float, x: Float, y: Float, width: Float, height: Float
  ) -> Int {
    var body = Body()
    body.kind = kind
    body.picture = kind
    body.rx = rx
    body.ry = ry
    for _ in 0...100 {
      body.x = place(rx, from: x, to: x + width)
      body.y = place(ry, from: y, to: y + height)
      if !overlapsAnything(body) { break }
    }
    return bodies.append(body)
  }

  /// Moves the player to a place where it overlaps nothing, if a hundred draws find one.
  final func scatterAgent() {
    for _ in 0..<100 {
      agent.x = random.unit() * (Float(grid.width) - 2 * agent.rx) + agent.rx
      agent.y = random.unit() * (Float(grid.height) - 2 * agent.ry) + agent.ry
      let player = agent
      if !(1..<max(1, bodies.count)).contains(where: { bodies.base[$0].overlaps(player) }) { break }
    }
  }

  /// Draws one of the themes of a body's picture.
  final func chooseTheme(_ i: Int) {
    bodies.base[i].theme = UInt8(random.below(art.themeCount(bodies.base[i].picture)))
  }

  /// The width of a body's picture over its height.
  final func aspect(_ i: Int) -> Float {
    let body = bodies.base[i]
    return art.aspect(body.picture, shownTheme(body.picture, body.theme))
  }

  /// Sets the height by the width and the picture's aspect.
  final func matchHeight(_ i: Int) { bodies.base[i].ry = bodies.base[i].rx / aspect(i) }

  /// Makes the body as large as fits into its box with the picture's aspect.
  final func fitAspect(_ i: Int) {
    let ratio = aspect(i)
    if ratio > 1 {
      bodies.base[i].ry = bodies.base[i].rx / ratio
    } else {
      bodies.base[i].rx = bodies.base[i].ry * ratio
    }
  }

  /// The theme that is drawn for a theme.
  final func shownTheme(_ picture: UInt8, _ theme: UInt8) -> UInt8 {
    options.restrictsThemes && !art.keepsThemes(picture) ? 0 : theme
  }

  /// Sets the picture of a kind of cell.
  final func show(_ cell: UInt8, as picture: UInt8, theme: UInt8 = 0) {
    cellPictures[Int(cell)] = Int16(ArtSet.slot(picture, shownTheme(picture, theme)))
  }
}
