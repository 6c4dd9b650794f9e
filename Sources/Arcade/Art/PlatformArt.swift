/// The pictures of coinrun, climber, jumper and ninja.
extension ArtSet {
  /// Earth, grass land, another planet, sand, snow, stone: the ground, its shade, its crust.
  private static let grounds: [(UInt32, UInt32, UInt32)] = [
    (0x8A5C36, 0x6E4626, 0x9C7444), (0x7A5A3A, 0x62462C, 0x58B040), (0x5A4A7A, 0x46386A, 0xB85AA8),
    (0xD0AC6A, 0xBA9454, 0xEED694), (0x8A9CB8, 0x7486A6, 0xF4FAFF), (0x7C7C84, 0x64646E, 0x9C9CA6),
  ]

  static let coinRun = ArtSet { s in
    typealias P = CoinRun.Picture
    let suits: [(UInt32, UInt32)] = [
      (0xE8D0A8, 0xA87848), (0x5AA8F0, 0x2858A0), (0x78CC58, 0x38802C), (0xF49AC0, 0xB04878), (0xF8D850, 0xB08818),
    ]
    for (picture, step) in [(P.stand, 0), (P.walk1, 1), (P.walk2, -0.6)] as [(UInt8, Float)] {
      s[picture] = suits.map { .walker(body: $0.1, skin: $0.0, trousers: $0.1, step: step, above: 0.74) }
    }
    for (picture, turn) in [(P.saw1, 0), (P.saw2, 0.22)] as [(UInt8, Float)] {
      s[picture] = [
        Artwork { a in
          a.star(0.5, 0.95, 0.64, 0.46, points: 14, turn: turn, .solid(RGB(0xD8DCE4)), rim: RGB(0x5A6070), width: 0.025)
          a.disc(0.5, 0.95, 0.2, RGB(0xC03030), rim: RGB(0x702020))
        }
      ]
    }
    let creatures: [UInt32] = [
      0x7CC050, 0x9A5CC8, 0x4C90D8, 0x50B878, 0xB0A090, 0xD88848, 0xD84848, 0x88B838, 0xE088A8,
    ]
    for (picture, lift) in [(P.enemy1, 0), (P.enemy2, 0.1)] as [(UInt8, Float)] {
      s[picture] = creatures.enumerated().map { creature(RGB($0.element), form: $0.offset % 3, lift: lift) }
    }
    s[P.wall] = grounds.enumerated().map { .ground($0.element.0, $0.element.1, seed: $0.offset + 1) }
    s[P.top] = grounds.enumerated().map {
      .groundTop($0.element.0, $0.element.1, crust: $0.element.2, seed: $0.offset + 1)
    }
    s[P.lava] = [Artwork { $0.fill(.noise(RGB(0xE84818), RGB(0xF8A028), scale: 4, seed: 3)) }]
    s[P.lavaTop] = [
      Artwork { a in
        a.box(0, 0.3, 1, 1, .noise(RGB(0xE84818), RGB(0xF8A028), scale: 4, seed: 3))
        for x in [0.1, 0.5, 0.9] as [Float] { a.disc(x, 0.36, 0.17, RGB(0xFFD060)) }
      }
    ]
    s[P.goal] = [
      Artwork { a in
        a.ellipse(
          0.5, 0.5, 0.44, 0.47, .radial(RGB(0xFFF4A0), RGB(0xF0A818), centre: Point(0.4, 0.35), radius: 0.7),
          rim: RGB(0x9A6408), width: 0.07)
        a.box(0.43, 0.25, 0.57, 0.75, .solid(RGB(0xB87808)), corner: 0.05)
      }
    ]
    s[P.crate] = (0..<4).map { .crate($0) }
    s.backdrops = Backdrop.skies
  }

  /// A slime, a shell on feet, or a worm, looking left.
  private static func creature(_ color: RGB, form: Int, lift: Float) -> Artwork {
    Artwork { a in
      let dark = color.darker(0.6)
      switch form {
      case 0:
        a.ellipse(0.5, 0.98, 0.5, 0.66 + lift, .solid(color), rim: dark, width: 0.05)
        a.eye(0.3, 0.62 - lift, 0.14, lookX: -0.3)
        a.eye(0.6, 0.62 - lift, 0.14, lookX: -0.3)
      case 1:
        for x in [0.3, 0.55, 0.8] as [Float] { a.line(x, 0.75, x - 0.05 + lift, 0.97, 0.07, dark) }
        a.ellipse(0.56, 0.62, 0.4, 0.33, .solid(color), rim: dark, width: 0.05)
        a.disc(0.66, 0.55, 0.1, color.darker(0.35))
        a.disc(0.45, 0.68, 0.08, color.darker(0.35))
        a.disc(0.17, 0.62, 0.17, color.darker(0.3), rim: dark)
        a.eye(0.13, 0.57, 0.09, lookX: -0.3)
      default:
        for i in 0..<4 {
          let up = (i % 2 == 0 ? lift : -lift) * 0.8
          a.disc(0.82 - 0.2 * Float(i), 0.76 - up, 0.19, i == 3 ? color.lighter(0.2) : color, rim: dark)
        }
        a.eye(0.16, 0.68, 0.09, lookX: -0.3)
      }
    }
  }

