public import Documents
public import Foundation

/// WAV files (RIFF and RF64): whole numbers of 8, 16, 24 and 32 bits, floats of 32 and 64, A-law and µ-law, any number of channels.
///
/// A file that was cut off, or whose lengths are those of a stream that didn't know its own (0 or −1), is read as far as it goes. What
/// can't be read says why: compressed formats are named, and samples that are no numbers are refused with their place.
public enum WAVFile {
  /// Reads a file.
  ///
  /// - Throws: `DataError` that names what is wrong with the file and what to do.
  public static func read(_ path: String) throws(DataError) -> Sound {
    try WAVReader(try FileContents.data(of: path), path: path).sound()
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter path: what errors call them.
  public static func read(_ data: Data, path: String) throws(DataError) -> Sound {
    try WAVReader(data, path: path).sound()
  }

  /// The file of a sound, in whole numbers of 16 bits; amplitudes beyond ±1 are cut.
  public static func data(of sound: Sound) -> Data {
    let channels = sound.channels.count
    let size = sound.count * channels * 2
    var data = Data()
    data.reserveCapacity(size + 44)
    data.append(contentsOf: "RIFF".utf8)
    data.append(little: UInt32(clamping: size + 36))
    data.append(contentsOf: "WAVEfmt ".utf8)
    data.append(little: UInt32(16))
    data.append(little: UInt16(1))
    data.append(little: UInt16(channels))
    data.append(little: UInt32(sound.rate))
    data.append(little: UInt32(sound.rate * channels * 2))
    data.append(little: UInt16(channels * 2))
    data.append(little: UInt16(16))
    data.append(contentsOf: "data".utf8)
    data.append(little: UInt32(clamping: size))
    for i in 0..<sound.count {
      for channel in sound.channels {
        let value = (channel[i] * 32_768).rounded()
        data.append(little: UInt16(bitPattern: value.isFinite ? Int16(max(-32_768, min(32_767, value))) : 0))
      }
    }
    return data
  }

  /// Writes the file under its name, complete or not at all.
  ///
  /// - Throws: `DataError` where the folder is missing or the disk is full.
  public static func write(_ sound: Sound, to path: String) throws(DataError) {
    try DurableFile.write(data(of: sound), to: path)
  }

  /// Whether bytes begin as a WAV file does.
  static func isOne(_ data: Data) -> Bool {
    ["RIFF", "RF64", "RIFX"].contains(String(decoding: data.prefix(4), as: UTF8.self))
  }
}

/// A file's chunks, read in their order.
private struct WAVReader {
  private let bytes: [UInt8]
  private let path: String

  init(_ data: Data, path: String) {
    bytes = [UInt8](data)
    self.path = path
  }

  private func bad(_ problem: String, _ advice: String? = nil) -> DataError {
    DataError(.badData, path: path, problem: problem, advice: advice)
  }

