import Documents
import Foundation
import TestSupport
import Testing

/// The examples of FIPS 180-4 and of NIST's test vectors.
@Suite("SHA-256")
struct SHA256DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func examples(text: String, digest: String) throws {
    #expect(SHA256Digest(of: Data(text.utf8)).hexadecimal == digest)
    let folder = try TemporaryFolder()
    #expect(try SHA256Digest(ofFile: folder.write("text", text)).hexadecimal == digest)
  }

  @Test("a million letters, over many reads of a file")
  func long() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("letters", String(repeating: "a", count: 1_000_000))
    #expect(
      try SHA256Digest(ofFile: path).hexadecimal == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("a file that isn't there is an error with its name")
  func missing() {
    let error = #expect(throws: DataError.self) { try SHA256Digest(ofFile: "/no/such/file") }
    #expect(error?.kind == .noInput && error?.path == "/no/such/file")
  }
}
