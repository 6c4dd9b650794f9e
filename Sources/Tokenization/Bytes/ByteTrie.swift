/// A prefix tree over byte strings: children of a node are a linked list, so memory is proportional to
/// the total length of the strings.
struct ByteTrie: Sendable {
  private struct Node {
    var firstChild: Int32 = -1
    var sibling: Int32 = -1
    var id: Int32 = -1
    var byte: UInt8 = 0
  }

  private var nodes = [Node()]
  /// The root has many children; they are found by index.
  private var roots = [Int32](repeating: -1, count: 256)

  /// Adds a string; the first id of equal strings stays.
  ///
  /// The empty string is passed over.
  mutating func insert(_ bytes: [UInt8], id: Int32) {
    guard let first = bytes.first else { return }
    if roots[Int(first)] < 0 {
      roots[Int(first)] = Int32(nodes.count)
      nodes.append(Node(byte: first))
    }
    var node = Int(roots[Int(first)])
    for byte in bytes.dropFirst() {
      var child = nodes[node].firstChild
      while child >= 0, nodes[Int(child)].byte != byte { child = nodes[Int(child)].sibling }
      if child < 0 {
        child = Int32(nodes.count)
        nodes.append(Node(sibling: nodes[node].firstChild, byte: byte))
        nodes[node].firstChild = child
      }
      node = Int(child)
    }
    if nodes[node].id < 0 { nodes[node].id = id }
  }

  /// Calls `body` with the end and id of every string that `text` holds at `start`, shortest first.
  func forEachPrefix(
    of text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (Int, Int32) -> Void
  ) {
    guard start < text.count else { return }
    nodes.withUnsafeBufferPointer { nodes in
      var node = roots[Int(text[start])]
      var end = start + 1
      while node >= 0 {
        if nodes[Int(node)].id >= 0 { body(end, nodes[Int(node)].id) }
        guard end < text.count else { return }
        let byte = text[end]
        node = nodes[Int(node)].firstChild
        while node >= 0, nodes[Int(node)].byte != byte { node = nodes[Int(node)].sibling }
        end += 1
      }
    }
  }
}
