/// The families of backdrops that games share.
extension Backdrop {
  /// Skies over two ranges of hills, from morning to dusk.
  static let skies: [Backdrop] = [
    sky(0x7EC8F2, 0xD8F0F8, near: 0x8CCB7E, far: 0xA8D8C0, seed: 1),
    sky(0xF2B680, 0xFCE8C0, near: 0xC88A5A, far: 0xDDAE7E, seed: 2),
    sky(0x6C7FC4, 0xE8B8C8, near: 0x6A5A94, far: 0x9482B4, seed: 3),
    sky(0xA8D8E8, 0xF4FAFA, near: 0xB4C8D8, far: 0xD0DEE8, seed: 4),
    sky(0x3E5A8E, 0x8AB4C8, near: 0x2E4A5E, far: 0x4E7288, seed: 5),
    sky(0x9AD4B0, 0xF0F6D0, near: 0x6EA870, far: 0x98C48C, seed: 6),
  ]

  private static func sky(_ top: UInt32, _ bottom: UInt32, near: UInt32, far: UInt32, seed: Int) -> Backdrop {
    let (top, bottom, near, far) = (RGB(top), RGB(bottom), RGB(near), RGB(far))
    return Backdrop(.distant) { u, v in
      var color = top.mixed(bottom, v * 1.2)
      let cloud = ValueNoise.layered(u * 7, v * 16, seed, layers: 3)
      if v < 0.6 { color = color.mixed(RGB(0xFFFFFF), max(0, cloud - 0.58) * 3.2) }
      let farLine = 0.72 - 0.22 * ValueNoise.layered(u * 6, 0.5, seed + 40, layers: 2)
      if v > farLine { color = far.mixed(bottom, (v - farLine) * 0.8) }
      let nearLine = 0.86 - 0.22 * ValueNoise.layered(u * 9, 3.5, seed + 80, layers: 2)
      if v > nearLine { color = near.mixed(near.darker(0.3), (v - nearLine) * 2) }
      return color
    }
  }

  /// Stars and nebulae; the left edge meets the right one.
  static let spaces: [Backdrop] = [
    space(0x0E1230, 0x40348C, seed: 11), space(0x0A1C2A, 0x1A6478, seed: 12), space(0x221028, 0x7C3070, seed: 13),
    space(0x10121C, 0x46506C, seed: 14), space(0x1E140C, 0x74481E, seed: 15),
  ]

  /// The same three screens wide, for a view that flies along.
  static let wideSpaces = spaces.map { space in
    Backdrop(.distant) { u, v in space.color((u * 3).truncatingRemainder(dividingBy: 1), v) }
  }

  private static func space(_ dark: UInt32, _ bright: UInt32, seed: Int) -> Backdrop {
    let (dark, bright) = (RGB(dark), RGB(bright))
    return Backdrop(.distant) { u, v in
      let cloud = ValueNoise.layered(u * 6, v * 6, seed, period: 6, layers: 4)
      var color = dark.mixed(bright, max(0, cloud - 0.35) * 1.8)
      let count = 26
      let (x, y) = (u * Float(count), v * Float(count))
      let (column, row) = (Int(x) % count, Int(y) % count)
      let presence = ValueNoise.corner(column, row, seed + 3)
      if presence < 0.13 {
        let cx = 0.25 + 0.5 * ValueNoise.corner(column, row, seed + 4)
        let cy = 0.25 + 0.5 * ValueNoise.corner(column, row, seed + 5)
        let (dx, dy) = (x - x.rounded(.down) - cx, y - y.rounded(.down) - cy)
        let glow = 1 - (dx * dx + dy * dy).squareRoot() / (0.08 + presence)
        if glow > 0 { color = color.mixed(RGB(0xD8D8E8), glow * (0.3 + presence * 2)) }
      }
      return color
    }
  }

  /// The dark of a cave.
  static let caves: [Backdrop] = [
    cave(0x241C30, 0x3A2E4A, seed: 61), cave(0x1C2430, 0x2C3C4E, seed: 62), cave(0x2C201C, 0x46342C, seed: 63),
    cave(0x1E2A24, 0x30443A, seed: 64),
  ]

  private static func cave(_ dark: UInt32, _ bright: UInt32, seed: Int) -> Backdrop {
    let (dark, bright) = (RGB(dark), RGB(bright))
    return Backdrop(.distant) { u, v in
      dark.mixed(bright, ValueNoise.layered(u * 12, v * 12, seed, layers: 4) * 1.4 - 0.2)
    }
  }

