public import Documents
import Foundation

/// MP4 files (H.264), made by ffmpeg where it is installed.
public enum MP4File {
  /// Writes the file under its name, complete or not at all.
  ///
  /// - Parameters:
  ///   - frames: pictures of one size, at least one.
  ///   - rate: frames a second.
  ///   - path: the file.
  /// - Throws: `DataError` where there is no ffmpeg or it fails, as on a full disk.
  public static func write(_ frames: [RGBImage], rate: Int, to path: String) throws(DataError) {
    precondition(!frames.isEmpty, "an animation has at least one frame")
    let program = try FFmpeg.require("MP4 files need", path: path, advice: ", or write a .gif")
    let temporary = path + ".\(ProcessInfo.processInfo.processIdentifier).part.mp4"
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(frames[0].width)x\(frames[0].height)",
      "-r", "\(rate)", "-i", "-", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", temporary,
    ]
    let (input, errors) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardError = errors
    do {
      try process.run()
      // A program that has ended no longer reads: that is an error here and not a signal.
      signal(SIGPIPE, SIG_IGN)
      for frame in frames { try input.fileHandleForWriting.write(contentsOf: Data(frame.bytes)) }
      try input.fileHandleForWriting.close()
    } catch {
      try? input.fileHandleForWriting.close()
    }
    let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let reason = message.split(separator: "\n").last.map(String.init) ?? "status \(process.terminationStatus)"
      throw DataError(
        .inputOutput, path: path, problem: "ffmpeg could not write the file: \(reason)",
        advice: "Nothing of that name was changed.")
    }
    do {
      try Data(contentsOf: URL(fileURLWithPath: temporary)).withUnsafeBytes { bytes in
        let file = try FileReplacement(URL(fileURLWithPath: path))
        try file.append(bytes)
        try file.commit()
      }
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.inputOutput, path: path, problem: "the file that ffmpeg wrote can't be read")
    }
  }
}
