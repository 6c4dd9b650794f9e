/// Pictures that several games use, in different colours.
extension Artwork {
  /// A block of ground: earth or stone of two tones.
  static func ground(_ base: UInt32, _ shade: UInt32, seed: Int) -> Artwork {
    Artwork { a in
      a.fill(.noise(RGB(base), RGB(shade), scale: 5, seed: seed))
    }
  }

  /// The top of the ground, with grass, snow or a crust on it.
  static func groundTop(_ base: UInt32, _ shade: UInt32, crust: UInt32, seed: Int) -> Artwork {
    Artwork { a in
      a.fill(.noise(RGB(base), RGB(shade), scale: 5, seed: seed))
      a.box(0, 0, 1, 0.3, .solid(RGB(crust)))
      for x in [0.1, 0.37, 0.62, 0.9] as [Float] { a.disc(x, 0.3, 0.13, RGB(crust)) }
      a.box(0, 0, 1, 0.09, .solid(RGB(crust).lighter(0.35)))
    }
  }

  static func brickWall(_ brick: UInt32, _ mortar: UInt32) -> Artwork {
    Artwork { $0.fill(.bricks(RGB(brick), mortar: RGB(mortar), rows: 3, columns: 2)) }
  }

  /// A block of hewn stone with light and dark edges.
  static func block(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.fill(.solid(color.darker(0.45)))
      a.box(0, 0, 0.94, 0.94, .solid(color.lighter(0.3)))
      a.box(0.1, 0.1, 0.94, 0.94, .noise(color, color.darker(0.2), scale: 6, seed: 9))
    }
  }

  /// A walking figure with a round head; `step` swings its legs.
  static func walker(
    body: UInt32, skin: UInt32, trousers: UInt32, step: Float, above: Float = 0, hat: UInt32? = nil
  ) -> Artwork {
    let (body, skin, trousers) = (RGB(body), RGB(skin), RGB(trousers))
    return Artwork(aspect: 1 / (1 + above), above: above) { a in
      let w: Float = 1 / (1 + above)
      let middle = w / 2
      let dark = body.darker(0.6)
      a.line(middle - 0.02, 0.72, middle - 0.1 - step * 0.14, 0.94, 0.085, trousers.darker(0.3))
      a.line(middle + 0.02, 0.72, middle + 0.08 + step * 0.16, 0.94, 0.085, trousers)
      a.box(middle - 0.19, 0.44, middle + 0.19, 0.8, .solid(body), corner: 0.12, rim: dark, width: 0.035)
      a.line(middle + 0.1, 0.55, middle + 0.2 + step * 0.05, 0.7, 0.055, body.lighter(0.25))
      a.disc(middle, 0.27, 0.25, skin, rim: skin.darker(0.6), width: 0.035)
      a.eye(middle + 0.1, 0.26, 0.085, lookX: 0.3)
      if let hat {
        a.box(middle - 0.26, 0.06, middle + 0.26, 0.16, .solid(RGB(hat)), corner: 0.04)
        a.ellipse(middle, 0.1, 0.19, 0.1, .solid(RGB(hat)))
      }
    }
  }

  /// A space ship that points up.
  static func ship(_ hull: UInt32, _ wing: UInt32, aspect: Float) -> Artwork {
    let (hull, wing) = (RGB(hull), RGB(wing))
    return Artwork(aspect: aspect) { a in
      let c = aspect / 2
      a.polygon(
        [c, 0.25, aspect - 0.03, 0.72, aspect - 0.05, 0.9, c, 0.78, 0.05, 0.9, 0.03, 0.72], .solid(wing),
        rim: wing.darker(0.55), width: 0.03)
      a.box(0.08, 0.5, 0.18, 0.86, .solid(hull.darker(0.2)), corner: 0.04)
      a.box(aspect - 0.18, 0.5, aspect - 0.08, 0.86, .solid(hull.darker(0.2)), corner: 0.04)
      a.polygon(
        [c, 0.02, c + 0.2, 0.45, c + 0.17, 0.95, c - 0.17, 0.95, c - 0.2, 0.45],
        .vertical(hull.lighter(0.4), hull.darker(0.2)), rim: hull.darker(0.6), width: 0.03)
      a.ellipse(c, 0.45, 0.1, 0.17, .solid(RGB(0xBFE8FF)), rim: RGB(0x28506A), width: 0.03)
      a.box(c - 0.12, 0.9, c + 0.12, 1, .solid(RGB(0xFFB040)), corner: 0.05)
    }
  }

  /// A flying saucer.
  static func saucer(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.ellipse(
        0.5, 0.62, 0.49, 0.25, .vertical(color.lighter(0.3), color.darker(0.3), from: 0.4, to: 0.85),
        rim: color.darker(0.6), width: 0.04)
      a.ellipse(
        0.5, 0.42, 0.26, 0.26, .vertical(RGB(0xE8FAFF), RGB(0x88C0D8), from: 0.15, to: 0.6), rim: color.darker(0.6),
        width: 0.04)
      for x in [0.2, 0.5, 0.8] as [Float] { a.disc(x, 0.66, 0.07, RGB(0xFFF2A0)) }
    }
  }

  /// A rock with craters.
  static func rock(_ color: UInt32, aspect: Float, seed: Int) -> Artwork {
    let color = RGB(color)
    return Artwork(aspect: aspect) { a in
      var numbers: [Float] = []
      for i in 0..<10 {
        let angle = ExactMath.pi * Float(i) / 5
        let r = 0.38 + 0.12 * ValueNoise.corner(i, 0, seed)
        numbers += [aspect / 2 + r * aspect * ExactMath.cos(angle), 0.5 + r * ExactMath.sin(angle)]
      }
      a.polygon(
        numbers, .noise(color.lighter(0.15), color.darker(0.25), scale: 6, seed: seed), rim: color.darker(0.6),
        width: 0.03)
      for i in 0..<4 {
        let (x, y) = (0.28 + 0.44 * ValueNoise.corner(i, 1, seed), 0.28 + 0.44 * ValueNoise.corner(i, 2, seed))
        a.disc(x * aspect, y, 0.06 + 0.05 * ValueNoise.corner(i, 3, seed), color.darker(0.4))
      }
    }
  }

  /// A cut gem.
  static func gem(_ color: UInt32, aspect: Float = 1) -> Artwork {
    let color = RGB(color)
    return Artwork(aspect: aspect) { a in
      let w = aspect
      a.polygon(
        [0.22 * w, 0.1, 0.78 * w, 0.1, 0.97 * w, 0.4, 0.5 * w, 0.96, 0.03 * w, 0.4], .solid(color),
        rim: color.darker(0.6), width: 0.04)
      a.polygon([0.22 * w, 0.12, 0.5 * w, 0.12, 0.36 * w, 0.4, 0.06 * w, 0.4], .solid(color.lighter(0.65)))
      a.polygon([0.36 * w, 0.4, 0.66 * w, 0.4, 0.5 * w, 0.9], .solid(color.lighter(0.35)))
      a.polygon([0.66 * w, 0.4, 0.94 * w, 0.4, 0.5 * w, 0.92], .solid(color.darker(0.3)))
    }
  }

  static func key(_ color: UInt32, aspect: Float) -> Artwork {
    let color = RGB(color)
    return Artwork(aspect: aspect) { a in
      for (c, extra) in [(color.darker(0.65), 0.06), (color, 0)] as [(RGB, Float)] {
        a.add(.ring(Point(0.42, 0.5), outer: 0.36 + extra, inner: 0.15 - extra), .solid(c))
        a.line(0.7, 0.5, aspect - 0.12, 0.5, 0.11 + extra, c)
        a.line(aspect - 0.16, 0.5, aspect - 0.16, 0.82, 0.09 + extra, c)
        a.line(aspect - 0.46, 0.5, aspect - 0.46, 0.76, 0.08 + extra, c)
      }
    }
  }

  static func padlock(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.fill(.solid(color.darker(0.5)))
      a.box(0.04, 0.04, 0.96, 0.96, .solid(color), corner: 0.06)
      a.add(.ring(Point(0.5, 0.42), outer: 0.25, inner: 0.15), .solid(RGB(0xE8E8E8)))
      a.box(0.24, 0.42, 0.76, 0.82, .solid(RGB(0xF4E8B0)), corner: 0.06, rim: RGB(0x5A4A20), width: 0.04)
      a.disc(0.5, 0.58, 0.08, RGB(0x3A3010))
      a.box(0.46, 0.58, 0.54, 0.74, .solid(RGB(0x3A3010)))
    }
  }

  /// A glowing shot that points up.
  static func bolt(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.ellipse(0.5, 0.5, 0.3, 0.5, .solid(color), alpha: 0.6)
      a.ellipse(0.5, 0.5, 0.17, 0.4, .solid(color.lighter(0.7)))
    }
  }

  /// A glowing round shot.
  static func orb(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.disc(0.5, 0.5, 0.5, color, alpha: 0.45)
      a.star(0.5, 0.5, 0.48, 0.24, points: 4, .solid(color.lighter(0.3)))
      a.disc(0.5, 0.5, 0.2, RGB(0xFFFFFF))
    }
  }

  /// A puff of smoke.
  static func puff(_ color: UInt32, seed: Int) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      for i in 0..<7 {
        let angle = ExactMath.pi * 2 * Float(i) / 7
        let r = 0.18 + 0.08 * ValueNoise.corner(i, 0, seed)
        a.disc(
          0.5 + 0.26 * ExactMath.cos(angle), 0.5 + 0.24 * ExactMath.sin(angle), r, color.darker(0.1 * Float(i % 3)),
          alpha: 0.8)
      }
      a.disc(0.5, 0.5, 0.26, color.lighter(0.25), alpha: 0.9)
    }
  }

  static func crate(_ mark: Int) -> Artwork {
    Artwork { a in
      a.box(0, 0, 1, 1, .solid(RGB(0xB07A3C)), rim: RGB(0x5C3A16), width: 0.09)
      switch mark {
      case 0:
        a.line(0.12, 0.12, 0.88, 0.88, 0.07, RGB(0x6E4820))
        a.line(0.12, 0.88, 0.88, 0.12, 0.07, RGB(0x6E4820))
      case 1: a.box(0.09, 0.44, 0.91, 0.56, .solid(RGB(0x6E4820)))
      case 2: a.line(0.12, 0.88, 0.88, 0.12, 0.08, RGB(0x6E4820))
      default:
        a.box(0.44, 0.2, 0.56, 0.62, .solid(RGB(0xF4D03A)))
        a.disc(0.5, 0.77, 0.08, RGB(0xF4D03A))
      }
    }
  }
}
