/// The pictures of starpilot, bossfight and caveflyer.
extension ArtSet {
  private static let meteors: [(UInt32, Float)] = [
    (0x8A7868, 1.019), (0x9C8470, 0.9725), (0x786C64, 0.9427), (0xA08A78, 0.9955), (0x8C9098, 1.2024),
    (0x9CA0A8, 1.2245), (0x7C8088, 1.0854), (0xA8A4A0, 1.0208),
  ]

  private static var rocks: [Artwork] {
    meteors.enumerated().map { .rock($0.element.0, aspect: $0.element.1, seed: $0.offset + 1) }
  }

  private static var clouds: [Artwork] {
    [0xC8C4E8, 0xE8C4D8, 0xC4E0E8, 0xD8E8C4, 0xE8DCC4, 0xC4C8D0, 0xB8A8E0, 0xE0B8A8, 0xA8D0C0].enumerated().map {
      .puff($0.element, seed: $0.offset)
    }
  }

  static let starPilot = ArtSet { s in
    typealias K = StarPilot.Kind
    s[BodyKind.player] = [.ship(0xE8ECF4, 0x3C78D8, aspect: 1)]
    s[K.bullet] = [.bolt(0x40D0FF)]
    s[K.enemyBullet] = [.orb(0xFF5040)]
    s[K.turretBullet] = [.orb(0xC050FF)]
    let hulls: [UInt32] = [0xD04848, 0x48A850, 0xD8A030, 0x9050C0, 0x40A8B8, 0xC86898, 0x8C8C94]
    for kind in [K.flyer, K.fastFlyer] {
      s[kind] = hulls.map { kind == K.flyer ? .fighter($0) : .dart($0) }
    }
    s[K.meteor] = rocks
    s[K.cloud] = clouds
    s[K.turret] = [turret(0x8890A0, 0xE05040), turret(0x9C8C70, 0x50B0E0)]
    s[K.finish] = [(0xE84848, 0.3262), (0x48A0E8, 0.5081), (0x58B858, 0.3746), (0xE8A838, 0.3686)].map {
      rocket($0.0, aspect: $0.1)
    }
    s.backdrops = Backdrop.wideSpaces
  }

  private static func turret(_ metal: UInt32, _ light: UInt32) -> Artwork {
    let metal = RGB(metal)
    return Artwork(aspect: 3.3077) { a in
      a.box(
        0.1, 0.32, 3.2, 0.7, .vertical(metal.lighter(0.3), metal.darker(0.35), from: 0.3, to: 0.7), corner: 0.16,
        rim: metal.darker(0.6), width: 0.05)
      for x in [0.5, 2.8] as [Float] {
        a.box(
          x - 0.34, 0.03, x + 0.34, 0.97, .checker(RGB(0x3858A0), RGB(0x284078), count: 6), rim: metal.darker(0.6),
          width: 0.05)
      }
      a.ball(1.65, 0.5, 0.47, metal.lighter(0.1))
      a.disc(1.65, 0.5, 0.2, RGB(light), rim: RGB(0x202028), width: 0.06)
    }
  }

  private static func rocket(_ color: UInt32, aspect: Float) -> Artwork {
    let color = RGB(color)
    return Artwork(aspect: aspect) { a in
      let w = aspect
      a.polygon(
        [0.02 * w, 0.92, 0.2 * w, 0.66, 0.8 * w, 0.66, 0.98 * w, 0.92], .solid(color.darker(0.2)),
        rim: color.darker(0.6), width: 0.008)
      a.polygon(
        [0.5 * w, 0.01, 0.86 * w, 0.25, 0.82 * w, 0.86, 0.18 * w, 0.86, 0.14 * w, 0.25], .solid(RGB(0xECECF0)),
        rim: RGB(0x50505C), width: 0.01)
      a.polygon([0.5 * w, 0.02, 0.84 * w, 0.24, 0.16 * w, 0.24], .solid(color))
      a.ellipse(0.5 * w, 0.38, 0.2 * w, 0.2 * w, .solid(RGB(0x88C8F0)), rim: RGB(0x404854), width: 0.014)
      for n in 0..<5 {
        for m in 0..<4 where (n + m) % 2 == 0 {
          a.box(
            (0.22 + 0.14 * Float(m)) * w, 0.56 + 0.05 * Float(n), (0.36 + 0.14 * Float(m)) * w, 0.61 + 0.05 * Float(n),
            .solid(RGB(0x202028)))
        }
      }
      a.polygon([0.3 * w, 0.87, 0.7 * w, 0.87, 0.5 * w, 0.99], .solid(RGB(0xFFA030)))
    }
  }

