/// The pictures of the games seen from above: chaser, dodgeball, fruitbot, heist, leaper, maze, miner.
extension ArtSet {
  static let chaser = ArtSet { s in
    typealias P = Chaser.Picture
    s[BodyKind.player] = [
      Artwork { a in
        a.ball(0.5, 0.5, 0.48, RGB(0xF8D030))
        a.eye(0.34, 0.4, 0.14)
        a.eye(0.66, 0.4, 0.14)
        a.box(0.3, 0.62, 0.7, 0.74, .solid(RGB(0x6A3810)), corner: 0.06)
      }
    ]
    for (n, wing) in [0.05, 0.3, 0.55].enumerated() {
      s[P.enemy + UInt8(n)] = [
        Artwork { a in
          let (color, dark) = (RGB(0xD83848), RGB(0x5A1018))
          for side in [-1, 1] as [Float] {
            a.polygon(
              [0.5, 0.5, 0.5 + side * 0.48, Float(wing), 0.5 + side * 0.4, Float(wing) + 0.34], .solid(RGB(0x8A2030)),
              rim: dark, width: 0.03)
          }
          a.ball(0.5, 0.54, 0.33, color)
          a.eye(0.38, 0.48, 0.11, lookY: 0.2)
          a.eye(0.62, 0.48, 0.11, lookY: 0.2)
          a.polygon([0.36, 0.68, 0.64, 0.68, 0.5, 0.82], .solid(RGB(0xFFFFFF)))
        }
      ]
    }
    s[P.weak] = [
      Artwork { a in
        a.ball(0.5, 0.54, 0.4, RGB(0x5088E8))
        a.eye(0.36, 0.46, 0.1, lookY: -0.3)
        a.eye(0.64, 0.46, 0.1, lookY: -0.3)
        for x in [0.3, 0.5] as [Float] { a.line(x, 0.76, x + 0.1, 0.68, 0.035, RGB(0xF0F4FF)) }
        a.line(0.6, 0.68, 0.7, 0.76, 0.035, RGB(0xF0F4FF))
      }
    ]
    s[Chaser.Kind.egg] = [
      Artwork { a in
        a.star(0.5, 0.5, 0.48, 0.34, points: 10, .solid(RGB(0x9858B0)), rim: RGB(0x401850))
        a.ellipse(0.5, 0.5, 0.25, 0.3, .solid(RGB(0xE8D0F0)))
        a.disc(0.45, 0.44, 0.07, RGB(0x9858B0))
        a.disc(0.58, 0.58, 0.06, RGB(0x9858B0))
      }
    ]
    s[Chaser.Kind.crystal] = [crystal(0xFFE048)]
    s[P.wall] = [.block(0x5C6E9C)]
    s[P.orb] = [Artwork { $0.box(0.34, 0.34, 0.66, 0.66, .solid(RGB(0x40F060)), corner: 0.08) }]
    s.backdrops = Backdrop.plainFloors
  }

  static let dodgeBall = ArtSet { s in
    typealias K = DodgeBall.Kind
    s[BodyKind.player] = [person(0x3878E0, hair: 0x5A3418)]
    s[K.enemy] = [0xD84040, 0x48A848, 0xE8A030, 0x9050C8, 0x40A8A8, 0xE070A8, 0x606068].enumerated().map {
      person($0.element, hair: [0x2A1A10, 0xE8C860, 0x8A3A18][$0.offset % 3])
    }
    for (kind, color) in [(K.ball, 0xFFFFFF), (K.enemyBall, 0xFF6048)] as [(UInt8, UInt32)] {
      s[kind] = [
        Artwork { a in
          a.ball(0.5, 0.5, 0.48, RGB(color))
          a.star(0.5, 0.5, 0.2, 0.17, points: 5, .solid(RGB(0x20242C)))
          for n in 0..<5 {
            let angle = ExactMath.pi * 0.4 * Float(n)
            a.disc(0.5 + 0.38 * ExactMath.cos(angle), 0.5 + 0.38 * ExactMath.sin(angle), 0.07, RGB(0x20242C))
          }
        }
      ]
    }
    for (picture, color) in [(K.door, 0xC83838), (DodgeBall.Picture.openDoor, 0x38B850)] as [(UInt8, UInt32)] {
      s[picture] = [
        Artwork { a in
          let color = RGB(color)
          a.box(0, 0, 1, 1, .solid(color), rim: color.darker(0.6), width: 0.1)
          a.box(0.2, 0.18, 0.8, 0.84, .solid(color.lighter(0.3)), rim: color.darker(0.3), width: 0.06)
          a.disc(0.68, 0.54, 0.07, RGB(0xFFE890))
        }
      ]
    }
    s[K.wall] = [tiled(.lavaBlock)]
    s[DodgeBall.Picture.edge] = [.lavaBlock]
    s[K.dust] = (0..<9).map { .puff(0xE8DCC8, seed: $0) }
    s.backdrops = Backdrop.floors
  }

