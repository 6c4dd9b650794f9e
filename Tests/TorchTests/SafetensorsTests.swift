import Documents
import Foundation
import TestSupport
import Testing
import Torch

@Suite struct SafetensorsTests {
  @Test func readsEveryTypeThatPythonWrote() throws {
    let file = try SafetensorsFile(fixture("types.safetensors"))
    #expect(file.metadata["format"] == "pt")
    #expect(file.names.count == 13)
    for dtype in DType.allCases {
      let tensor = try file.tensor(dtype.name)
      #expect(tensor.dtype == dtype && tensor.shape == [2, 3])
      let expected: [Double] = dtype == .bool ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 5]
      #expect(tensor.array(of: Double.self) == expected, "\(dtype)")
    }
    #expect(try file.tensor("scalar").item() == 2.5)
    #expect(try file.tensor("empty").shape == [0, 4])
    #expect(try file.tensor("a \"quoted\" \\ name\né😀").array() == [1, -2] as [Float])
    #expect(file.entry("float64") == .init(dtype: .float64, shape: [2, 3], byteCount: 48))
    #expect(file.entry("nothing") == nil)
  }

  @Test func writesTheBytesThatPythonWrites() throws {
    let golden = try fixture("bytes.safetensors")
    let file = try SafetensorsFile(golden)
    let scratch = try TemporaryFolder()
    // Given in another order and partly strided: order of width, then as given.
    let a = try file.tensor("a")
    let strided = Tensor.stacked([a, a * 2], axis: 1)[0..., 0]
    #expect(!strided.isContiguous)
    try Safetensors.write(
      [
        ("half", file.tensor("half")), ("mask", file.tensor("mask")), ("a", strided),
        ("b", file.tensor("b")), ("long", file.tensor("long")),
      ], to: scratch.file("ours.safetensors"))
    #expect(try Data(contentsOf: scratch.file("ours.safetensors")) == Data(contentsOf: golden))
    #expect(scratch.contents == ["ours.safetensors"])
  }

  @Test func namesAndMetadataSurviveTheRoundTrip() throws {
    let scratch = try TemporaryFolder()
    let names = [
      "", "a/b", "\"\\\u{0}\u{1f}\n\t", "é\u{301}😀", String(repeating: "x", count: 5000),
    ]
    let metadata = ["format": "pt", "note": "tab\there \"quoted\"\u{7f}", "": "empty key"]
    try Safetensors.write(
      names.enumerated().map { ($1, Tensor(Double($0))) }, metadata: metadata,
      to: scratch.file("m.safetensors"))
    let file = try SafetensorsFile(scratch.file("m.safetensors"))
    #expect(file.names == names)
    #expect(file.metadata == metadata)
    for (i, name) in names.enumerated() { #expect(try file.tensor(name).item() == Double(i)) }
  }

  @Test func tensorsBorrowTheMappingAndOutliveTheFile() throws {
    let scratch = try TemporaryFolder()
    let url = scratch.file("m.safetensors")
    try Safetensors.write([("w", Tensor([1, 2, 3, 4] as [Float]))], to: url)
    var file: SafetensorsFile? = try SafetensorsFile(url)
    let first = try #require(try file?.tensor("w"))
    let second = try #require(try file?.tensor("w"))
    file = nil
    try FileManager.default.removeItem(at: url)
    // The same page of the mapping, not two copies.
    #expect(first.withUnsafeBytes { $0.baseAddress } == second.withUnsafeBytes { $0.baseAddress })
    first.fillInPlace(7)
    #expect(second.array() == [7, 7, 7, 7] as [Float])
  }

  @Test func writingInPlaceNeverReachesTheFile() throws {
    let scratch = try TemporaryFolder()
    let url = scratch.file("m.safetensors")
    try Safetensors.write([("w", Tensor([1, 2, 3, 4] as [Float]))], to: url)
    let before = try Data(contentsOf: url)
    try SafetensorsFile(url).tensor("w").fillInPlace(9)
    #expect(try Data(contentsOf: url) == before)
    #expect(try SafetensorsFile(url).tensor("w").array() == [1, 2, 3, 4] as [Float])
  }

  @Test func misalignedDataIsCopied() throws {
    // A header of 63 bytes puts the floats at an odd address.
    let scratch = try TemporaryFolder()
    var header = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    while header.utf8.count % 8 != 7 { header += " " }
    let data = [Float(1.5), -2].withUnsafeBytes(Array.init)
    let url = try scratch.write(Hostile.file(header: header, data: data))
    let tensor = try SafetensorsFile(url).tensor("w")
    #expect(tensor.array() == [1.5, -2] as [Float])
    #expect(tensor.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % 4 } == 0)
  }

  @Test func aReplacementThatFailsLeavesTheOldFile() throws {
    let scratch = try TemporaryFolder()
    let url = scratch.file("m.safetensors")
    try Safetensors.write([("w", Tensor(1))], to: url)
    let before = try Data(contentsOf: url)
    #expect(throws: SafetensorsError.self) {
      try Safetensors.write([("w", Tensor(2)), ("w", Tensor(3))], to: url)
    }
    #expect(throws: SafetensorsError.self) {
      try Safetensors.write([("__metadata__", Tensor(2))], to: url)
    }
    // Dropped half-way, as by an error between two tensors.
    do {
      let file = try FileReplacement(url)
      try [UInt8](repeating: 1, count: 100).withUnsafeBytes { try file.append($0) }
    }
    #expect(try Data(contentsOf: url) == before)
    #expect(scratch.contents == ["m.safetensors"])
    #expect {
      try Safetensors.write([("w", Tensor(2))], to: scratch.file("no/such/folder/m.safetensors"))
    } throws: {
      "\($0)".contains("no/such/folder/m.safetensors") && "\($0)".contains("no such file")
    }
  }
}

