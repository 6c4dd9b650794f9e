// The functions that a page calls. Only the build for WebAssembly has them (Scripts/build-wasm).

#if arch(wasm32)
  // All that a page's module holds: one model, the bytes that come in and the piece of text that goes out.
  private nonisolated(unsafe) var bot: SequenceChatbot?
  private nonisolated(unsafe) var incoming = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private nonisolated(unsafe) var piece = UnsafeMutablePointer<UInt8>.allocate(capacity: 1024)

  /// Makes room for so many bytes from the page, and forgets what was there.
  @_expose(wasm, "reserve") @_cdecl("reserve")
  public func reserve(_ count: Int32) -> UnsafeMutableRawPointer? {
    if incoming.count < Int(count) || incoming.count > 1 << 16 {
      incoming.deallocate()
      incoming = .allocate(byteCount: Int(count), alignment: 16)
    }
    return incoming.baseAddress
  }

  /// Opens the model whose bytes came in; 0, or the number of a `ModelProblem`.
  @_expose(wasm, "open_model") @_cdecl("open_model")
  public func openModel(_ count: Int32) -> Int32 {
    bot = nil
    do throws(ModelProblem) {
      bot = try SequenceChatbot(UnsafeRawBufferPointer(rebasing: incoming[0..<Int(count)]))
      _ = reserve(0)
      return 0
    } catch { return error.rawValue }
  }

  /// Reads the question whose bytes came in.
  @_expose(wasm, "ask") @_cdecl("ask")
  public func ask(_ count: Int32, _ temperature: Float, _ seed: Int64) {
    bot?.ask(Array(incoming[0..<Int(count)]), temperature: temperature, seed: UInt64(bitPattern: seed))
  }

  /// Writes the next piece of the answer; the number of its bytes, or −1 at the end.
  @_expose(wasm, "next_piece") @_cdecl("next_piece")
  public func nextPiece() -> Int32 {
    guard let bytes = bot?.next() else { return -1 }
    let count = min(bytes.count, 1024)
    for place in 0..<count { piece[place] = bytes[place] }
    return Int32(count)
  }

  /// The address of the piece.
  @_expose(wasm, "piece_start") @_cdecl("piece_start")
  public func pieceStart() -> UnsafeMutablePointer<UInt8> { piece }
#endif