  private static func tiled(_ picture: Artwork, _ ratio: Float = 1) -> Artwork {
    Artwork(aspect: ratio, tiling: ratio) { a in
      for shape in picture.shapes { a.add(shape.outline, shape.paint, alpha: shape.alpha) }
    }
  }

  /// Somebody from above, looking right.
  private static func person(_ shirt: UInt32, hair: UInt32) -> Artwork {
    let (shirt, hair) = (RGB(shirt), RGB(hair))
    return Artwork { a in
      a.ellipse(0.45, 0.5, 0.27, 0.47, .solid(shirt), rim: shirt.darker(0.6), width: 0.05)
      for y in [0.16, 0.84] as [Float] { a.disc(0.74, y, 0.12, RGB(0xF2C89C), rim: RGB(0x7A5030), width: 0.035) }
      a.disc(0.5, 0.5, 0.25, hair, rim: hair.darker(0.5), width: 0.04)
      a.ellipse(0.63, 0.5, 0.12, 0.19, .solid(RGB(0xF2C89C)))
    }
  }

  static let fruitBot = ArtSet { s in
    typealias K = FruitBot.Kind
    s[BodyKind.player] = [robot(0x4A90E0)]
    s[K.barrier] = [tiled(.block(0x8C7C6C))]
    s[FruitBot.Picture.edge] = [.block(0x6C6058)]
    s[K.key] = [.key(0xE84848, aspect: 1)]
    s[K.good] = fruits
    s[K.bad] = foods
    s[K.door] = [
      Artwork(aspect: 3.25, tiling: 3.25) { a in
        a.fill(.solid(RGB(0xF0C030)))
        for n in 0..<7 { a.box(0.06 + 0.46 * Float(n), 0, 0.22 + 0.46 * Float(n), 1, .solid(RGB(0x8A5A10))) }
        a.box(0, 0.35, 3.25, 0.65, .solid(RGB(0xFFE070)))
      }
    ]
    s[K.lock] = [.padlock(0xD03838)]
    let papers: [(UInt32, UInt32)] = [(0xE04858, 0xFFE070), (0x4888E0, 0xFFFFFF), (0x48B058, 0xF04848)]
    s[K.present] = papers.map { colors in
      let (paper, ribbon) = colors
      return Artwork { a in
        a.box(0.03, 0.14, 0.97, 0.98, .solid(RGB(paper)), rim: RGB(paper).darker(0.5), width: 0.05)
        a.box(0.41, 0.14, 0.59, 0.98, .solid(RGB(ribbon)))
        a.box(0.03, 0.46, 0.97, 0.6, .solid(RGB(ribbon)))
        a.ellipse(0.34, 0.11, 0.16, 0.1, .solid(RGB(ribbon)))
        a.ellipse(0.66, 0.11, 0.16, 0.1, .solid(RGB(ribbon)))
      }
    }
    s.backdrops = Backdrop.floors
  }

  /// A robot that points right.
  private static func robot(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork { a in
      for y in [0.12, 0.88] as [Float] {
        a.box(0.1, y - 0.11, 0.86, y + 0.11, .stripes(RGB(0x303038), RGB(0x585862), count: 7, slant: 0), corner: 0.06)
      }
      a.box(0.14, 0.18, 0.84, 0.82, .solid(color), corner: 0.14, rim: color.darker(0.6), width: 0.05)
      a.disc(0.46, 0.5, 0.2, color.lighter(0.5), rim: color.darker(0.4), width: 0.05)
      a.box(0.7, 0.3, 0.96, 0.7, .solid(RGB(0xF8E060)), corner: 0.08, rim: RGB(0x6A5810), width: 0.04)
    }
  }

