import Expressions
import Foundation
import Teaching
import Testing

/// The prior over expressions.
@Suite struct DescriptionLengthTests {
  @Test func descriptionLengthsGrowWithWhatIsWritten() throws {
    let length = DescriptionLength()
    func of(_ text: String) throws -> Double { length(try RegularExpression(parsing: text)) }
    #expect(try of("[0-9]") < of("[0-9][a-z]"))
    #expect(try of("[0-9]+") < of("[0-9]+[0-9a-f]"))
    #expect(try of("[0-9]{5}") < of("[0-9]{50}"))
    #expect(try of("abc") < of("abc|abd"))
    #expect(try of("[0-9]") < of("[0-9]?"))
    #expect(try of("[a-z]") < of("[a-y]"))
    // What the grammar writes has less than all the probability: 1,000 short expressions together.
    var total = 0.0
    for first in CharacterClass.named {
      for second in CharacterClass.named where second != first {
        total += exp(-length(.sequence([.characters(first), .characters(second)])))
      }
    }
    #expect(total > 0 && total < 1)
  }
}
