import Arcade
public import CArcade

/// `arcade_pool_create`.
@c @implementation
public func arcade_pool_create(
  _ how: UnsafePointer<arcade_configuration>?, _ made: UnsafeMutablePointer<OpaquePointer?>?
) -> UnsafeMutablePointer<CChar>? {
  creation(how, made) {
    try EnvironmentPool(
      $0.game, $0.options, count: $0.count, batch: $0.batch, seed: $0.seed, threads: $0.threads,
      autoreset: $0.autoreset, keepsFinalObservations: $0.keepsFinalObservations)
  }
}

/// `arcade_pool_destroy`.
@c @implementation
public func arcade_pool_destroy(_ pool: OpaquePointer?) { Handle.end(pool, EnvironmentPool.self) }

/// `arcade_pool_reset`.
@c @implementation
public func arcade_pool_reset(
  _ pool: OpaquePointer?, _ indices: UnsafePointer<Int32>?, _ count: Int64
) -> UnsafeMutablePointer<CChar>? {
  message {
    let pool = Handle.object(pool, EnvironmentPool.self)
    guard indices != nil else { return pool.reset() }
    try pool.reset(Array(try values(indices, count, "indices")))
  }
}

/// `arcade_pool_send`.
@c @implementation
public func arcade_pool_send(
  _ pool: OpaquePointer?, _ actions: UnsafePointer<Int32>?, _ indices: UnsafePointer<Int32>?, _ count: Int64
) -> UnsafeMutablePointer<CChar>? {
  message {
    try Handle.object(pool, EnvironmentPool.self).send(
      Array(try values(actions, count, "actions")), to: Array(try values(indices, count, "indices")))
  }
}

/// `arcade_pool_receive`.
@c @implementation
public func arcade_pool_receive(
  _ pool: OpaquePointer?, _ batch: UnsafeMutablePointer<arcade_results>?
) -> UnsafeMutablePointer<CChar>? {
  message { batch?.pointee = try Handle.object(pool, EnvironmentPool.self).receive().addresses }
}