  private static var fruits: [Artwork] {
    [
      Artwork(aspect: 0.9643) { a in  // an apple
        a.ellipse(
          0.48, 0.58, 0.44, 0.4, .radial(RGB(0xFF7868), RGB(0xC82828), centre: Point(0.34, 0.42), radius: 0.6),
          rim: RGB(0x701414), width: 0.04)
        a.line(0.48, 0.26, 0.54, 0.06, 0.05, RGB(0x6A4420))
        a.ellipse(0.68, 0.14, 0.16, 0.09, .solid(RGB(0x58B848)))
      },
      Artwork(aspect: 0.8) { a in  // a pear
        a.ellipse(0.4, 0.68, 0.36, 0.3, .solid(RGB(0xB8D848)), rim: RGB(0x58701C), width: 0.04)
        a.ellipse(0.4, 0.36, 0.22, 0.26, .solid(RGB(0xB8D848)))
        a.line(0.4, 0.16, 0.46, 0.03, 0.045, RGB(0x6A4420))
        a.ellipse(0.3, 0.58, 0.09, 0.14, .solid(RGB(0xE0F090)))
      },
      Artwork(aspect: 1.3636) { a in  // a slice of melon
        a.polygon([0.02, 0.12, 1.34, 0.12, 1.1, 0.7, 0.68, 0.96, 0.26, 0.7], .solid(RGB(0x48A040)))
        a.polygon([0.14, 0.12, 1.22, 0.12, 1.02, 0.6, 0.68, 0.82, 0.34, 0.6], .solid(RGB(0xF05060)))
        for (x, y) in [(0.45, 0.32), (0.68, 0.52), (0.92, 0.32)] as [(Float, Float)] {
          a.disc(x, y, 0.06, RGB(0x301018))
        }
      },
      Artwork(aspect: 0.6452) { a in  // a pineapple
        a.star(0.32, 0.22, 0.3, 0.1, points: 6, .solid(RGB(0x48A048)))
        a.ellipse(
          0.32, 0.66, 0.3, 0.33, .checker(RGB(0xF0B830), RGB(0xC88818), count: 9), rim: RGB(0x7A4C08), width: 0.035)
      },
      Artwork { a in  // an orange
        a.ball(0.5, 0.54, 0.44, RGB(0xFF9828))
        a.ellipse(0.62, 0.1, 0.16, 0.08, .solid(RGB(0x48A848)))
      },
      Artwork(aspect: 0.8462) { a in  // grapes
        for (x, y) in [(0.2, 0.36), (0.42, 0.34), (0.64, 0.36), (0.31, 0.56), (0.53, 0.56), (0.42, 0.78)]
          as [(Float, Float)]
        {
          a.ball(x, y, 0.17, RGB(0x9048C0))
        }
        a.line(0.42, 0.22, 0.5, 0.04, 0.045, RGB(0x6A4420))
      },
    ]
  }