  private func number(_ place: Int, _ size: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  private func name(_ place: Int) -> String { String(decoding: bytes[place..<place + 4], as: UTF8.self) }

  func sound() throws(DataError) -> Sound {
    guard !bytes.isEmpty else { throw bad("the file is empty") }
    guard bytes.count >= 12, WAVFile.isOne(Data(bytes.prefix(4))), name(8) == "WAVE" else {
      throw bad(
        "this is no WAV file: it doesn't begin with RIFF … WAVE", "Convert it, as by ffmpeg -i FILE speech.wav.")
    }
    guard name(0) != "RIFX" else {
      throw bad("numbers are stored from their large end on (RIFX)", "Convert it, as by sox FILE speech.wav.")
    }
    var format: Format?
    var place = 12
    while place + 8 <= bytes.count {
      let (name, size, start) = (name(place), number(place + 4, 4), place + 8)
      if name == "fmt " {
        format = try readFormat(start, min(size, bytes.count - start))
      } else if name == "data" {
        guard let format else { throw bad("the samples come before their format (no fmt chunk)") }
        // Streams that couldn't go back to note their length have 0 or the largest number there.
        let isUnknown = size == 0 || size >= 0xFFFF_FFFF - 8
        let end = isUnknown ? bytes.count : min(bytes.count, start + size)
        return try samples(format, start..<end)
      }
      place = start + size + size % 2
    }
    throw bad(
      format == nil
        ? "the header ends before the format of the samples (no fmt chunk)" : "there are no samples (no data chunk)",
      "The file was cut off or is broken: record or copy it again.")
  }

  private struct Format {
    var kind: Int
    var channels: Int
    var rate: Int
    var bits: Int
  }

  private func readFormat(_ place: Int, _ size: Int) throws(DataError) -> Format {
    guard size >= 16 else { throw bad("the format has \(size) bytes where 16 are needed") }
    var format = Format(
      kind: number(place, 2), channels: number(place + 2, 2), rate: number(place + 4, 4), bits: number(place + 14, 2))
    // The extensible form has the kind in the first two bytes of a longer name.
    if format.kind == 0xFFFE, size >= 26 { format.kind = number(place + 24, 2) }
    guard format.channels > 0 else { throw bad("the header says 0 channels") }
    guard (1...1_536_000).contains(format.rate) else { throw bad("the header says \(format.rate) samples a second") }
    let known: [Int: Set<Int>] = [1: [8, 16, 24, 32], 3: [32, 64], 6: [8], 7: [8]]
    guard let sizes = known[format.kind] else {
      throw bad(
        "the samples are compressed (format \(format.kind))",
        "Convert it, as by ffmpeg -i FILE -c:a pcm_s16le speech.wav.")
    }
    guard sizes.contains(format.bits) else {
      throw bad("samples of \(format.bits) bits are not read in format \(format.kind)")
    }
    return format
  }

  private func samples(_ format: Format, _ range: Range<Int>) throws(DataError) -> Sound {
    let size = format.bits / 8
    // A last frame that was cut off isn't there.
    let count = range.count / (size * format.channels)
    let isFloat = format.kind == 3
    var broken: Int?
    let channels = (0..<format.channels).map { channel in
      [Float](unsafeUninitializedCapacity: count) { samples, filled in
        for i in 0..<count {
          let place = range.lowerBound + (i * format.channels + channel) * size
          samples[i] = value(format, place)
          if isFloat, !samples[i].isFinite { broken = min(broken ?? i, i) }
        }
        filled = count
      }
    }
    if let broken {
      throw bad(
        "sample \(broken + 1) is not a number",
        "Whatever wrote the file computed something that can't be: write it again.")
    }
    return Sound(rate: format.rate, channels: channels)
  }

  private func value(_ format: Format, _ place: Int) -> Float {
    switch (format.kind, format.bits) {
    case (1, 8): return (Float(bytes[place]) - 128) / 128
    case (1, 16): return Float(Int16(truncatingIfNeeded: number(place, 2))) / 32_768
    case (1, 24): return Float(Int32(truncatingIfNeeded: number(place, 3) << 8)) / 2_147_483_648
    case (1, _): return Float(Int32(truncatingIfNeeded: number(place, 4))) / 2_147_483_648
    case (3, 32): return Float(bitPattern: UInt32(number(place, 4)))
    case (3, _): return Float(Double(bitPattern: UInt64(bitPattern: Int64(number(place, 8)))))
    case (6, _): return Self.aLaw(bytes[place])
    default: return Self.muLaw(bytes[place])
    }
  }

  /// The value of eight bits in A-law (ITU-T G.711).
  private static func aLaw(_ byte: UInt8) -> Float {
    let code = Int(byte ^ 0x55)
    let (exponent, mantissa) = ((code >> 4) & 7, code & 15)
    let size = exponent == 0 ? mantissa << 4 + 8 : (mantissa << 4 + 0x108) << (exponent - 1)
    return Float(code & 0x80 != 0 ? size : -size) / 32_768
  }

  /// The value of eight bits in µ-law (ITU-T G.711).
  private static func muLaw(_ byte: UInt8) -> Float {
    let code = Int(~byte)
    let size = (((code & 15) << 3 + 0x84) << ((code >> 4) & 7)) - 0x84
    return Float(code & 0x80 != 0 ? -size : size) / 32_768
  }
}

extension Data {
  fileprivate mutating func append<Number: FixedWidthInteger>(little value: Number) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