  /// Under water: rays of light from above, sand or rocks below.
  static let waters: [Backdrop] = [
    water(0x58C4E8, 0x14508A, bed: 0xC8B070, seed: 21), water(0x60D8C8, 0x0E5A6A, bed: 0x8A7A5A, seed: 22),
    water(0x8AA8E8, 0x24306E, bed: 0x5E5A78, seed: 23), water(0x9CDCC0, 0x2E6A5A, bed: 0xA89868, seed: 24),
  ]

  private static func water(_ top: UInt32, _ bottom: UInt32, bed: UInt32, seed: Int) -> Backdrop {
    let (top, bottom, bed) = (RGB(top), RGB(bottom), RGB(bed))
    return Backdrop(.distant) { u, v in
      var color = top.mixed(bottom, v)
      let ray = ValueNoise.value((u + v * 0.35) * 11, 0.5, seed)
      color = color.mixed(RGB(0xFFFFFF), max(0, ray - 0.55) * 0.5 * (1 - v))
      let line = 0.95 - 0.08 * ValueNoise.layered(u * 8, 1.5, seed + 2, layers: 2)
      if v > line {
        color = bed.mixed(bottom, 0.25).mixed(bed.darker(0.4), ValueNoise.value(u * 60, v * 60, seed) * 0.6)
      }
      return color
    }
  }

  /// The sea from above.
  static let seas: [Backdrop] = [
    sea(0x2C86C0, 0x5AB4DC, seed: 31), sea(0x2A9A98, 0x64CCBC, seed: 32), sea(0x34588E, 0x5E88B4, seed: 33),
  ]

  private static func sea(_ deep: UInt32, _ crest: UInt32, seed: Int) -> Backdrop {
    let (deep, crest) = (RGB(deep), RGB(crest))
    return Backdrop(.distant) { u, v in
      let wave = ValueNoise.layered(u * 9, v * 26, seed, layers: 3)
      return deep.mixed(crest, max(0, wave - 0.45) * 3).mixed(deep.darker(0.3), max(0, 0.4 - wave) * 1.5)
    }
  }

  /// Floors seen from above: flags, planks, grass, sand, plates.
  static let floors: [Backdrop] = [
    tiles(0x8E8478, 0x7A7064, seed: 41), planks(0xA87E4E, 0x7C5A34, seed: 42),
    meadow(0x6E9E54, 0x88B664, seed: 43), meadow(0xCDB27C, 0xDCC694, seed: 44), tiles(0x74828E, 0x62707C, seed: 45),
    planks(0x8A6A5C, 0x604438, seed: 46),
  ]

  /// Plain dark floors, against which small things stand out.
  static let plainFloors: [Backdrop] = [
    meadow(0x32384A, 0x3A4156, seed: 51), meadow(0x2E3C38, 0x364844, seed: 52), meadow(0x40343C, 0x4A3C46, seed: 53),
  ]

  private static func tiles(_ one: UInt32, _ other: UInt32, seed: Int) -> Backdrop {
    let (one, other) = (RGB(one), RGB(other))
    return Backdrop(.ground(cells: 8)) { u, v in
      let (x, y) = (u * 4, v * 4)
      let (column, row) = (Int(x) % 4, Int(y) % 4)
      let (fx, fy) = (x - Float(Int(x)), y - Float(Int(y)))
      if fx < 0.05 || fy < 0.05 { return other.darker(0.3) }
      return ((column + row) % 2 == 0 ? one : other).mixed(RGB(0), ValueNoise.corner(column, row, seed) * 0.12)
    }
  }

  private static func planks(_ wood: UInt32, _ gap: UInt32, seed: Int) -> Backdrop {
    let (wood, gap) = (RGB(wood), RGB(gap))
    return Backdrop(.ground(cells: 8)) { u, v in
      let y = v * 6
      let row = Int(y) % 6
      let end = ValueNoise.corner(row, 0, seed)
      if y - Float(Int(y)) < 0.1 || abs(u - end) < 0.012 { return gap }
      let grain = ValueNoise.layered(u * 4, v * 24, seed, period: 24, layers: 2)
      return wood.mixed(gap, grain * 0.35 + ValueNoise.corner(row, 7, seed) * 0.2)
    }
  }

  private static func meadow(_ one: UInt32, _ other: UInt32, seed: Int) -> Backdrop {
    let (one, other) = (RGB(one), RGB(other))
    return Backdrop(.ground(cells: 10)) { u, v in
      one.mixed(other, ValueNoise.layered(u * 8, v * 8, seed, period: 8, layers: 3))
    }
  }
}
