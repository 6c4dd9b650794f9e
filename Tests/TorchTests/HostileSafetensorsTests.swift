import Foundation
import Statistics
import TestSupport
import Testing
import Torch

enum Hostile {
  static func file(header: [UInt8], length: UInt64? = nil, data: [UInt8] = []) -> [UInt8] {
    let size = length ?? UInt64(header.count)
    return withUnsafeBytes(of: size.littleEndian, Array.init) + header + data
  }
  static func file(header: String, length: UInt64? = nil, data: [UInt8] = []) -> [UInt8] {
    file(header: Array(header.utf8), length: length, data: data)
  }
}

/// Bytes from strangers: each is refused with an error that names the file, and the tensor where
/// one is at fault.
@Suite struct HostileSafetensorsTests {
  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var tensor: String?
    var says: String

    init(_ name: String, _ header: String, data: Int = 8, tensor: String? = "w", says: String) {
      testDescription = name
      bytes = Hostile.file(header: header, data: [UInt8](repeating: 0, count: data))
      self.tensor = tensor
      self.says = says
    }
    init(_ name: String, bytes: [UInt8], tensor: String? = nil, says: String) {
      testDescription = name
      self.bytes = bytes
      self.tensor = tensor
      self.says = says
    }
  }

  static func one(
    dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]", more: String = ""
  ) -> String {
    "{\"w\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}\(more)}"
  }

  static let cases: [Case] = [
    Case("empty file", bytes: [], says: "is empty"),
    Case("seven bytes", bytes: [1, 2, 3, 4, 5, 6, 7], says: "truncated"),
    Case("length past the end", bytes: Hostile.file(header: "{}", length: 3), says: "truncated"),
    Case(
      "huge length", bytes: Hostile.file(header: "{}", length: .max), says: "more than the allowed"),
    Case(
      "length 2^63", bytes: Hostile.file(header: "{}", length: 1 << 63),
      says: "more than the allowed"),
    Case(
      "length just allowed", bytes: Hostile.file(header: "{}", length: 100_000_000),
      says: "truncated"),
    Case("no header", bytes: Hostile.file(header: ""), says: "expected an object"),
    Case("a list", "[]", tensor: nil, says: "expected an object"),
    Case("cut off", #"{"w":{"dtype":"F32""#, says: "expected"),
    Case("junk after", one() + "x", tensor: nil, says: "expected nothing"),
    Case("two headers", one() + one(), tensor: nil, says: "expected nothing"),
    Case("trailing comma", one(more: ","), tensor: nil, says: "expected a string"),
    Case(
      "nested", String(repeating: "{\"a\":", count: 100_000), tensor: "a", says: "unknown key 'a'"),
    Case(
      "lists in lists", one(shape: String(repeating: "[", count: 100_000)), says: "whole number"),
    Case("NaN", one(shape: "[NaN]"), says: "whole number"),
    Case("Infinity", one(offsets: "[0,Infinity]"), says: "whole number"),
    Case("negative", one(shape: "[-2]"), says: "whole number"),
    Case("fraction", one(shape: "[2.0]"), says: "expected ',' or ']'"),
    Case("exponent", one(shape: "[2e0]"), says: "expected ',' or ']'"),
    Case("leading zero", one(shape: "[02]"), says: "leading zeros"),
    Case("past 64 bits", one(shape: "[99999999999999999999]"), says: "below 2^63"),
    Case("2^63", one(shape: "[9223372036854775808]"), says: "below 2^63"),
    Case(
      "product overflows", one(shape: "[4294967296,4294967296]"), says: "larger than any memory"),
    Case(
      "empty and vast", one(shape: "[0,4294967296,4294967296]", offsets: "[0,0]"),
      says: "larger than any"),
    Case(
      "65 axes", one(shape: "[\(Array(repeating: "1", count: 65).joined(separator: ","))]"),
      says: "at most 64"),
    Case("wrong size", one(shape: "[3]"), says: "takes 12 bytes and its data_offsets span 8"),
    Case("wrong type for the size", one(dtype: "\"F64\""), says: "takes 16 bytes"),
    Case("unknown type", one(dtype: "\"F31\""), says: "'F31' are not supported"),
    Case("type is a number", one(dtype: "32"), says: "expected a string"),
    Case("backwards", one(offsets: "[8,0]"), says: "before it begins"),
    Case("one offset", one(offsets: "[8]"), says: "two data_offsets"),
    Case("three offsets", one(offsets: "[0,8,8]"), says: "at most 2"),
    Case("past the end", one(), data: 7, says: "ends at byte 8 of 7"),
    Case(
      "far past the end", one(offsets: "[9223372036854775799,9223372036854775807]"),
      says: "truncated or wrong"),
    Case("gap in front", one(offsets: "[4,12]"), data: 12, says: "after a gap from byte 0"),
    Case(
      "data left over", one(), data: 9, tensor: nil,
      says: "1 bytes of data that belong to no tensor"),
    Case(
      "overlap", one(more: #","v":{"dtype":"U8","shape":[8],"data_offsets":[4,12]}"#), data: 12,
      tensor: "v", says: "inside another tensor's"),
    Case(
      "same data twice", one(more: #","v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#),
      tensor: nil, says: "inside another tensor's"),
    Case("same name", one(more: "," + one().dropFirst().dropLast()), says: "appears twice"),
    Case(
      "same name, escaped",
      one(more: #","\u0077":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}"#),
      data: 16, says: "appears twice"),
    Case(
      "same key", #"{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      says: "'dtype' twice"),
    Case(
      "unknown key", #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#,
      says: "unknown key 'x'"),
    Case(
      "no shape", #"{"w":{"dtype":"F32","data_offsets":[0,8]}}"#, says: "needs a dtype, a shape"),
    Case("null", #"{"w":null}"#, says: "expected an object"),
    Case(
      "metadata of numbers", one(more: #","__metadata__":{"a":1}"#), tensor: nil,
      says: "expected a string"),
    Case(
      "metadata twice", one(more: #","__metadata__":{},"__metadata__":{}"#), tensor: nil,
      says: "two __metadata__"),
    Case(
      "metadata key twice", one(more: #","__metadata__":{"a":"","a":""}"#), tensor: nil,
      says: "'a' twice"),
    Case("lone surrogate", #"{"\ud800":{}}"#, tensor: nil, says: "surrogate"),
    Case("swapped surrogates", #"{"\udc00\ud800":{}}"#, tensor: nil, says: "Unicode scalar"),
    Case("bad escape", #"{"\x41":{}}"#, tensor: nil, says: "JSON's escapes"),
    Case("escape cut off", #"{"\u12"#, tensor: nil, says: "hexadecimal"),
    Case("raw control character", "{\"\n\":{}}", tensor: nil, says: "control character"),
    Case(
      "not UTF-8",
      bytes: Hostile.file(header: Array("{\"".utf8) + [0xFF, 0xFE] + Array("\":{}}".utf8)),
      says: "UTF-8"),
    Case(
      "overlong UTF-8",
      bytes: Hostile.file(header: Array("{\"".utf8) + [0xC0, 0xAF] + Array("\":{}}".utf8)),
      says: "UTF-8"),
    Case(
      "byte-order mark", bytes: Hostile.file(header: [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
      says: "expected an object"),
  ]

  @Test(arguments: cases)
  func isRefused(_ sample: Case) throws {
    let scratch = try TemporaryFolder()
    let url = try scratch.write(sample.bytes)
    #expect { try SafetensorsFile(url) } throws: { error in
      guard let error = error as? SafetensorsError else { return false }
      return error.file == url.path && "\(error)".contains(sample.says)
        && (error.tensor == sample.tensor || (sample.tensor == nil && error.tensor?.count == 1))
    }
  }

  @Test func boolsMustBeZeroOrOne() throws {
    let scratch = try TemporaryFolder()
    let header = #"{"w":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}"#
    let good = try scratch.write(Hostile.file(header: header, data: [1, 0, 1]), "good")
    #expect(try SafetensorsFile(good).tensor("w").array(of: Bool.self) == [true, false, true])
    let bad = try scratch.write(Hostile.file(header: header, data: [1, 2, 0]), "bad")
    #expect { try SafetensorsFile(bad).tensor("w") } throws: {
      "\($0)".contains("bools that are not 0 or 1")
    }
  }

  @Test func aNamedPipeDoesNotHang() throws {
    let scratch = try TemporaryFolder()
    let pipe = scratch.file("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect { try SafetensorsFile(pipe) } throws: { "\($0)".contains("is not a regular file") }
  }

  /// Every prefix of a good file but the whole is refused.
  @Test func everyTruncationIsRefused() throws {
    let scratch = try TemporaryFolder()
    let whole = try [UInt8](Data(contentsOf: fixture("bytes.safetensors")))
    for count in 0..<whole.count {
      let url = try scratch.write(Array(whole[..<count]))
      #expect(throws: SafetensorsError.self, "\(count) bytes") { try SafetensorsFile(url) }
    }
    #expect(try SafetensorsFile(scratch.write(whole)).names.count == 5)
  }

  /// Mutated files either throw or give tensors that lie inside the file, whatever was changed.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func mutationsNeverEscapeTheFile(_ seed: UInt64) throws {
    let scratch = try TemporaryFolder()
    let whole = try [UInt8](Data(contentsOf: fixture("types.safetensors")))
    let headerEnd = 8 + Int(whole[0]) + Int(whole[1]) << 8
    let words = [
      "0", "9", "-", "18446744073709551615", "[", "]", "{", "}", "\"", ",", ":", "\\u0000", "NaN",
      "F64", "BOOL",
    ]
    var random = SeededGenerator(seed: seed)
    var refused = 0
    for _ in 0..<500 {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let place = Int.random(in: 8..<headerEnd, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2:
          // Keeps the declared length right, so that the scanner sees the change and not the length
          // check.
          let word = Array((words.randomElement(using: &random) ?? "0").utf8)
          bytes.replaceSubrange(
            place..<min(place + word.count, headerEnd), with: word.prefix(headerEnd - place))
        case 3:
          bytes[Int.random(in: 0..<8, using: &random)] = UInt8.random(in: 0...255, using: &random)
        default: bytes.removeLast(Int.random(in: 0..<bytes.count - headerEnd, using: &random))
        }
        if bytes.count < headerEnd { break }
      }
      let url = try scratch.write(bytes)
      do {
        let file = try SafetensorsFile(url)
        for name in file.names {
          guard let entry = file.entry(name) else { continue }
          #expect(entry.byteCount <= bytes.count - 8)
          // Reads every byte that the header promises.
          if let tensor = try? file.tensor(name) {
            #expect(tensor.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } } >= 0)
          }
        }
      } catch {
        #expect(error is SafetensorsError)
        refused += 1
      }
    }
    #expect(refused > 100 && refused < 500)
  }
}