@Suite struct SafetensorsFolderTests {
  func model(_ n: Int) -> [(String, Tensor)] {
    (0..<n).map { ("layer.\($0)", Tensor((0..<25).map { Float($0) }) + Double($0)) }
  }

  @Test func shardsHaveAnIndexAndReadAsOne() throws {
    let scratch = try TemporaryFolder()
    try Safetensors.write(model(5), toFolder: scratch.url, shardBytes: 200)
    #expect(
      scratch.contents == [
        "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
        "model-00003-of-00003.safetensors", "model.safetensors.index.json",
      ])
    let saved = try Safetensors(scratch.url)
    #expect(saved.names == (0..<5).map { "layer.\($0)" })
    for (name, tensor) in model(5) { #expect(try saved.tensor(name).array() == tensor.array()) }
    let index = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: scratch.file("model.safetensors.index.json"))) as? [String: Any])
    #expect((index["metadata"] as? [String: Int]) == ["total_size": 500])
    #expect(
      (index["weight_map"] as? [String: String])?["layer.4"] == "model-00003-of-00003.safetensors")
  }

  @Test func aTensorLargerThanAShardGetsItsOwn() throws {
    let scratch = try TemporaryFolder()
    try Safetensors.write(model(3), toFolder: scratch.url, shardBytes: 10)
    #expect(try Safetensors(scratch.url).names.count == 3)
    #expect(scratch.contents.count == 4)
  }

  @Test func anotherDivisionRemovesTheOldShards() throws {
    let scratch = try TemporaryFolder()
    try Data("kept".utf8).write(to: scratch.file("config.json"))
    try Safetensors.write(model(5), toFolder: scratch.url, shardBytes: 100)
    try Safetensors.write(model(4), toFolder: scratch.url, shardBytes: 200)
    #expect(scratch.contents.filter { $0.hasPrefix("model-") }.count == 2)
    try Safetensors.write(model(2), toFolder: scratch.url)
    #expect(scratch.contents == ["config.json", "model.safetensors"])
    #expect(try Safetensors(scratch.url).names == ["layer.0", "layer.1"])
  }

  @Test func missingAndMisplacedShardsAreNamed() throws {
    let scratch = try TemporaryFolder()
    try Safetensors.write(model(5), toFolder: scratch.url, shardBytes: 200)
    let second = scratch.file("model-00002-of-00003.safetensors")
    let bytes = try Data(contentsOf: second)
    try FileManager.default.removeItem(at: second)
    #expect { try Safetensors(scratch.url) } throws: {
      "\($0)".contains("lacks 1 of 3 shards: model-00002-of-00003.safetensors")
    }
    // Another shard under its name.
    try FileManager.default.copyItem(
      at: scratch.file("model-00001-of-00003.safetensors"), to: second)
    #expect { try Safetensors(scratch.url) } throws: {
      "\($0)".contains("00002-of-00003") && "\($0)".contains("layer.0")
        && "\($0)".contains("the index puts it into model-00001")
    }
    try bytes.dropLast().write(to: second)
    #expect { try Safetensors(scratch.url) } throws: {
      "\($0)".contains("model-00002-of-00003.safetensors: tensor 'layer.3'")
    }
  }

  @Test(arguments: [
    #"{"weight_map":{"a":"../../etc/passwd"}}"#, #"{"weight_map":{"a":""}}"#,
    #"{"weight_map":[1]}"#,
    #"{"weight_map":{"a":"..""#, "", "[]", #"{"weight_map":{"a":"/etc/passwd"}}"#,
  ])
  func aHostileIndexIsRefused(_ index: String) throws {
    let scratch = try TemporaryFolder()
    try Data(index.utf8).write(to: scratch.file("model.safetensors.index.json"))
    #expect { try Safetensors(scratch.url) } throws: {
      ($0 as? SafetensorsError)?.file.hasSuffix("model.safetensors.index.json") == true
    }
  }

  @Test(arguments: ["pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "consolidated.00.pth"])
  func picklesAreRefusedWithTheWayOut(_ name: String) throws {
    let scratch = try TemporaryFolder()
    try scratch.write(name, "x")
    try scratch.write("config.json", "{}")
    #expect { try Safetensors(scratch.url) } throws: {
      let said = "\($0)"
      return said.contains("\(name) is a pickle") && said.contains("save_pretrained")
    }
    try scratch.write("model.safetensors", "x")
    // With both there the pickle isn't looked at.
    #expect { try Safetensors(scratch.url) } throws: { !"\($0)".contains("pickle") }
  }

  @Test func aFolderWithoutAModelSaysSo() throws {
    let scratch = try TemporaryFolder()
    #expect { try Safetensors(scratch.url) } throws: {
      "\($0)".contains("has neither model.safetensors nor model.safetensors.index.json")
    }
    #expect { try Safetensors(scratch.file("gone")) } throws: {
      "\($0)".contains("gone: does not exist")
    }
    #expect { try SafetensorsFile(scratch.url) } throws: {
      "\($0)".contains("is not a regular file")
    }
  }
}
