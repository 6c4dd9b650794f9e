import Foundation

#if canImport(CCrypto)
  import CCrypto
#else
  import CommonCrypto
#endif

/// What is kept of a password: scrypt (RFC 7914) by libcrypto, with a salt and its costs beside it.
///
/// 32 MiB and about a tenth of a second a guess (N = 2¹⁵, r = 8, p = 1). Where the system brings no scrypt, PBKDF2 with 600,000
/// rounds stands in; a hash names how it was made, and is read by that.
struct PasswordHash {
  private static let cost = (n: UInt64(1 << 15), r: UInt64(8), p: UInt64(1))
  private static let rounds = 600_000
  private static let length = 32

  /// What is kept of a password.
  static func make(_ password: String) -> String? {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    #if canImport(CCrypto)
      return scrypt(password, salt, n: cost.n, r: cost.r, p: cost.p).map {
        "$scrypt$\(cost.n)$\(cost.r)$\(cost.p)$\(text(salt))$\(text($0))"
      }
    #else
      return pbkdf2(password, salt, rounds: rounds).map { "$pbkdf2-sha256$\(rounds)$\(text(salt))$\(text($0))" }
    #endif
  }

  /// Whether a password is the one of which this was kept.
  static func matches(_ password: String, _ kept: String) -> Bool {
    let parts = kept.split(separator: "$").map(String.init)
    #if canImport(CCrypto)
      guard parts.count == 6, parts[0] == "scrypt", let n = UInt64(parts[1]), let r = UInt64(parts[2]),
        let p = UInt64(parts[3]), let salt = Data(base64Encoded: parts[4]),
        let made = scrypt(password, Array(salt), n: n, r: r, p: p)
      else { return false }
      return Secret.equal(text(made), parts[5])
    #else
      guard parts.count == 4, parts[0] == "pbkdf2-sha256", let rounds = Int(parts[1]),
        let salt = Data(base64Encoded: parts[2]), let made = pbkdf2(password, Array(salt), rounds: rounds)
      else { return false }
      return Secret.equal(text(made), parts[3])
    #endif
  }

  private static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  #if canImport(CCrypto)
    private static func scrypt(_ password: String, _ salt: [UInt8], n: UInt64, r: UInt64, p: UInt64) -> [UInt8]? {
      var key = [UInt8](repeating: 0, count: length)
      let bytes = Array(password.utf8)
      let isMade = bytes.withUnsafeBytes { given in
        EVP_PBE_scrypt(
          given.baseAddress?.assumingMemoryBound(to: CChar.self), given.count, salt, salt.count, n, r, p, 1 << 28, &key,
          key.count)
      }
      return isMade == 1 ? key : nil
    }
  #else
    private static func pbkdf2(_ password: String, _ salt: [UInt8], rounds: Int) -> [UInt8]? {
      var key = [UInt8](repeating: 0, count: length)
      let status = CCKeyDerivationPBKDF(
        CCPBKDFAlgorithm(kCCPBKDF2), password, password.utf8.count, salt, salt.count,
        CCPseudoRandomAlgorithm(kCCPRFHmacAlgSHA256), UInt32(rounds), &key, key.count)
      return status == kCCSuccess ? key : nil
    }
  #endif
}
