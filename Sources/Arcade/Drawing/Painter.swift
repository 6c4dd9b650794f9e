/// Draws worlds of one game at one size; it keeps what it has drawn once, and belongs to one thread at a time.
final class Painter {
  let canvas: Canvas
  /// The view of the scene that is being drawn.
  private(set) var view = View(x: 0, y: 0, visibility: 1)
  /// Pixels a cell, and the world's place of the left top corner.
  private(set) var unit: Float = 1
  private var left: Float = 0
  private var top: Float = 0

  private let art: ArtSet
  private let usesBackgrounds: Bool
  private let stamps = StampTable()
  /// The stamps of cells: four for each picture, as cells are of two widths and heights in pixels.
  private var cellStamps = [Stamp?](repeating: nil, count: ArtSet.mostPictures * ArtSet.mostThemes * 4)
  private var cellSize = 0
  /// Where the columns of cells begin, in pixels.
  private var edges = [Int](repeating: 0, count: 2 * Grid.most)
  private var backdropImages: [Int: BackdropImage] = [:]
  private var lastBackdrop: (key: Int, image: BackdropImage)?

  /// A painter of pictures of `size` by `size` pixels.
  init(_ game: Game, _ options: GameOptions, size: Int) {
    let art = ArtSet.of(game)
    self.art = options.usesMonochromeAssets ? art.monochrome() : art
    usesBackgrounds = options.usesBackgrounds
    canvas = Canvas(size: size)
  }

  deinit { for stamp in cellStamps { stamp?.deallocate() } }

  /// Draws a world, `size * size * 3` bytes.
  func draw(_ world: World, to output: UnsafeMutablePointer<UInt8>) {
    view = world.view()
    unit = Float(canvas.size) / view.visibility
    left = view.x - view.visibility / 2
    top = view.y + view.visibility / 2
    drawBackdrop(world)
    drawBodies(world, layer: -1)
    drawCells(world)
    drawBodies(world, layer: 0)
    drawBodies(world, layer: 1)
    world.paintOverlay(self)
    if world.options.paintsVelocity, world.hasVelocityPicture { drawVelocity(world) }
    canvas.copy(to: output)
  }

  // MARK: The scene

  /// The nearest whole number of something not far below zero; `rounded` would be a call of the C library.
  @inline(__always)
  private static func nearest(_ value: Float) -> Int { Int(max(-16_384, min(16_384, value)) + 16_384.5) - 16_384 }

  @inline(__always)
  private func column(_ x: Float) -> Int { Self.nearest((x - left) * unit) }

  @inline(__always)
  private func row(_ y: Float) -> Int { Self.nearest((top - y) * unit) }

  private func drawCells(_ world: World) {
    let base = max(1, Int(unit))
    if base != cellSize {
      cellSize = base
      for i in cellStamps.indices {
        cellStamps[i]?.deallocate()
        cellStamps[i] = nil
      }
    }
    let outsideSlot = Int(world.cellPictures[Int(world.outside)])
    // Nothing of the outside is drawn where it has no picture.
    let (lowX, highX) = (Int(left.rounded(.down)), Int((left + view.visibility).rounded(.up)))
    let (lowY, highY) = (Int((top - view.visibility).rounded(.down)), Int(top.rounded(.up)))
    for x in lowX...highX { edges[x - lowX] = column(Float(x)) }
    cellStamps.withUnsafeMutableBufferPointer { stamps in
      for y in lowY..<highY {
        let (top, bottom) = (row(Float(y + 1)), row(Float(y)))
        if top >= canvas.size || bottom <= 0 { continue }
        let isInside = y >= 0 && y < world.grid.height
        if !isInside, outsideSlot < 0 { continue }
        let cells = world.grid.cells + (isInside ? y * world.grid.width : 0)
        for x in lowX..<highX {
          let slot: Int
          if isInside, x >= 0, x < world.grid.width {
            let cell = cells[x]
            if cell == Cell.space { continue }
            slot = Int(world.cellPictures[Int(cell)])
          } else {
            slot = outsideSlot
          }
          if slot < 0 { continue }
          let (start, end) = (edges[x - lowX], edges[x - lowX + 1])
          let (width, height) = (end - start, bottom - top)
          let variant = slot * 4 + (width > base ? 2 : 0) + (height > base ? 1 : 0)
          if let stamp = stamps[variant] {
            canvas.draw(stamp, start + stamp.offsetX, top + stamp.offsetY)
          } else if let artwork = art.pictures[slot] {
            let stamp = Stamp(artwork, width: width, height: height)
            stamps[variant] = stamp
            canvas.draw(stamp, start + stamp.offsetX, top + stamp.offsetY)
          }
        }
      }
    }
  }

