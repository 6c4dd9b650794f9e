import Arcade
import CArcade
import Foundation

/// Objects that C holds by a pointer.
enum Handle {
  /// Hands an object over to C.
  static func give(_ object: AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }

  /// The object that C names, which C goes on holding.
  static func object<Object: AnyObject>(_ pointer: OpaquePointer?, _ type: Object.Type = Object.self) -> Object {
    guard let pointer else { preconditionFailure("apprentice_arcade: a handle is NULL") }
    return Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// Takes an object back from C, which no longer holds it.
  static func end<Object: AnyObject>(_ pointer: OpaquePointer?, _ type: Object.Type) {
    guard let pointer else { return }
    Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).release()
  }
}

/// Does what can fail for a function of the interface: nil, or the error's message in memory that the caller gives back.
func message(_ body: () throws -> Void) -> UnsafeMutablePointer<CChar>? {
  do {
    try body()
    return nil
  } catch { return copied("\(error)") }
}

/// Makes what a description asks for and gives its handle.
func creation(
  _ how: UnsafePointer<arcade_configuration>?, _ made: UnsafeMutablePointer<OpaquePointer?>?,
  _ make: (Configuration) throws -> AnyObject
) -> UnsafeMutablePointer<CChar>? {
  message {
    let how = try Configuration(how)
    guard let made else { throw InterfaceError("There is no place for the handle: its address is NULL.") }
    made.pointee = Handle.give(try make(how))
  }
}

/// A text in memory that the caller gives back with `arcade_free`.
func copied(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

/// What the interface refuses before the arcade sees it.
struct InterfaceError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// `count` values from an address in C.
func values<Value>(
  _ pointer: UnsafePointer<Value>?, _ count: Int64, _ what: String
) throws -> UnsafeBufferPointer<Value> {
  guard count >= 0, count <= 1 << 32 else { throw InterfaceError("There can't be \(count) \(what).") }
  guard pointer != nil || count == 0 else {
    throw InterfaceError("There are \(count) \(what), and their address is NULL.")
  }
  return UnsafeBufferPointer(start: pointer, count: Int(count))
}

extension VectorEnvironment {
  /// An index that C gave.
  func place(_ index: Int64) throws -> Int {
    guard (0..<Int64(count)).contains(index) else {
      throw InterfaceError("There is no environment \(index); there are 0 to \(count - 1).")
    }
    return Int(index)
  }
}

extension StepBuffers {
  /// The addresses, as C has them.
  var addresses: arcade_results {
    func bytes(_ flags: UnsafeMutableBufferPointer<Bool>) -> UnsafeMutablePointer<UInt8>? {
      UnsafeMutableRawPointer(flags.baseAddress)?.assumingMemoryBound(to: UInt8.self)
    }
    return arcade_results(
      count: Int64(count), observations: observations.baseAddress,
      final_observations: finalObservations.isEmpty ? nil : finalObservations.baseAddress,
      rewards: rewards.baseAddress, terminated: bytes(terminated), truncated: bytes(truncated),
      environments: environments.baseAddress, levels: levels.baseAddress,
      previous_levels: previousLevels.baseAddress, previous_complete: bytes(previousIsComplete),
      elapsed: elapsed.baseAddress)
  }
}
