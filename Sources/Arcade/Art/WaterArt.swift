/// The pictures of bigfish and plunder.
extension ArtSet {
  static let bigFish = ArtSet { s in
    s[BodyKind.player] = [.fish(0xF88828, fin: 0xE05818, aspect: 1)]
    s[BigFish.Kind.fish] = [
      .fish(0x50B858, fin: 0x287A38, aspect: 1.6957), .fish(0xD060B0, fin: 0x8A3078, aspect: 1.2727),
      .fish(0x5078E0, fin: 0x2C48A0, aspect: 1.8621),
    ]
    s.backdrops = Backdrop.waters
  }

  static let plunder = ArtSet { s in
    typealias K = Plunder.Kind
    // Kinds of ships are told apart by their colours alone: hull and sails have the same.
    let sails: [(UInt32, UInt32)] = [
      (0xFFFFFF, 0xC8C0B0), (0x484850, 0x202028), (0xF04848, 0xA82020), (0x5090FF, 0x2048A8), (0x50D060, 0x20803A),
      (0xFFD838, 0xB88810),
    ]
    s[K.ship] = sails.map { sailingShip($0.0, hull: $0.1) }
    s.keepThemes(of: K.ship)
    s[K.bullet] = [Artwork { $0.ball(0.5, 0.5, 0.48, RGB(0x383840)) }]
    s[K.panel] = [
      Artwork(aspect: 2.4) { a in
        a.box(0, 0, 2.4, 1, .solid(RGB(0xB08048)), corner: 0.08, rim: RGB(0x5A3A18), width: 0.08)
        for y in [0.36, 0.66] as [Float] { a.line(0.1, y, 2.3, y, 0.025, RGB(0x7A5228)) }
        for x in [0.16, 2.24] as [Float] { a.disc(x, 0.5, 0.06, RGB(0x5A3A18)) }
      }
    ]
    s[K.legendPanel] = [
      Artwork { a in
        for (r, color) in [(0.5, 0xE8E0D0), (0.44, 0xC83838), (0.33, 0xF8F0E0)] as [(Float, UInt32)] {
          a.disc(0.5, 0.5, r, RGB(color))
        }
      }
    ]
    s.backdrops = Backdrop.seas
  }

  /// A ship from above, sailing right.
  private static func sailingShip(_ sail: UInt32, hull: UInt32) -> Artwork {
    let (sail, hull) = (RGB(sail), RGB(hull))
    return Artwork(aspect: 1.7121) { a in
      a.polygon(
        [0.04, 0.3, 0.14, 0.14, 1.1, 0.14, 1.68, 0.5, 1.1, 0.86, 0.14, 0.86, 0.04, 0.7], .solid(hull),
        rim: hull.darker(0.6), width: 0.05)
      a.polygon([0.16, 0.34, 1.06, 0.26, 1.46, 0.5, 1.06, 0.74, 0.16, 0.66], .solid(RGB(0xB08A58)))
      for x in [0.4, 0.86] as [Float] {
        a.polygon(
          [x - 0.12, 0.02, x + 0.3, 0.5, x - 0.12, 0.98, x + 0.02, 0.5], .solid(sail), rim: sail.darker(0.5),
          width: 0.045)
        a.disc(x, 0.5, 0.07, hull.darker(0.5))
      }
    }
  }
}

extension Artwork {
  /// A fish that looks right.
  static func fish(_ color: UInt32, fin: UInt32, aspect: Float) -> Artwork {
    let (color, fin) = (RGB(color), RGB(fin))
    return Artwork(aspect: aspect) { a in
      let w = aspect
      a.polygon(
        [0.24 * w, 0.5, 0.01 * w, 0.12, 0.08 * w, 0.5, 0.01 * w, 0.88], .solid(fin), rim: fin.darker(0.5), width: 0.03)
      a.polygon([0.42 * w, 0.24, 0.5 * w, 0.0, 0.76 * w, 0.24], .solid(fin), rim: fin.darker(0.5), width: 0.025)
      a.ellipse(
        0.58 * w, 0.52, 0.41 * w, 0.4, .vertical(color.lighter(0.15), color.lighter(0.6), from: 0.3, to: 0.95),
        rim: color.darker(0.6), width: 0.05)
      a.polygon([0.5 * w, 0.52, 0.36 * w, 0.78, 0.6 * w, 0.66], .solid(fin))
      a.line(0.74 * w, 0.3, 0.72 * w, 0.66, 0.03, color.darker(0.3))
      a.eye(0.83 * w, 0.42, 0.11, lookX: 0.2)
    }
  }
}