  private static var foods: [Artwork] {
    [
      Artwork(aspect: 0.56) { a in  // a bottle
        a.box(0.18, 0.02, 0.38, 0.4, .solid(RGB(0x3C7858)), corner: 0.03)
        a.box(0.04, 0.3, 0.52, 0.99, .solid(RGB(0x3C7858)), corner: 0.12, rim: RGB(0x183828), width: 0.04)
        a.box(0.08, 0.52, 0.48, 0.78, .solid(RGB(0xF0E8D0)))
      },
      Artwork(aspect: 2.1538) { a in  // a sausage
        a.line(0.36, 0.5, 1.8, 0.5, 0.36, RGB(0x6A2818))
        a.line(0.36, 0.5, 1.8, 0.5, 0.29, RGB(0xB85838))
        for x in [0.6, 1.1, 1.6] as [Float] { a.line(x, 0.3, x + 0.16, 0.66, 0.05, RGB(0x7A3020)) }
      },
      Artwork { a in  // a biscuit
        a.disc(0.5, 0.5, 0.47, RGB(0xB88850), rim: RGB(0x6A4420), width: 0.06)
        for (x, y) in [(0.35, 0.35), (0.64, 0.4), (0.45, 0.66), (0.7, 0.68)] as [(Float, Float)] {
          a.disc(x, y, 0.08, RGB(0x4A2810))
        }
      },
      Artwork(aspect: 1.05) { a in  // a burger
        a.ellipse(0.525, 0.36, 0.48, 0.3, .solid(RGB(0xD89848)), rim: RGB(0x6A4018), width: 0.04)
        a.box(0.03, 0.46, 1.02, 0.6, .solid(RGB(0x58A838)))
        a.box(0.05, 0.56, 1, 0.74, .solid(RGB(0x6A3820)))
        a.box(0.06, 0.72, 0.99, 0.94, .solid(RGB(0xD89848)), corner: 0.1, rim: RGB(0x6A4018), width: 0.03)
      },
      Artwork(aspect: 0.9167) { a in  // a drumstick
        a.line(0.5, 0.6, 0.2, 0.9, 0.08, RGB(0xF4ECD8))
        a.ellipse(0.56, 0.4, 0.34, 0.37, .solid(RGB(0xA86030)), rim: RGB(0x582C10), width: 0.05)
      },
      Artwork { a in  // a cake
        a.polygon(
          [0.04, 0.4, 0.5, 0.1, 0.96, 0.4, 0.96, 0.92, 0.04, 0.92], .solid(RGB(0x8A5A40)), rim: RGB(0x40241A),
          width: 0.04)
        a.polygon([0.04, 0.42, 0.5, 0.1, 0.96, 0.42, 0.96, 0.54, 0.04, 0.54], .solid(RGB(0xF4D8E0)))
        a.box(0.05, 0.66, 0.95, 0.76, .solid(RGB(0xF4D8E0)))
      },
    ]
  }

  static let heist = ArtSet { s in
    typealias K = Heist.Kind
    let colors: [UInt32] = [0x4080F0, 0x40B850, 0xE84848]
    s[BodyKind.player] = [
      Artwork { a in  // an astronaut from above, looking right
        a.ellipse(0.4, 0.5, 0.26, 0.48, .solid(RGB(0xD8D8DC)), rim: RGB(0x484850), width: 0.05)
        a.disc(0.54, 0.5, 0.33, RGB(0xF4F4F8), rim: RGB(0x484850), width: 0.05)
        a.ellipse(0.68, 0.5, 0.17, 0.25, .solid(RGB(0x3868B8)))
        a.ellipse(0.72, 0.42, 0.07, 0.08, .solid(RGB(0xB8E0FF)))
      }
    ]
    s[K.key] = colors.map { .key($0, aspect: 1.6154) }
    s[K.lock] = colors.map { .padlock($0) }
    s[K.gem] = [.gem(0xFFD830, aspect: 1.4583)]
    s[Heist.Picture.wall] = [.ground(0x7C5A40, 0x604430, seed: 6)]
    s.keepThemes(of: K.key)
    s.keepThemes(of: K.lock)
    s.backdrops = Backdrop.floors
  }

  static let leaper = ArtSet { s in
    typealias K = Leaper.Kind
    s[BodyKind.player] = (0..<5).map { frog([0, 0.5, 1, 1, 0.5][$0]) }
    s.keepThemes(of: BodyKind.player)
    s[K.car] = [0xF0C828, 0x404048, 0x3C78E0, 0x48A848, 0xD83C3C].map { car($0) }
    s[K.log] = [
      Artwork { a in
        a.box(
          0, 0.1, 1, 0.9, .vertical(RGB(0xB88450), RGB(0x74481F), from: 0.1, to: 0.9), corner: 0.16, rim: RGB(0x40240C),
          width: 0.06)
        a.line(0.2, 0.35, 0.6, 0.35, 0.03, RGB(0x6A4220))
        a.line(0.4, 0.62, 0.8, 0.62, 0.03, RGB(0x6A4220))
        a.ellipse(0.86, 0.5, 0.09, 0.3, .solid(RGB(0xE0B880)))
      }
    ]
    s[K.finish] = [
      Artwork(tiling: 1) { a in a.fill(.checker(RGB(0xF8F8F8), RGB(0x202024), count: 4)) }
    ]
    s[Leaper.Picture.road] = [
      Artwork { a in
        a.fill(.noise(RGB(0x54545C), RGB(0x484850), scale: 8, seed: 2))
        a.box(0.25, 0.01, 0.75, 0.07, .solid(RGB(0xE8E0A0)))
      }
    ]
    s[Leaper.Picture.water] = [
      Artwork { a in
        a.fill(.noise(RGB(0x3C88D8), RGB(0x2C6CBC), scale: 3, seed: 4))
        a.line(0.15, 0.3, 0.45, 0.3, 0.035, RGB(0x90C8F4))
        a.line(0.55, 0.7, 0.85, 0.7, 0.035, RGB(0x90C8F4))
      }
    ]
    s.backdrops = [Backdrop.floors[2], Backdrop.floors[3], Backdrop.floors[0], Backdrop.floors[4]]
  }

