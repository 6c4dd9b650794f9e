internal import CGumbo

/// A node of gumbo's tree, valid while the tree is.
struct HTMLNode {
  let pointer: UnsafePointer<GumboNode>

  init?(_ pointer: UnsafeRawPointer?) {
    guard let pointer else { return nil }
    self.pointer = pointer.assumingMemoryBound(to: GumboNode.self)
  }

  private static let names: [String] = (0..<GUMBO_TAG_LAST.rawValue).map {
    String(cString: gumbo_normalized_tagname(GumboTag(rawValue: $0)))
  }

  /// An element's name in lower case; empty for text and unknown elements.
  var name: String {
    guard isElement else { return "" }
    let tag = Int(pointer.pointee.v.element.tag.rawValue)
    return tag < Self.names.count ? Self.names[tag] : ""
  }

  var isElement: Bool { pointer.pointee.type == GUMBO_NODE_ELEMENT }

  /// The bytes of a text node; nil for others.
  var text: UnsafeBufferPointer<UInt8>? {
    switch pointer.pointee.type {
    case GUMBO_NODE_TEXT, GUMBO_NODE_CDATA, GUMBO_NODE_WHITESPACE:
      guard let start = pointer.pointee.v.text.text else { return nil }
      return UnsafeRawPointer(start).withMemoryRebound(to: UInt8.self, capacity: 1) {
        UnsafeBufferPointer(start: $0, count: length(of: start))
      }
    default: return nil
    }
  }

  private func length(of start: UnsafePointer<CChar>) -> Int {
    var count = 0
    while start[count] != 0 { count += 1 }
    return count
  }

  var childCount: Int { isElement ? Int(pointer.pointee.v.element.children.length) : 0 }

  func child(_ place: Int) -> HTMLNode? { HTMLNode(pointer.pointee.v.element.children.data[place]) }

  func attribute(_ name: String) -> String? {
    guard isElement else { return nil }
    return withUnsafePointer(to: pointer.pointee.v.element.attributes) {
      gumbo_get_attribute($0, name).map { String(cString: $0.pointee.value) }
    }
  }

  /// Visits the node and all below it in order, without recursion, until the closure says false for "go on below".
  func visit(_ body: (HTMLNode) -> Bool) {
    var stack = [self]
    while let node = stack.popLast() {
      guard body(node) else { continue }
      for place in stride(from: node.childCount - 1, through: 0, by: -1) {
        if let child = node.child(place) { stack.append(child) }
      }
    }
  }
}
