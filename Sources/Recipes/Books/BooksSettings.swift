import Foundation

/// The sizes of the recipe books.
struct BooksSettings: Codable {
  var vocabulary = 768
  var width = 128
  var layers = 4
  var context = 768
  var documents = 40_000
  var retellingSteps = 3000
  var pretrainSteps = 4000
  var demonstrations = 16_000
  var cloneSteps = 1500
  /// Stories that a stage of the curriculum is read from, and nodes of them that are compared.
  var curriculumStories = 48
  var comparedNodes = 800
  var samples = 4
  var rewardRate = 5e-4
  var rewardEpochs = 1
  var ppoSteps = 20
  var ppoBatch = 64
  var ppoKL = 0.1
  var responseTokens = 128
  /// In units of the gold score: with it the labeller agrees with the judge on about three pairs of four.
  var labellerTemperature = 0.15
  /// Lengths of the stories that are read at the end, and how many of each.
  var lengths = [20, 60, 180]
  var stories = [16, 8, 4]
  var bestOf = 8

  init(_ options: RecipeOptions) {
    if options.isQuick {
      (width, layers) = (32, 1)
      (documents, retellingSteps, pretrainSteps, demonstrations, cloneSteps) = (60, 3, 3, 60, 3)
      (curriculumStories, comparedNodes, ppoSteps, ppoBatch) = (2, 24, 1, 8)
      (lengths, stories, bestOf, responseTokens) = ([6, 20], [2, 1], 2, 24)
      return
    }
    guard options.scale != 1 else { return }
    func scaled(_ value: Int) -> Int { max(1, Int((Double(value) * options.scale).rounded())) }
    (documents, pretrainSteps, demonstrations, cloneSteps) = (
      scaled(documents), scaled(pretrainSteps), scaled(demonstrations), scaled(cloneSteps)
    )
    retellingSteps = scaled(retellingSteps)
    (comparedNodes, ppoSteps, curriculumStories) = (scaled(comparedNodes), scaled(ppoSteps), scaled(curriculumStories))
  }
}