  private static let tileColors: [(UInt32, UInt32, UInt32)] = [
    (0x4A78A8, 0x3C6690, 0x88C8F0), (0x4C8850, 0x3E7242, 0x9ADC70), (0xB89840, 0xA08434, 0xF4DC80),
    (0x8A6040, 0x745034, 0xC89A68),
  ]

  static let climber = ArtSet { s in
    typealias P = Climber.Picture
    let suits: [(UInt32, UInt32)] = [
      (0x3C6CD0, 0x28408A), (0x48A848, 0x2C6A30), (0x909098, 0x585862), (0xD04838, 0x842C28),
    ]
    for (picture, step) in [(P.stand, 0), (P.walk1, 1), (P.walk2, -0.6), (P.jump, 1.3)] as [(UInt8, Float)] {
      s[picture] = suits.map {
        .walker(body: $0.0, skin: 0xF2C89C, trousers: $0.1, step: step, hat: $0.0)
      }
    }
    for (picture, lift) in [(P.enemy1, 0), (P.enemy2, 0.28)] as [(UInt8, Float)] {
      s[picture] = [
        Artwork(aspect: 1.375) { a in
          a.polygon([0.62, 0.5, 1.3, 0.1 + lift, 1.1, 0.55], .solid(RGB(0xC84860)), rim: RGB(0x5C1828), width: 0.03)
          a.ellipse(0.58, 0.56, 0.5, 0.38, .solid(RGB(0xE86078)), rim: RGB(0x5C1828), width: 0.05)
          a.eye(0.32, 0.46, 0.15, lookX: -0.3)
          a.polygon([0.16, 0.66, 0.5, 0.66, 0.34, 0.84], .solid(RGB(0xFFFFFF)))
        }
      ]
    }
    s[P.wall] = tileColors.enumerated().map { .ground($0.element.0, $0.element.1, seed: $0.offset + 1) }
    s[P.top] = tileColors.enumerated().map {
      .groundTop($0.element.0, $0.element.1, crust: $0.element.2, seed: $0.offset + 1)
    }
    s[Climber.Kind.crystal] = [crystal(0xFFDC40)]
    s.backdrops = Backdrop.skies
  }

