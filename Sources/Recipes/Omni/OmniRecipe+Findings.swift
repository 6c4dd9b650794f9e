import Documents
import Evaluation
import Statistics

extension OmniRecipe {
  /// Effects, curves and tables.
  func findings(_ codecs: Codecs, _ outcome: Outcome, _ run: RecipeRun) -> RecipeFindings {
    func share(_ marks: [String: [Bool]], _ pair: OmniPair) -> Estimate { .proportion(of: marks[pair.rawValue] ?? []) }
    var effects = OmniPair.allCases.map { pair in
      Effect(
        "\(pair.rawValue), scenes and voice never met", share(outcome.new, pair), goal: .above(pair.chance),
        isShare: true)
    }
    effects.append(
      Effect(
        "sentences still understood after the sound codec", .proportion(of: codecs.isIntelligible),
        goal: .above(1 / 48.0), isShare: true))
    effects.append(
      Effect(
        "PSNR of pictures after the codec, dB", Bootstrap(seed: 1).mean(codecs.peakSignalToNoise), goal: .atLeast(20)))
    var findings = RecipeFindings(effects: effects)
    findings.pictures = [
      ["sound-codec", "image-codec", "decoder"].compactMap { run.curve($0, "loss", "Training, \($0)", "loss") }
    ]
    findings.cautions = [
      "Voices are espeak-ng's and pictures our rasteriser's: a small world, of 48 scenes and 48 motions, of which eight each are kept "
        + "for the test."
    ]
    findings.details["codecs"] = [
      "image_perplexity": .double(codecs.imagePerplexity),
      "sound_perplexity": .array(codecs.soundPerplexity.map { .double($0) }),
      "readable_before_coding": .double(Estimate.proportion(of: codecs.isReadable).value),
    ]
    findings.details["parameters"] = .int(outcome.parameters)
    findings.details["known"] = .object(
      JSONObject(OmniPair.allCases.map { ($0.rawValue, .double(share(outcome.known, $0).value)) }))
    findings.sections = { page in
      page.heading("Pairs of senses")
      page.table(
        header: ["pair", "never met", "known scenes, new pictures", "chance"],
        rows: OmniPair.allCases.map { pair in
          [
            .text(pair.rawValue), .estimate(share(outcome.new, pair), isPercentage: true),
            .estimate(share(outcome.known, pair), isPercentage: true), .number(100 * pair.chance, decimals: 1),
          ]
        },
        caption:
          "Pictures are judged by arithmetic on their pixels, speech by its distance to every caption spoken; neither judge learnt anything."
      )
      page.heading("Codecs")
      page.table(
        header: ["", "codes in use (perplexity)"],
        rows: [[.text("pictures"), .number(codecs.imagePerplexity, decimals: 1)]]
          + codecs.soundPerplexity.enumerated().map {
            [.text("sound, level \($0 + 1)"), .number($1, decimals: 1)]
          })
    }
    return findings
  }
}
