/// Sampled sound: amplitudes in −1 … 1, one array a channel.
///
/// ```swift
/// let sound = try SoundFile.read("speech.wav")
/// let speech = sound.mono().resampled(to: 16_000)
/// try WAVFile.write(speech, to: "speech-16k.wav")
/// ```
public struct Sound: Sendable, Equatable {
  /// Samples a second in each channel.
  public let rate: Int
  /// The channels, all of one length.
  public let channels: [[Float]]

  /// A sound of given samples.
  public init(rate: Int, channels: [[Float]]) {
    precondition(rate > 0 && !channels.isEmpty, "a sound has a rate and a channel")
    precondition(channels.allSatisfy { $0.count == channels[0].count }, "channels have one length")
    self.rate = rate
    self.channels = channels
  }

  /// A sound of one channel.
  public init(rate: Int, _ samples: [Float]) { self.init(rate: rate, channels: [samples]) }

  /// The samples of each channel.
  public var count: Int { channels[0].count }
  /// The length in seconds.
  public var seconds: Double { Double(count) / Double(rate) }
  /// The largest amplitude, 0 for silence.
  public var peak: Float { channels.reduce(0) { max($0, $1.reduce(0) { max($0, abs($1)) }) } }

  /// The mean of the channels as one.
  public func mono() -> Sound {
    guard channels.count > 1 else { return self }
    var sum = channels[0]
    for channel in channels.dropFirst() { for i in sum.indices { sum[i] += channel[i] } }
    let share = 1 / Float(channels.count)
    return Sound(rate: rate, sum.map { $0 * share })
  }
}
