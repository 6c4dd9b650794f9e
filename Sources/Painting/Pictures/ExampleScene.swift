import Foundation
public import Media

/// Pictures that resemble photographs and are computed, so that painting can be tried, tested and shown without anybody's.
public enum ExampleScene: String, Sendable, Codable, CaseIterable {
  /// Fruit on a table, lit from the upper left.
  case stillLife = "still-life"
  /// Mountains over a lake in the evening.
  case landscape

  /// The scene with so many pixels on its longer side.
  public func picture(longSide: Int = 640) -> RGBImage {
    let (width, height) = (longSide, max(1, longSide * 3 / 4))
    var picture = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = ((Float(x) + 0.5) / Float(width), (Float(y) + 0.5) / Float(height))
        let color = self == .stillLife ? StillLife.color(u, v) : Landscape.color(u, v)
        // Near to how a screen shows light.
        let seen = SIMD3(pow(max(color.x, 0), 1 / 2.2), pow(max(color.y, 0), 1 / 2.2), pow(max(color.z, 0), 1 / 2.2))
        let place = (y * width + x) * 3
        picture.bytes[place] = UInt8(min(1, seen.x) * 255)
        picture.bytes[place + 1] = UInt8(min(1, seen.y) * 255)
        picture.bytes[place + 2] = UInt8(min(1, seen.z) * 255)
      }
    }
    return picture
  }
}

/// Spheres on a plane before a wall, each pixel by one ray and soft shadows by six more.
private enum StillLife {
  private struct Fruit {
    var center: SIMD3<Float>
    var radius: Float
    var color: SIMD3<Float>
  }

  private static let fruits = [
    Fruit(center: SIMD3(-0.52, 0.46, 0.1), radius: 0.46, color: SIMD3(0.62, 0.05, 0.04)),
    Fruit(center: SIMD3(0.46, 0.40, -0.1), radius: 0.40, color: SIMD3(0.85, 0.36, 0.03)),
    Fruit(center: SIMD3(0.02, 0.27, 0.68), radius: 0.27, color: SIMD3(0.80, 0.68, 0.08)),
    Fruit(center: SIMD3(1.08, 0.24, 0.5), radius: 0.24, color: SIMD3(0.20, 0.36, 0.05)),
    Fruit(center: SIMD3(-1.15, 0.2, 0.62), radius: 0.2, color: SIMD3(0.22, 0.03, 0.16)),
  ]
  private static let eye = SIMD3<Float>(0, 1.0, 3.9)
  private static let lamp = SIMD3<Float>(-2.6, 3.4, 2.4)

  static func color(_ u: Float, _ v: Float) -> SIMD3<Float> {
    let ray = unit(SIMD3((u - 0.5) * 0.84, (0.5 - v) * 0.63 - 0.14, -1))
    if let (distance, fruit) = hit(eye, ray) {
      let point = eye + ray * distance
      let normal = unit(point - fruit.center)
      let light = unit(lamp - point)
      // Skin: a little mottled, paler around the stem.
      let mottle = 0.9 + 0.1 * sin(normal.x * 23 + sin(normal.y * 17) * 2) * sin(normal.z * 19)
      let skin = fruit.color * mottle + SIMD3(0.25, 0.2, 0.05) * pow(max(0, normal.y), 14)
      let shine = pow(max(0, (unit(light - ray) * normal).sum()), 60)
      let edge = pow(1 + (ray * normal).sum(), 3) * 0.12
      let direct = max(0, (normal * light).sum()) * seen(lamp, from: point + normal * 1e-3)
      // The table throws its colour up.
      let bounce = SIMD3<Float>(0.30, 0.20, 0.12) * max(0, -normal.y) * 0.5
      return skin * (direct * 1.15 + 0.13 + edge) + skin * bounce + SIMD3(repeating: shine * 0.55 * min(1, direct * 3))
    }
    let table = -eye.y / ray.y
    if ray.y < 0, (eye + ray * table).z > -1.6 {
      let point = eye + ray * table
      let grain = 0.85 + 0.15 * sin(point.z * 9 + sin(point.x * 1.3) * 1.8) * sin(point.x * 0.7 + point.z * 31)
      let cloth = SIMD3<Float>(0.50, 0.33, 0.19) * grain
      let light = unit(lamp - point)
      let fall = 9 / ((lamp - point) * (lamp - point)).sum()
      return cloth * (0.12 + light.y * fall * seen(lamp, from: point + SIMD3(0, 1e-3, 0)))
    }
    let glow = exp(-((u - 0.25) * (u - 0.25) * 5 + (v - 0.1) * (v - 0.1) * 4))
    return SIMD3(0.07, 0.13, 0.16) + SIMD3(0.22, 0.26, 0.22) * glow
  }