  static let bossFight = ArtSet { s in
    typealias K = BossFight.Kind
    s[BodyKind.player] = [
      .ship(0xE8ECF4, 0x3C78D8, aspect: 1.32), .ship(0xE8ECF4, 0x3CA848, aspect: 1.32),
      .ship(0xE8ECF4, 0xE88028, aspect: 1.4933), .ship(0xE8ECF4, 0xD04040, aspect: 1.3067),
    ]
    s[K.boss] = [
      (0x484858, 0xE04040, 1.1071), (0x3468B8, 0xF0D040, 1.2381), (0x3C8C48, 0xF07838, 1.2262),
      (0xA83838, 0x50C0F0, 0.9762),
    ]
    .map { boss($0.0, $0.1, aspect: $0.2) }
    s[K.shields] = [
      Artwork { a in
        a.ellipse(
          0.5, 0.5, 0.5, 0.5, .radial(RGB(0x60B8FF), RGB(0xB8E8FF), centre: Point(0.5, 0.5), radius: 0.5), alpha: 0.35)
        a.add(.ring(Point(0.5, 0.5), outer: 0.5, inner: 0.45), .solid(RGB(0xD8F4FF)), alpha: 0.85)
      }
    ]
    let lasers: [UInt32] = [0x50E850, 0xFF5048, 0x50A8FF]
    s[K.bossBullet] = lasers.map { .orb($0) }
    s[K.playerBullet] = lasers.map { .bolt($0) }
    s[K.barrier] = rocks
    s.backdrops = Backdrop.spaces
  }

  private static func boss(_ hull: UInt32, _ light: UInt32, aspect: Float) -> Artwork {
    let (hull, light) = (RGB(hull), RGB(light))
    return Artwork(aspect: aspect) { a in
      let w = aspect
      a.polygon(
        [
          0.5 * w, 0.98, 0.3 * w, 0.7, 0.04 * w, 0.86, 0.02 * w, 0.32, 0.26 * w, 0.08, 0.74 * w, 0.08, 0.98 * w, 0.32,
          0.96 * w, 0.86, 0.7 * w, 0.7,
        ], .vertical(hull.lighter(0.3), hull.darker(0.3)), rim: hull.darker(0.65), width: 0.025)
      a.polygon([0.5 * w, 0.9, 0.36 * w, 0.3, 0.64 * w, 0.3], .solid(hull.darker(0.35)))
      for x in [0.14, 0.86] as [Float] {
        a.line(x * w, 0.4, x * w, 0.92, 0.045, hull.darker(0.55))
        a.disc(x * w, 0.9, 0.05, light)
      }
      a.ellipse(0.5 * w, 0.34, 0.2 * w, 0.17, .solid(light), rim: hull.darker(0.7), width: 0.03)
      a.ellipse(0.46 * w, 0.3, 0.07 * w, 0.05, .solid(light.lighter(0.7)))
      a.box(0.3 * w, 0.02, 0.42 * w, 0.12, .solid(RGB(0xFFB040)), corner: 0.03)
      a.box(0.58 * w, 0.02, 0.7 * w, 0.12, .solid(RGB(0xFFB040)), corner: 0.03)
    }
  }

  static let caveFlyer = ArtSet { s in
    typealias K = CaveFlyer.Kind
    s[BodyKind.player] = [.ship(0xF0E8E8, 0xD84040, aspect: 1)]
    s[K.goal] = [.saucer(0x48C058)]
    s[K.target] = [.saucer(0xE04840)]
    s[K.obstacle] = [.rock(0xB08050, aspect: 1, seed: 4)]
    s[K.enemy] = [.fighter(0x4880E8)]
    s[K.bullet] = [.bolt(0x50C8FF)]
    s[K.exhaust] = [
      Artwork { a in
        a.disc(0.5, 0.5, 0.48, RGB(0xF87020), alpha: 0.75)
        a.disc(0.5, 0.5, 0.28, RGB(0xFFE080))
      }
    ]
    s[CaveFlyer.Picture.rock] = [.ground(0x6C5A70, 0x54445A, seed: 2)]
    s.backdrops = Backdrop.caves
  }
}

extension Artwork {
  /// An enemy's ship that points up: broad wings, a bright canopy and two engines, light against the dark of space.
  static func fighter(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      for x in [0.32, 0.68] as [Float] { a.ellipse(x, 0.93, 0.1, 0.07, .solid(RGB(0xFFC850))) }
      a.polygon(
        [
          0.5, 0.02, 0.64, 0.3, 0.8, 0.34, 0.86, 0.14, 0.98, 0.14, 0.98, 0.8, 0.66, 0.74, 0.6, 0.92, 0.4, 0.92, 0.34,
          0.74, 0.02, 0.8, 0.02, 0.14, 0.14, 0.14, 0.2, 0.34, 0.36, 0.3,
        ], .vertical(color.lighter(0.45), color), rim: color.darker(0.35), width: 0.02)
      a.box(0.06, 0.44, 0.94, 0.52, .solid(color.lighter(0.7)))
      a.ellipse(0.5, 0.5, 0.14, 0.22, .solid(RGB(0xFFF8C8)), rim: color.darker(0.5), width: 0.035)
    }
  }

  /// A narrow, fast ship that points up.
  static func dart(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.polygon(
        [0.5, 0.0, 0.68, 0.5, 0.98, 0.92, 0.5, 0.8, 0.02, 0.92, 0.32, 0.5],
        .vertical(color.lighter(0.6), color.lighter(0.1)), rim: color.darker(0.3), width: 0.02)
      a.ellipse(0.5, 0.48, 0.1, 0.2, .solid(RGB(0xFFFFFF)))
      a.ellipse(0.5, 0.9, 0.14, 0.1, .solid(RGB(0xFFC040)))
    }
  }
}
