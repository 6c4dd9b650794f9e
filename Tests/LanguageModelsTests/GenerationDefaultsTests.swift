import Foundation
import LanguageModels
import Testing

@Suite struct GenerationDefaultsTests {
  private func folder(_ json: String?) throws -> URL {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    if let json { try Data(json.utf8).write(to: place.appendingPathComponent("generation_config.json")) }
    return place
  }

  @Test("values as published models give them; what is not there stays as it was")
  func values() throws {
    let place = try folder(
      #"{"bos_token_id": 1, "do_sample": true, "eos_token_id": [151645, 151643], "repetition_penalty": 1.05, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "transformers_version": "4.37.0"}"#
    )
    defer { try? FileManager.default.removeItem(at: place) }
    let defaults = try GenerationDefaults(folder: place)
    #expect(defaults.ends == [151645, 151643])
    let made = defaults.parameters()
    #expect(made.temperature == 0.7 && made.topP == 0.8 && made.topK == 20 && made.repetitionPenalty == 1.05)
    #expect(made.minP == 0 && made.typicalP == 1)
    let none = try folder(nil)
    defer { try? FileManager.default.removeItem(at: none) }
    #expect(try GenerationDefaults(folder: none).parameters() == SamplingParameters())
  }

  @Test(
    "values that can't be are refused with the file's name",
    arguments: [#"{"top_p": 2}"#, #"{"temperature": "hot"}"#, #"{"eos_token_id": [1, "x"]}"#, "[]", "{"])
  func refused(_ json: String) throws {
    let place = try folder(json)
    defer { try? FileManager.default.removeItem(at: place) }
    #expect { try GenerationDefaults(folder: place) } throws: { "\($0)".contains("generation_config.json") }
  }

  @Test("the ends of a turn that only generation_config.json names end completions")
  func ends() throws {
    let model = try TinyModel.make()
    let place = try folder(nil)
    defer { try? FileManager.default.removeItem(at: place) }
    try Checkpoint.save(model, tokenizer: nil, to: place)
    let file = place.appendingPathComponent("generation_config.json")
    try Data(#"{"eos_token_id": [7, 8]}"#.utf8).write(to: file)
    let loaded = try Checkpoint.loadModel(place)
    #expect(loaded.configuration.isEnd(7) && loaded.configuration.isEnd(8))
    #expect(loaded.configuration.isEnd(model.configuration.endOfText ?? 7))
    var parameters = SamplingParameters(temperature: 0, maxTokens: 3)
    parameters.logitBias = [8: 50]
    let made = try GenerationEngine(model: loaded).generate([.init(prompt: [1], parameters: parameters)])[0][0]
    #expect(made.ids == [8] && made.finishReason == .stop)
    try Data(#"{"eos_token_id": 5000}"#.utf8).write(to: file)
    #expect { try Checkpoint.loadModel(place) } throws: { "\($0)".contains("5000") }
  }
}
