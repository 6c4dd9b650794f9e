import Arcade
import CArcade
import Documents
import Foundation

/// `arcade_abi`.
@c @implementation
public func arcade_abi() -> Int32 { ARCADE_ABI }

/// `arcade_free`.
@c @implementation
public func arcade_free(_ memory: UnsafeMutableRawPointer?) { free(memory) }

/// `arcade_description`.
@c @implementation
public func arcade_description() -> UnsafeMutablePointer<CChar>? {
  func sides(_ side: Int) -> JSONValue { [.int(side), .int(side), 3] }
  func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
  let games = Game.allCases.map { game -> JSONValue in
    let modes = game.modes.map { mode -> JSONValue in
      let scores = game.normalization(mode)
      return [
        "name": .string(mode.rawValue), "time_limit": .int(game.timeLimit(mode)), "low": number(scores?.low),
        "high": number(scores?.high),
      ]
    }
    return ["name": .string(game.rawValue), "summary": .string(game.summary), "modes": .array(modes)]
  }
  let actions = GameAction.allCases.map { JSONValue.array($0.keys.map { .string($0) }) }
  let document: JSONValue = [
    "abi": .int(Int(ARCADE_ABI)), "observation": sides(Environment.observationSize),
    "picture": sides(Environment.pictureSize), "actions": .array(actions), "games": .array(games),
  ]
  return copied(document.serialized())
}
