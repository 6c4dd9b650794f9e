/// The pictures and backdrops of one game.
struct ArtSet: Sendable {
  /// Pictures have numbers below 64 and up to twelve themes each.
  static let mostThemes = 12
  static let mostPictures = 64

  private(set) var pictures: [Artwork?]
  private(set) var counts: [Int]
  private(set) var kept: Set<UInt8> = []
  var backdrops: [Backdrop] = []

  init(_ fill: (inout ArtSet) -> Void) {
    pictures = Array(repeating: nil, count: Self.mostPictures * Self.mostThemes)
    counts = Array(repeating: 1, count: Self.mostPictures)
    let colors: [UInt32] = [0xFFF6C8, 0xFFD060, 0xF89030, 0xD85020, 0x803020]
    for (n, color) in colors.enumerated() {
      self[BodyKind.explosion + UInt8(n)] = [Self.burst(RGB(color), RGB(colors[max(0, n - 1)]), fade: Float(n) * 0.16)]
    }
    self[BodyKind.trail] = [Artwork { $0.disc(0.5, 0.5, 0.48, RGB(0xF4F4F0)) }]
    fill(&self)
  }

  private static func burst(_ color: RGB, _ core: RGB, fade: Float) -> Artwork {
    Artwork { a in
      a.star(0.5, 0.5, 0.5, 0.27, points: 9, .solid(color))
      a.star(0.5, 0.5, 0.34, 0.18, points: 7, turn: 0.3, .solid(core))
      a.disc(0.5, 0.5, 0.14, core.lighter(0.6), alpha: 1 - fade)
    }
  }

  /// The place of a picture's theme in the list.
  static func slot(_ picture: UInt8, _ theme: UInt8) -> Int {
    Int(picture) % mostPictures * mostThemes + Int(theme) % mostThemes
  }

  /// The themes of a picture.
  subscript(_ picture: UInt8) -> [Artwork] {
    get { (0..<counts[Int(picture)]).compactMap { pictures[Self.slot(picture, UInt8($0))] } }
    set {
      precondition(!newValue.isEmpty && newValue.count <= Self.mostThemes, "a picture has one to twelve themes")
      counts[Int(picture)] = newValue.count
      // A theme past the last shows the first, so that a damaged state can be drawn too.
      for theme in 0..<Self.mostThemes {
        pictures[Self.slot(picture, UInt8(theme))] = newValue[theme < newValue.count ? theme : 0]
      }
    }
  }

  /// Says that a picture's themes tell things apart, and stay when themes are restricted.
  mutating func keepThemes(of picture: UInt8) { kept.insert(picture) }

  func keepsThemes(_ picture: UInt8) -> Bool { kept.contains(picture) }

  func themeCount(_ picture: UInt8) -> Int { counts[Int(picture) % Self.mostPictures] }

  /// The width of a picture over its height.
  func aspect(_ picture: UInt8, _ theme: UInt8) -> Float { pictures[Self.slot(picture, theme)]?.aspect ?? 1 }

  /// The pictures as rectangles of one colour each: no two kinds and no two themes of a kind have the same.
  func monochrome() -> ArtSet {
    var plain = self
    for place in pictures.indices {
      guard let picture = pictures[place] else { continue }
      let (kind, theme) = (place / Self.mostThemes, place % Self.mostThemes)
      // 29 and 19 have no factor in common with 64, the number of colours.
      let number = (29 * (kind + 1) + 19 * theme) % 64
      let color = RGB(
        Float(64 * (number / 16 + 1) - 1), Float(64 * (number / 4 % 4 + 1) - 1), Float(64 * (number % 4 + 1) - 1))
      plain.pictures[place] = Artwork(aspect: picture.aspect) { $0.fill(.solid(color)) }
    }
    return plain
  }

  /// The pictures of a game, made once.
  static func of(_ game: Game) -> ArtSet { all[game] ?? ArtSet { _ in } }

  private static let all: [Game: ArtSet] = [
    .bigfish: bigFish, .bossfight: bossFight, .caveflyer: caveFlyer, .chaser: chaser, .climber: climber,
    .coinrun: coinRun, .dodgeball: dodgeBall, .fruitbot: fruitBot, .heist: heist, .jumper: jumper, .leaper: leaper,
    .maze: maze, .miner: miner, .ninja: ninja, .plunder: plunder, .starpilot: starPilot, .lander: lander,
    .orchard: orchard, .shepherd: shepherd, .slalom: slalom,
  ]
}