  private func drawBodies(_ world: World, layer: Int8) {
    for i in 0..<world.bodies.count where world.bodies.base[i].layer == layer {
      let body = world.bodies.base[i]
      guard let picture = world.picture(of: body) else { continue }
      let slot = ArtSet.slot(picture, world.shownTheme(picture, body.theme))
      if body.isOnScreen {
        // Shares of the view, from the left and the top.
        let span = Float(canvas.size)
        drawBox(
          slot, body, x0: Int((body.x - body.rx) * span), y0: Int((body.y - body.ry) * span),
          x1: Int((body.x + body.rx) * span + 0.99), y1: Int((body.y + body.ry) * span + 0.99))
      } else {
        drawBox(
          slot, body, x0: column(body.x - body.rx), y0: row(body.y + body.ry), x1: column(body.x + body.rx),
          y1: row(body.y - body.ry))
      }
    }
  }

  private func drawBox(_ slot: Int, _ body: Body, x0: Int, y0: Int, x1: Int, y1: Int) {
    guard x0 < canvas.size, y0 < canvas.size * 2, x1 >= 0, y1 >= -canvas.size else { return }
    guard let artwork = art.pictures[slot] else { return }
    let (width, height) = (max(1, x1 - x0), max(1, y1 - y0))
    guard artwork.tiling > 0, body.rotation == 0 else {
      return drawPiece(slot, artwork, body, x0, y0, width, height)
    }
    // A long body is a row of pieces.
    if width >= height {
      let count = max(1, Int(Float(width) / (Float(height) * artwork.tiling)))
      for n in 0..<count {
        let (from, to) = (x0 + width * n / count, x0 + width * (n + 1) / count)
        drawPiece(slot, artwork, body, from, y0, max(1, to - from), height)
      }
    } else {
      let count = max(1, Int(Float(height) / (Float(width) * artwork.tiling)))
      for n in 0..<count {
        let (from, to) = (y0 + height * n / count, y0 + height * (n + 1) / count)
        drawPiece(slot, artwork, body, x0, from, width, max(1, to - from))
      }
    }
  }

  @inline(__always)
  private func drawPiece(
    _ slot: Int, _ artwork: Artwork, _ body: Body, _ x: Int, _ y: Int, _ width: Int, _ height: Int
  ) {
    // What grows without end, an explosion, needn't be drawn larger than the view.
    let (width, height) = (min(width, canvas.size * 2), min(height, canvas.size * 2))
    var turn = 0
    if body.rotation != 0 {
      turn = Self.nearest((body.rotation * (64 / (2 * ExactMath.pi))).truncatingRemainder(dividingBy: 64)) & 63
    }
    let key =
      UInt64(slot + 1) << 40 | UInt64(width) << 26 | UInt64(height) << 12 | UInt64(turn) << 1
      | (body.isMirrored ? 1 : 0)
    let stamp = stamps.stamp(key) {
      Stamp(artwork, width: width, height: height, turn: turn, isMirrored: body.isMirrored)
    }
    if body.alpha >= 1 {
      canvas.draw(stamp, x + stamp.offsetX, y + stamp.offsetY)
    } else {
      canvas.draw(stamp, x + stamp.offsetX, y + stamp.offsetY, alpha: Int(body.alpha * 256))
    }
  }

  // MARK: Behind and above