  private static func hit(_ from: SIMD3<Float>, _ ray: SIMD3<Float>) -> (Float, Fruit)? {
    var nearest: (Float, Fruit)?
    for fruit in fruits {
      let offset = from - fruit.center
      let b = (offset * ray).sum()
      let root = b * b - (offset * offset).sum() + fruit.radius * fruit.radius
      guard root > 0 else { continue }
      let distance = -b - root.squareRoot()
      if distance > 0, distance < nearest?.0 ?? .infinity { nearest = (distance, fruit) }
    }
    return nearest
  }

  /// The share of a round lamp that a point sees.
  private static func seen(_ lamp: SIMD3<Float>, from point: SIMD3<Float>) -> Float {
    (0..<6).reduce(0) { sum, number in
      let angle = Float(number) * 2.39996
      let radius = 0.35 * (Float(number) / 6).squareRoot()
      let target = lamp + SIMD3(cos(angle) * radius, 0, sin(angle) * radius)
      return sum + (hit(point, unit(target - point)) == nil ? 1.0 / 6 : 0)
    }
  }

  private static func unit(_ a: SIMD3<Float>) -> SIMD3<Float> { a / (a * a).sum().squareRoot() }
}

/// Ridges of mountains, each paler than the one before it, a low sun and a lake that mirrors them.
private enum Landscape {
  private static let shore: Float = 0.62

  static func color(_ u: Float, _ v: Float) -> SIMD3<Float> {
    if v > shore {
      // Water: the scene upside down, pulled about by waves that grow towards the eye.
      let depth = (v - shore) / (1 - shore)
      let wave = sin(v * 190 + sin(u * 21) * 2) * 0.006 * (0.3 + depth) + sin(u * 37 + v * 90) * 0.004 * depth
      let mirrored = above(u + wave, shore - (v - shore) * 0.8 + wave)
      let bank = reeds(u, v)
      return bank ?? mirrored * (0.72 - 0.2 * depth) + SIMD3(0.01, 0.03, 0.05)
    }
    return above(u, v)
  }

  private static func above(_ u: Float, _ v: Float) -> SIMD3<Float> {
    let ridges: [(height: Float, rough: Float, shift: Float, color: SIMD3<Float>)] = [
      (0.26, 0.13, 0.4, SIMD3(0.34, 0.26, 0.36)), (0.39, 0.09, 2.1, SIMD3(0.17, 0.16, 0.27)),
      (0.50, 0.06, 4.7, SIMD3(0.06, 0.09, 0.13)), (0.585, 0.02, 7.9, SIMD3(0.02, 0.05, 0.04)),
    ]
    var color = sky(u, v)
    for ridge in ridges {
      let line =
        ridge.height
        + ridge.rough
        * (sin(u * 5 + ridge.shift) * 0.5 + sin(u * 11 + ridge.shift * 3) * 0.28 + sin(u * 27 + ridge.shift * 5) * 0.12
          + sin(u * 71 + ridge.shift * 7) * 0.05)
      if v > line {
        let lit = max(0, cos(u * 11 + ridge.shift * 3)) * 0.5
        let mist = min(1, max(0, (v - line) * 5))
        color = ridge.color * (1 + lit) + SIMD3(0.30, 0.17, 0.10) * mist * ridge.rough * 3
      }
    }
    return color
  }

  private static func sky(_ u: Float, _ v: Float) -> SIMD3<Float> {
    let (dx, dy) = (u - 0.66, (v - 0.27) * 0.75)
    let distance = (dx * dx + dy * dy).squareRoot()
    let height = min(1, max(0, v / 0.55))
    let base = SIMD3<Float>(0.12, 0.24, 0.48) * (1 - height) + SIMD3<Float>(0.95, 0.50, 0.24) * height
    let glow = SIMD3<Float>(1.0, 0.62, 0.25) * exp(-distance * 6) * 0.8
    let cloud = max(0, sin(u * 9 + sin(v * 31) * 1.4 + v * 12) * sin(v * 43 + sin(u * 7) * 2) - 0.35) * 0.5
    return distance < 0.045 ? SIMD3(1, 0.92, 0.66) : base + glow + SIMD3(0.5, 0.28, 0.25) * cloud
  }

  private static func reeds(_ u: Float, _ v: Float) -> SIMD3<Float>? {
    let line = 0.93 - 0.08 * pow(abs(u - 0.45) * 1.8, 2) - 0.018 * abs(sin(u * 83)) - 0.03 * abs(sin(u * 31 + 1))
    return v > line ? SIMD3(0.015, 0.03, 0.012) + SIMD3(0.06, 0.05, 0.01) * max(0, sin(u * 240 + v * 60)) * 0.4 : nil
  }
}
