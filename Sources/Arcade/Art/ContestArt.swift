/// The pictures of the games that belong to competitions: lander, orchard, shepherd, slalom.
extension ArtSet {
  static let lander = ArtSet { s in
    s[BodyKind.player] = [
      Artwork { a in
        for x in [0.2, 0.8] as [Float] { a.line(x, 0.98, 0.5, 0.6, 0.05, RGB(0x90A0B0)) }
        a.ellipse(0.5, 0.45, 0.36, 0.34, .solid(RGB(0xE8ECF4)), rim: RGB(0x505868), width: 0.05)
        a.disc(0.5, 0.38, 0.14, RGB(0x40A0F0), rim: RGB(0x204878), width: 0.04)
      }
    ]
    s[Lander.Kind.star] = [
      Artwork { $0.star(0.5, 0.5, 0.48, 0.22, points: 5, .solid(RGB(0xF8E040)), rim: RGB(0x907000)) }
    ]
    s[Lander.Picture.rock] = [.block(0x7A6858)]
    s[Lander.Picture.pad] = [
      Artwork { a in
        a.fill(.solid(RGB(0x20C060)))
        a.box(0, 0, 1, 0.3, .solid(RGB(0xA0FFC0)))
      }
    ]
    s.backdrops = Backdrop.spaces
  }

  static let orchard = ArtSet { s in
    s[BodyKind.player] = [
      Artwork(aspect: 2) { a in
        a.polygon([0.1, 0.1, 1.9, 0.1, 1.6, 0.98, 0.4, 0.98], .solid(RGB(0xC88838)), rim: RGB(0x5A3810), width: 0.08)
        for y in [0.35, 0.65] as [Float] { a.line(0.3, y, 1.7, y, 0.05, RGB(0x8A5A20)) }
      }
    ]
    s[Orchard.Kind.ripe] = [0xE83030, 0xF8C020, 0xF07020].map { fruit(RGB($0), stem: RGB(0x308030)) }
    s[Orchard.Kind.rotten] = [
      Artwork { a in
        a.ball(0.5, 0.55, 0.42, RGB(0x5A4A6A))
        for (x, y) in [(0.35, 0.5), (0.6, 0.7), (0.6, 0.4)] as [(Float, Float)] { a.disc(x, y, 0.08, RGB(0x201828)) }
      }
    ]
    s[Orchard.Picture.leaves] = [
      Artwork { a in
        a.fill(.solid(RGB(0x2C7A34)))
        for (x, y) in [(0.25, 0.3), (0.7, 0.25), (0.45, 0.7), (0.85, 0.75)] as [(Float, Float)] {
          a.disc(x, y, 0.16, RGB(0x48A048))
        }
      }
    ]
    s.backdrops = Backdrop.skies
  }

  private static func fruit(_ color: RGB, stem: RGB) -> Artwork {
    Artwork { a in
      a.ball(0.5, 0.55, 0.42, color)
      a.line(0.5, 0.18, 0.6, 0.02, 0.05, stem)
    }
  }

  static let shepherd = ArtSet { s in
    s[BodyKind.player] = [
      Artwork { a in
        a.ball(0.5, 0.55, 0.4, RGB(0x7A4820))
        a.disc(0.7, 0.4, 0.2, RGB(0x9A6030), rim: RGB(0x3A2008), width: 0.04)
        a.eye(0.76, 0.36, 0.08)
      }
    ]
    s[Shepherd.Kind.sheep] = [sheep(RGB(0xF8F8F8))]
    s[Shepherd.Kind.penned] = [sheep(RGB(0x90B8E8))]
    s[Shepherd.Picture.fence] = [.block(0x8A6238)]
    s[Shepherd.Picture.pen] = [
      Artwork { a in
        a.fill(.solid(RGB(0xD8B860)))
        a.line(0.2, 0.3, 0.5, 0.4, 0.03, RGB(0xB09040))
        a.line(0.6, 0.7, 0.9, 0.6, 0.03, RGB(0xB09040))
      }
    ]
    s.backdrops = Backdrop.plainFloors
  }

  private static func sheep(_ wool: RGB) -> Artwork {
    Artwork { a in
      a.ellipse(0.45, 0.52, 0.42, 0.36, .solid(wool), rim: RGB(0x707070), width: 0.05)
      a.disc(0.84, 0.45, 0.15, RGB(0x303030))
    }
  }

  static let slalom = ArtSet { s in
    s[BodyKind.player] = [
      Artwork(aspect: 0.78) { a in
        for x in [0.22, 0.56] as [Float] { a.line(x, 0.55, x, 0.97, 0.05, RGB(0x303848)) }
        a.box(0.16, 0.3, 0.62, 0.72, .solid(RGB(0xD83040)), corner: 0.1, rim: RGB(0x601018), width: 0.05)
        a.disc(0.39, 0.18, 0.16, RGB(0x3060D0), rim: RGB(0x102048), width: 0.04)
      }
    ]
    s[Slalom.Kind.left] = [flag(RGB(0x2060F0), mirrored: false)]
    s[Slalom.Kind.right] = [flag(RGB(0xF03030), mirrored: true)]
    s[Slalom.Kind.tree] = [
      Artwork(aspect: 0.67) { a in
        a.box(0.27, 0.8, 0.4, 1, .solid(RGB(0x6A4420)))
        a.polygon([0.33, 0.0, 0.66, 0.85, 0.0, 0.85], .solid(RGB(0x186030)), rim: RGB(0x0A3018), width: 0.04)
      }
    ]
    s[Slalom.Kind.finish] = [Artwork { $0.fill(.checker(RGB(0x181818), RGB(0xF8F8F8), count: 4)) }]
    s.backdrops = [Backdrop(.ground(cells: 8)) { _, _ in RGB(0xE8F0F8) }]
  }

  private static func flag(_ color: RGB, mirrored: Bool) -> Artwork {
    Artwork(aspect: 0.6) { a in
      let x: Float = mirrored ? 0.48 : 0.12
      a.line(x, 0.05, x, 0.98, 0.05, RGB(0x404040))
      a.polygon([x, 0.06, mirrored ? 0.02 : 0.58, 0.25, x, 0.46], .solid(color))
    }
  }
}
