import Expressions
import Testing

/// Held against CPython 3.11's `re`.
@Suite struct PythonExpressionTests {
  @Test("findall gives the groups of every match")
  func findAll() throws {
    let numbers = try PythonExpression(#"(-?[$0-9.,]{2,})|(-?[0-9]+)"#)
    #expect(try numbers.findAll(in: "about 1,200 and 7") == [["1,200", nil], [nil, "7"]])
    #expect(try PythonExpression(#"\w*"#).findAll(in: "a b") == [["a"], [""], ["b"], [""]])
    #expect(try PythonExpression(#"#### (\-?[0-9\.\,]+)"#).findAll(in: "x\n#### 72\n#### 3") == [["72"], ["3"]])
  }

  @Test("sub replaces empty matches too, and knows groups by number")
  func replacing() throws {
    #expect(try PythonExpression("x*").replacing(in: "abxd", with: "-") == "-a-b--d-")
    #expect(try PythonExpression(#"(\w+) (\w+)"#).replacing(in: "one two three", with: #"\2 \g<1>"#) == "two one three")
    #expect(try PythonExpression(#"(?s).*#### "#).replacing(in: "a\nb\n#### 7", with: "") == "7")
    #expect(try PythonExpression("a").replacing(in: "aaa", with: "b", count: 2) == "bba")
  }

  @Test("what PCRE2 writes otherwise is translated")
  func dialect() throws {
    #expect(try PythonExpression(#"b\Z"#).isFound(in: "ab"))
    #expect(try !PythonExpression(#"b\Z"#).isFound(in: "ab\n"))
    #expect(try PythonExpression("b$").isFound(in: "ab\n"))
    #expect(try PythonExpression(#"\u00e9"#).isFound(in: "café"))
    #expect(try PythonExpression("^a{,2}$").isFound(in: "aa"))
    #expect(try PythonExpression("[]a]+").findAll(in: "x]a]") == [["]a]"]])
    #expect(throws: PCREError.self) { try PythonExpression("(a") }
    #expect(throws: PCREError.self) { try PythonExpression("a").replacing(in: "a", with: #"\1"#) }
  }
}
