/// Cuts a batch into passes of at most `tokens` tokens, a longer piece alone in its own.
public func microBatches<Item>(_ items: [Item], tokens: Int, size: (Item) -> Int) -> [[Item]] {
  var passes: [[Item]] = []
  var room = 0
  for item in items {
    let need = size(item)
    if passes.isEmpty || need > room {
      passes.append([])
      room = tokens
    }
    passes[passes.count - 1].append(item)
    room -= need
  }
  return passes
}
