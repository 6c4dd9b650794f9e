import Foundation

/// A socket that listens on a free port of this machine and hands each connection to whoever serves it, one after the other.
package final class LoopbackListener: Sendable {
  /// The port; 0 where none was to be had.
  package let port: Int
  private let socket: Int32

  /// Begins to listen.
  ///
  /// - Parameter serve: gets each connection, and closes it.
  package init(waiting: Int32 = 16, serve: @escaping @Sendable (Int32) -> Void) {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    socket = Foundation.socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = socket
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        guard bind(listener, $0, size) == 0, listen(listener, waiting) == 0, getsockname(listener, $0, &size) == 0
        else {
          return 0
        }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        serve(connection)
      }
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }
}
