public import Documents
public import Foundation

/// Sound files of any kind: WAV is read here, everything else (MP3, FLAC, Ogg, the sound of a video) by ffmpeg where it is installed.
public enum SoundFile {
  /// Reads a file, gzipped or not.
  ///
  /// - Throws: `DataError` that says what is wrong with the file, or that ffmpeg is needed and isn't there.
  public static func read(_ path: String) throws(DataError) -> Sound {
    try read(try FileContents.data(of: path), path: path)
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter path: what errors call them.
  public static func read(_ data: Data, path: String) throws(DataError) -> Sound {
    guard !data.isEmpty else { throw DataError(.badData, path: path, problem: "the file is empty") }
    if WAVFile.isOne(data) { return try WAVFile.read(data, path: path) }
    // A WAV file of floats has room for whatever ffmpeg decodes.
    let decoded = try FFmpeg.output(
      ["-i", "pipe:0", "-vn", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"], input: data, path: path,
      need: "sound files other than WAV need")
    return try WAVFile.read(decoded, path: path)
  }
}