  static func crystal(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      a.polygon([0.5, 0.01, 0.88, 0.4, 0.5, 0.99, 0.12, 0.4], .solid(color), rim: color.darker(0.6), width: 0.05)
      a.polygon([0.5, 0.05, 0.5, 0.93, 0.17, 0.4], .solid(color.lighter(0.6)))
    }
  }

  static let jumper = ArtSet { s in
    typealias P = Jumper.Picture
    for (picture, step) in [(P.stand, 0), (P.walk1, 1), (P.walk2, -0.5)] as [(UInt8, Float)] {
      s[picture] = [hare(step)]
    }
    s[Jumper.Kind.goal] = [
      Artwork { a in
        for x in [0.3, 0.5, 0.7] as [Float] { a.line(0.5, 0.34, x, 0.06, 0.07, RGB(0x48B040)) }
        a.polygon(
          [0.24, 0.3, 0.76, 0.3, 0.54, 0.99, 0.46, 0.99], .solid(RGB(0xF88020)), rim: RGB(0x904008), width: 0.05)
        a.line(0.36, 0.46, 0.5, 0.46, 0.025, RGB(0xC85C10))
        a.line(0.5, 0.64, 0.6, 0.64, 0.025, RGB(0xC85C10))
      }
    ]
    s[Jumper.Kind.spike] = [
      Artwork(aspect: 0.575) { a in
        a.star(0.2875, 0.42, 0.29, 0.17, points: 9, .solid(RGB(0x8C3050)), rim: RGB(0x401020), width: 0.025)
        a.eye(0.2, 0.4, 0.075)
        a.eye(0.37, 0.4, 0.075)
        a.line(0.2, 0.68, 0.17, 0.95, 0.05, RGB(0x401020))
        a.line(0.37, 0.68, 0.4, 0.95, 0.05, RGB(0x401020))
      }
    ]
    s[P.dial] = [Artwork { $0.disc(0.5, 0.5, 0.5, RGB(0xA8A69E), rim: RGB(0x55534C), width: 0.04) }]
    s[P.needle] = [
      Artwork { a in
        a.line(0.5, 0.5, 0.94, 0.5, 0.08, RGB(0xFCBA03))
        a.disc(0.5, 0.5, 0.1, RGB(0x55534C))
      }
    ]
    s[P.rock] = tileColors.enumerated().map { .ground($0.element.0, $0.element.1, seed: $0.offset + 1) }
    s[P.top] = tileColors.enumerated().map {
      .groundTop($0.element.0, $0.element.1, crust: $0.element.2, seed: $0.offset + 1)
    }
    s.backdrops = Backdrop.skies
  }

  private static func hare(_ step: Float) -> Artwork {
    Artwork(aspect: 0.5, above: 0.27) { a in
      let (fur, dark) = (RGB(0xC89868), RGB(0x5C3A20))
      a.line(0.19, 0.28, 0.14, 0.05, 0.06, fur)
      a.line(0.3, 0.28, 0.33, 0.05, 0.06, fur)
      a.line(0.3, 0.24, 0.33, 0.08, 0.025, RGB(0xF4B8B8))
      a.line(0.2, 0.8, 0.14 - step * 0.07, 0.95, 0.055, dark)
      a.line(0.3, 0.8, 0.36 + step * 0.07, 0.95, 0.055, dark)
      a.ellipse(0.25, 0.68, 0.2, 0.2, .solid(fur), rim: dark, width: 0.03)
      a.ellipse(0.26, 0.72, 0.1, 0.12, .solid(RGB(0xF4E4CC)))
      a.ellipse(0.26, 0.38, 0.21, 0.18, .solid(fur), rim: dark, width: 0.03)
      a.eye(0.34, 0.36, 0.07, lookX: 0.2)
      a.disc(0.07, 0.72, 0.06, RGB(0xFFFFFF))
    }
  }

  static let ninja = ArtSet { s in
    typealias P = Ninja.Picture
    for (picture, step) in [(P.stand, 0), (P.walk1, 1), (P.walk2, -0.6)] as [(UInt8, Float)] {
      s[picture] = [
        Artwork { a in
          let cloth = RGB(0x2C3048)
          a.line(0.46, 0.72, 0.38 - step * 0.14, 0.93, 0.09, cloth.darker(0.3))
          a.line(0.54, 0.72, 0.62 + step * 0.14, 0.93, 0.09, cloth)
          a.box(0.3, 0.46, 0.7, 0.8, .solid(cloth), corner: 0.1)
          a.box(0.3, 0.62, 0.7, 0.7, .solid(RGB(0xC03838)))
          a.disc(0.5, 0.3, 0.27, cloth, rim: RGB(0x14162A))
          a.box(0.36, 0.22, 0.77, 0.38, .solid(RGB(0xF2C89C)), corner: 0.06)
          a.disc(0.62, 0.3, 0.06, RGB(0x101018))
          a.disc(0.45, 0.3, 0.05, RGB(0x101018))
          a.line(0.26, 0.2, 0.02, 0.14 + step * 0.05, 0.05, RGB(0xC03838))
        }
      ]
    }
    let caps: [UInt32] = [0xE04038, 0x4890E0, 0xF0B830, 0xA858C8, 0x50B858, 0xE87830]
    s[Ninja.Kind.goal] = caps.map { cap in
      Artwork { a in
        a.box(0.34, 0.5, 0.66, 1, .solid(RGB(0xF4ECD8)), corner: 0.1, rim: RGB(0x6A5A48), width: 0.04)
        a.polygon(
          [0.02, 0.58, 0.1, 0.26, 0.34, 0.06, 0.66, 0.06, 0.9, 0.26, 0.98, 0.58], .solid(RGB(cap)),
          rim: RGB(cap).darker(0.6), width: 0.045)
        for (x, y) in [(0.3, 0.36), (0.58, 0.22), (0.76, 0.44)] as [(Float, Float)] {
          a.disc(x, y, 0.09, RGB(0xFFFFFF))
        }
      }
    }
    s[Ninja.Kind.star] = [
      Artwork { a in
        a.star(0.5, 0.5, 0.5, 0.2, points: 4, .solid(RGB(0xE0E4EC)), rim: RGB(0x303848), width: 0.04)
        a.disc(0.5, 0.5, 0.1, RGB(0x303848))
      }
    ]
    s[P.bomb] = [
      Artwork { a in
        a.line(0.62, 0.3, 0.76, 0.12, 0.05, RGB(0xB89860))
        a.star(0.8, 0.1, 0.16, 0.07, points: 6, .solid(RGB(0xFFC030)))
        a.ball(0.47, 0.6, 0.38, RGB(0x404048))
      }
    ]
    s[P.fire] = [
      Artwork { a in
        a.polygon(
          [0, 1, 0, 0.5, 0.18, 0.1, 0.34, 0.5, 0.52, 0, 0.68, 0.5, 0.84, 0.15, 1, 0.5, 1, 1], .solid(RGB(0xF05818)))
        a.polygon([0.05, 1, 0.2, 0.5, 0.36, 0.8, 0.52, 0.4, 0.68, 0.8, 0.84, 0.5, 0.96, 1], .solid(RGB(0xFFC830)))
      }
    ]
    s[P.wall] = [.brickWall(0x808490, 0x4A4C56), .brickWall(0x94704C, 0x563C26), .brickWall(0xA8503C, 0x5A2A22)]
    s.backdrops = Backdrop.skies
  }
}