  private func drawBackdrop(_ world: World) {
    guard usesBackgrounds, world.backdrop < art.backdrops.count else { return canvas.clear() }
    let backdrop = art.backdrops[world.backdrop]
    let size = canvas.size
    let (worldWidth, worldHeight) = (Float(world.grid.width) * unit, Float(world.grid.height) * unit)
    var offsetX = 0
    var offsetY = 0
    let image: BackdropImage
    switch backdrop.motion {
    case .distant:
      let isScrolling = world.backdropScroll() != nil
      let width = min(size * (isScrolling ? 3 : 2), max(size, Int(worldWidth) * (isScrolling ? 3 : 1)))
      let height = min(size * 2, max(size, Int(worldHeight)))
      image = self.image(world.backdrop, backdrop, width, height)
      if let scroll = world.backdropScroll() {
        offsetX = Int((scroll + world.backdropShift) * Float(size)) % width
      } else {
        offsetX = Self.parallax(left * unit, worldWidth - Float(size), width - size)
        offsetY = Self.parallax((Float(world.grid.height) - top) * unit, worldHeight - Float(size), height - size)
      }
    case .ground(let cells):
      let span = max(1, Int((Float(cells) * unit).rounded()))
      image = self.image(world.backdrop, backdrop, span, span)
      offsetX = Self.wrapped(Int((left * unit).rounded(.down)), span)
      offsetY = Self.wrapped(Int((-top * unit).rounded(.down)), span)
    }
    for y in 0..<size {
      let source = image.bytes + (y + offsetY) % image.height * image.width * 3
      var x = 0
      var from = offsetX
      while x < size {
        let count = min(size - x, image.width - from)
        canvas.at(x, y).update(from: source + from * 3, count: count * 3)
        x += count
        from = 0
      }
    }
  }

  /// How far a distant picture has moved when the view has, both from their first to their last place.
  private static func parallax(_ place: Float, _ span: Float, _ room: Int) -> Int {
    span > 0 ? max(0, min(room, Int(place / span * Float(room)))) : 0
  }

  private static func wrapped(_ value: Int, _ period: Int) -> Int { ((value % period) + period) % period }

  private func image(_ number: Int, _ backdrop: Backdrop, _ width: Int, _ height: Int) -> BackdropImage {
    let key = (number << 16 | width) << 16 | height
    if let last = lastBackdrop, last.key == key { return last.image }
    let image = backdropImages[key] ?? BackdropImage(backdrop, width: width, height: height)
    backdropImages[key] = image
    lastBackdrop = (key, image)
    return image
  }

  private func drawVelocity(_ world: World) {
    let side = canvas.size / 5
    let speeds = [world.agent.vx / world.topSpeed, world.agent.vy / max(world.topJump, world.topSpeed)]
    for (n, speed) in speeds.enumerated() {
      let shade = (0.5 * speed + 0.5) * 255
      fill(n * side, 0, (n + 1) * side, side, RGB(shade, shade, shade))
    }
  }
}

// MARK: - Gauges, in cells of the view from its left top

extension Painter {
  private func fill(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, _ color: RGB) {
    for y in max(0, y0)..<max(max(0, y0), min(canvas.size, y1)) {
      for x in max(0, x0)..<max(max(0, x0), min(canvas.size, x1)) {
        let target = canvas.at(x, y)
        for channel in 0..<3 { target[channel] = color.byte(channel) }
      }
    }
  }

  func rectangle(x: Float, y: Float, width: Float, height: Float, _ color: RGB) {
    fill(
      Int((x * unit).rounded()), Int((y * unit).rounded()), Int(((x + width) * unit).rounded()),
      Int(((y + height) * unit).rounded()), color)
  }

  /// A picture at a place of the view.
  func picture(
    _ picture: UInt8, x: Float, y: Float, width: Float, height: Float, rotation: Float = 0, alpha: Float = 1
  ) {
    var body = Body()
    body.rotation = rotation
    body.alpha = alpha
    drawBox(
      ArtSet.slot(picture, 0), body, x0: Int((x * unit).rounded()), y0: Int((y * unit).rounded()),
      x1: Int(((x + width) * unit).rounded()), y1: Int(((y + height) * unit).rounded()))
  }

  /// The place in the view of a place in the world.
  func place(_ x: Float, _ y: Float) -> (x: Float, y: Float) { (x - left, top - y) }
}