  /// A frog that points up; `stretch` is how far its legs are out.
  private static func frog(_ stretch: Float) -> Artwork {
    Artwork(above: 0.2, below: 0.2) { a in
      let (skin, dark) = (RGB(0x60D040), RGB(0x1E5A14))
      for side in [-1, 1] as [Float] {
        a.line(0.5 + side * 0.2, 0.62, 0.5 + side * (0.42 - 0.1 * stretch), 0.7 + 0.22 * stretch, 0.08, dark)
        a.line(0.5 + side * 0.2, 0.4, 0.5 + side * 0.4, 0.28 - 0.12 * stretch, 0.065, dark)
      }
      a.ellipse(0.5, 0.5, 0.3, 0.36, .solid(skin), rim: dark, width: 0.05)
      a.disc(0.36, 0.24, 0.12, RGB(0xF8F8C8), rim: dark, width: 0.035)
      a.disc(0.64, 0.24, 0.12, RGB(0xF8F8C8), rim: dark, width: 0.035)
      a.disc(0.5, 0.58, 0.12, skin.lighter(0.4))
    }
  }

  /// A car that points right.
  private static func car(_ color: UInt32) -> Artwork {
    let color = RGB(color)
    return Artwork(aspect: 2) { a in
      for x in [0.45, 1.5] as [Float] {
        a.box(x - 0.2, 0, x + 0.2, 1, .solid(RGB(0x181818)), corner: 0.05)
      }
      a.box(0.05, 0.08, 1.95, 0.92, .solid(color), corner: 0.25, rim: color.darker(0.6), width: 0.07)
      a.box(1.15, 0.2, 1.45, 0.8, .solid(RGB(0xA8D8F4)), corner: 0.08)
      a.box(0.4, 0.22, 0.62, 0.78, .solid(RGB(0x88B8D4)), corner: 0.06)
      for y in [0.22, 0.78] as [Float] { a.disc(1.86, y, 0.09, RGB(0xFFF8C0)) }
    }
  }

  static let maze = ArtSet { s in
    s[BodyKind.player] = [
      Artwork { a in  // a mouse that looks left
        let (fur, dark) = (RGB(0xA8A8B0), RGB(0x484850))
        a.line(0.84, 0.72, 0.98, 0.4, 0.04, RGB(0xE8A0A0))
        a.ellipse(0.54, 0.62, 0.36, 0.28, .solid(fur), rim: dark, width: 0.05)
        a.disc(0.46, 0.3, 0.17, fur, rim: dark)
        a.disc(0.46, 0.3, 0.09, RGB(0xF0B0B0))
        a.polygon([0.4, 0.42, 0.4, 0.84, 0.06, 0.68], .solid(fur))
        a.disc(0.07, 0.67, 0.07, RGB(0xF07888))
        a.disc(0.3, 0.56, 0.06, RGB(0x101014))
      }
    ]
    s[Maze.Picture.goal] = [
      Artwork { a in
        a.polygon(
          [0.04, 0.55, 0.7, 0.14, 0.97, 0.5, 0.97, 0.86, 0.04, 0.86], .solid(RGB(0xFFD038)), rim: RGB(0x9A6408),
          width: 0.05)
        a.polygon([0.04, 0.55, 0.7, 0.14, 0.97, 0.5], .solid(RGB(0xFFE888)))
        for (x, y) in [(0.25, 0.7), (0.55, 0.66), (0.8, 0.74)] as [(Float, Float)] { a.disc(x, y, 0.08, RGB(0xD89A18)) }
      }
    ]
    s[Maze.Picture.wall] = [
      Artwork { a in
        a.fill(.noise(RGB(0xD8B878), RGB(0xB8965A), scale: 5, seed: 8))
        a.box(0, 0, 1, 0.12, .solid(RGB(0xEAD09A)))
        a.box(0, 0.9, 1, 1, .solid(RGB(0x94743E)))
      }
    ]
    s.backdrops = [tone(0x4C4440), tone(0x3C4A5A), tone(0x44543C), tone(0x5A4450), tone(0x585040)]
  }

