public import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CCrypto
#endif

/// The SHA-256 of some bytes (FIPS 180-4), by the system's own library: a fingerprint of a file, a check of a download, or
/// what is kept of a key.
///
/// ```swift
/// SHA256Digest(of: Data("abc".utf8)).hexadecimal   // "ba7816bf…"
/// ```
public struct SHA256Digest: Sendable, Hashable {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Computes the digest of bytes in memory.
  public init(of data: some DataProtocol) {
    let hasher = SHA256Hasher()
    for region in data.regions { region.withUnsafeBytes { hasher.update($0) } }
    bytes = hasher.finish()
  }

  /// Computes the digest of a file, a mebibyte at a time.
  ///
  /// - Throws: ``DataError`` where the file can't be read.
  public init(ofFile path: String) throws(DataError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DataError(errno: errno, path: path, action: "open the file") }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let hasher = SHA256Hasher()
    do {
      while let data = try file.read(upToCount: 1 << 20), !data.isEmpty {
        data.withUnsafeBytes { hasher.update($0) }
      }
    } catch { throw DataError(.inputOutput, path: path, problem: "can't read the file: \(error.localizedDescription)") }
    bytes = hasher.finish()
  }

  /// The code by which who shares a key knows that bytes come from whom they say: HMAC-SHA-256 (RFC 2104).
  public init(authenticating data: Data, key: Data) {
    let block = 64
    var padded = key.count > block ? SHA256Digest(of: key).bytes : Array(key)
    padded += [UInt8](repeating: 0, count: block - padded.count)
    let inner = SHA256Digest(of: Data(padded.map { $0 ^ 0x36 }) + data)
    self = SHA256Digest(of: Data(padded.map { $0 ^ 0x5C }) + Data(inner.bytes))
  }

  /// The bytes as 64 lower-case digits.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

#if canImport(CryptoKit)
  private final class SHA256Hasher {
    private var hasher = SHA256()
    func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }
    func finish() -> [UInt8] { Array(hasher.finalize()) }
  }
#else
  private final class SHA256Hasher {
    private let context = EVP_MD_CTX_new()

    init() {
      guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
        preconditionFailure("this machine's libcrypto refuses SHA-256")
      }
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    func finish() -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: 32)
      EVP_DigestFinal_ex(context, &digest, nil)
      return digest
    }
  }
#endif
