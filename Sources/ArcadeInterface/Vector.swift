import Arcade
public import CArcade
import Foundation

/// `arcade_vector_create`.
@c @implementation
public func arcade_vector_create(
  _ how: UnsafePointer<arcade_configuration>?, _ made: UnsafeMutablePointer<OpaquePointer?>?
) -> UnsafeMutablePointer<CChar>? {
  creation(how, made) {
    try VectorEnvironment(
      $0.game, $0.options, count: $0.count, seed: $0.seed, threads: $0.threads, autoreset: $0.autoreset,
      keepsFinalObservations: $0.keepsFinalObservations)
  }
}

/// `arcade_vector_destroy`.
@c @implementation
public func arcade_vector_destroy(_ vector: OpaquePointer?) { Handle.end(vector, VectorEnvironment.self) }

/// `arcade_vector_results`.
@c @implementation
public func arcade_vector_results(_ vector: OpaquePointer?) -> arcade_results {
  Handle.object(vector, VectorEnvironment.self).results.addresses
}

/// `arcade_vector_step`.
@c @implementation
public func arcade_vector_step(
  _ vector: OpaquePointer?, _ actions: UnsafePointer<Int32>?, _ count: Int64
) -> UnsafeMutablePointer<CChar>? {
  message { try Handle.object(vector, VectorEnvironment.self).step(try values(actions, count, "actions")) }
}

/// `arcade_vector_reset`.
@c @implementation
public func arcade_vector_reset(
  _ vector: OpaquePointer?, _ flags: UnsafePointer<UInt8>?, _ count: Int64
) -> UnsafeMutablePointer<CChar>? {
  message {
    let vector = Handle.object(vector, VectorEnvironment.self)
    guard flags != nil else { return vector.reset() }
    try vector.reset(where: try values(flags, count, "flags").map { $0 != 0 })
  }
}

/// `arcade_vector_reset_seed`.
@c @implementation
public func arcade_vector_reset_seed(_ vector: OpaquePointer?, _ seed: UInt64) -> UnsafeMutablePointer<CChar>? {
  message { Handle.object(vector, VectorEnvironment.self).reset(seed: seed) }
}

/// `arcade_vector_reset_seeds`.
@c @implementation
public func arcade_vector_reset_seeds(
  _ vector: OpaquePointer?, _ seeds: UnsafePointer<UInt64>?, _ count: Int64
) -> UnsafeMutablePointer<CChar>? {
  message { try Handle.object(vector, VectorEnvironment.self).reset(seeds: Array(try values(seeds, count, "seeds"))) }
}

/// `arcade_vector_begin_level`.
@c @implementation
public func arcade_vector_begin_level(
  _ vector: OpaquePointer?, _ index: Int64, _ level: Int32
) -> UnsafeMutablePointer<CChar>? {
  message {
    let vector = Handle.object(vector, VectorEnvironment.self)
    guard level >= 0 else { throw InterfaceError("There is no level \(level); levels have seeds from 0 on.") }
    vector.begin(level: level, at: try vector.place(index))
  }
}

/// `arcade_vector_save`.
@c @implementation
public func arcade_vector_save(
  _ vector: OpaquePointer?, _ index: Int64, _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
  _ count: UnsafeMutablePointer<Int64>?
) -> UnsafeMutablePointer<CChar>? {
  message {
    let vector = Handle.object(vector, VectorEnvironment.self)
    let state = vector.state(of: try vector.place(index))
    guard let memory = malloc(max(1, state.count)) else { throw InterfaceError("There is no memory for a state.") }
    memory.copyMemory(from: state, byteCount: state.count)
    bytes?.pointee = memory.assumingMemoryBound(to: UInt8.self)
    count?.pointee = Int64(state.count)
  }
}

/// `arcade_vector_restore`.
@c @implementation
public func arcade_vector_restore(
  _ vector: OpaquePointer?, _ index: Int64, _ bytes: UnsafePointer<UInt8>?, _ count: Int64
) -> UnsafeMutablePointer<CChar>? {
  message {
    let vector = Handle.object(vector, VectorEnvironment.self)
    try vector.restore(Array(try values(bytes, count, "bytes")), at: try vector.place(index))
  }
}

/// `arcade_vector_render`.
@c @implementation
public func arcade_vector_render(
  _ vector: OpaquePointer?, _ index: Int64, _ pixels: UnsafeMutablePointer<UInt8>?
) -> UnsafeMutablePointer<CChar>? {
  message {
    let vector = Handle.object(vector, VectorEnvironment.self)
    guard let pixels else { throw InterfaceError("The address of the pixels is NULL.") }
    vector.drawLargePicture(of: try vector.place(index), to: pixels)
  }
}