  /// A floor so plain that the ways of a maze can be seen on it.
  private static func tone(_ color: UInt32) -> Backdrop {
    let color = RGB(color)
    return Backdrop(.ground(cells: 8)) { u, v in
      color.mixed(RGB(0), ValueNoise.layered(u * 8, v * 8, 3, period: 8, layers: 2) * 0.25)
    }
  }

  static let miner = ArtSet { s in
    typealias P = Miner.Picture
    s[BodyKind.player] = [
      Artwork { a in  // a digging robot that looks right
        a.box(0.08, 0.72, 0.92, 0.96, .stripes(RGB(0x303034), RGB(0x606068), count: 7, slant: 0), corner: 0.1)
        a.box(0.16, 0.3, 0.78, 0.78, .solid(RGB(0x50C850)), corner: 0.1, rim: RGB(0x1C5A20), width: 0.05)
        a.ellipse(0.48, 0.28, 0.26, 0.24, .solid(RGB(0x70DC70)), rim: RGB(0x1C5A20), width: 0.05)
        a.box(0.44, 0.2, 0.72, 0.34, .solid(RGB(0xD8F8FF)), corner: 0.05)
        a.polygon([0.74, 0.46, 0.99, 0.58, 0.74, 0.7], .solid(RGB(0xC8CCD4)), rim: RGB(0x484C54), width: 0.03)
      }
    ]
    s[P.boulder] = [Artwork { $0.ball(0.5, 0.52, 0.46, RGB(0xB0A8A0), rim: RGB(0x3C3834)) }]
    s[P.diamond] = [.gem(0x48D0FF)]
    s[Miner.Kind.exit] = [
      Artwork { a in
        a.box(0.02, 0.02, 0.98, 0.98, .solid(RGB(0x9A5A2C)), corner: 0.06, rim: RGB(0x48260E), width: 0.08)
        a.box(0.2, 0.16, 0.8, 0.84, .solid(RGB(0xFFF0A0)), corner: 0.04)
        a.box(0.46, 0.16, 0.54, 0.84, .solid(RGB(0x9A5A2C)))
        a.box(0.2, 0.46, 0.8, 0.54, .solid(RGB(0x9A5A2C)))
      }
    ]
    s[P.dirt] = [
      Artwork { a in
        a.fill(.noise(RGB(0x8C6238), RGB(0x6C4826), scale: 6, seed: 12))
        for (x, y) in [(0.25, 0.3), (0.7, 0.2), (0.5, 0.75), (0.85, 0.65)] as [(Float, Float)] {
          a.disc(x, y, 0.07, RGB(0x543818))
        }
      }
    ]
    s[P.edge] = [.brickWall(0x74747C, 0x44444C)]
    s.backdrops = [tone(0x241C18), tone(0x1C2028), tone(0x202418)]
  }
}

extension Artwork {
  /// A block of glowing stone that nobody should touch.
  static var lavaBlock: Artwork {
    Artwork { a in
      a.fill(.solid(RGB(0x4A1A10)))
      a.box(0.05, 0.05, 0.95, 0.95, .noise(RGB(0xD84818), RGB(0x8C2410), scale: 4, seed: 14), corner: 0.08)
      a.line(0.2, 0.3, 0.5, 0.5, 0.05, RGB(0xFFB040))
      a.line(0.5, 0.5, 0.8, 0.4, 0.05, RGB(0xFFB040))
      a.line(0.5, 0.5, 0.45, 0.85, 0.05, RGB(0xFFB040))
    }
  }
}
