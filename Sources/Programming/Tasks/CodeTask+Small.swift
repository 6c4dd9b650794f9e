extension CodeTask {
  /// A few problems of our own in HumanEval's format, for trying things out and for tests: no model has seen them in a benchmark.
  public static let small: [CodeTask] = [
    small(
      0, "count_steps", "def count_steps(n: int) -> int:",
      "Count how often n can be halved before it is odd. n is positive.\n    >>> count_steps(12)\n    2",
      "    steps = 0\n    while n % 2 == 0:\n        n //= 2\n        steps += 1\n    return steps\n",
      ["candidate(12) == 2", "candidate(7) == 0", "candidate(64) == 6", "candidate(1) == 0"]),
    small(
      1, "runs", "def runs(text: str) -> list:",
      "Give the lengths of the runs of equal letters in text, in order.\n    >>> runs('aabccc')\n    [2, 1, 3]",
      "    lengths = []\n    for i, letter in enumerate(text):\n        if i and letter == text[i - 1]:\n            lengths[-1] += 1\n        else:\n            lengths.append(1)\n    return lengths\n",
      [
        "candidate('aabccc') == [2, 1, 3]", "candidate('') == []", "candidate('zzzz') == [4]",
        "candidate('abab') == [1, 1, 1, 1]",
      ]),
    small(
      2, "middle", "def middle(values: list) -> float:",
      "Give the median of the values: the mean of the two middle ones if there is an even number.\n    >>> middle([3, 1, 2])\n    2.0",
      "    ordered = sorted(values)\n    half = len(ordered) // 2\n    if len(ordered) % 2:\n        return float(ordered[half])\n    return (ordered[half - 1] + ordered[half]) / 2\n",
      [
        "candidate([3, 1, 2]) == 2.0", "abs(candidate([1, 2, 3, 4]) - 2.5) < 1e-9", "candidate([5]) == 5.0",
        "candidate([-1, 10]) == 4.5",
      ]),
    small(
      3, "is_staircase", "def is_staircase(heights: list) -> bool:",
      "Say whether each height is one more than the one before it.\n    >>> is_staircase([2, 3, 4])\n    True",
      "    return all(b == a + 1 for a, b in zip(heights, heights[1:]))\n",
      [
        "candidate([2, 3, 4]) is True", "candidate([2, 4]) is False", "candidate([]) is True",
        "candidate([1, 2, 2]) is False",
      ]),
    small(
      4, "swap_ends", "def swap_ends(words: str) -> str:",
      "Swap the first and the last letter of each word; words are parted by single spaces.\n    >>> swap_ends('warm tea')\n    'marw aet'",
      "    def swapped(word):\n        return word if len(word) < 2 else word[-1] + word[1:-1] + word[0]\n    return ' '.join(swapped(word) for word in words.split(' '))\n",
      [
        "candidate('warm tea') == 'marw aet'", "candidate('a') == 'a'", "candidate('ab cd') == 'ba dc'",
        "candidate('') == ''",
      ]),
    small(
      5, "overlap", "def overlap(first: tuple, second: tuple) -> int:",
      "Give how long two intervals (start, end) overlap; 0 if they don't.\n    >>> overlap((1, 5), (3, 9))\n    2",
      "    return max(0, min(first[1], second[1]) - max(first[0], second[0]))\n",
      [
        "candidate((1, 5), (3, 9)) == 2", "candidate((1, 2), (3, 4)) == 0", "candidate((0, 10), (2, 3)) == 1",
        "candidate((3, 4), (1, 2)) == 0",
      ]),
    small(
      6, "tally", "def tally(votes: list) -> dict:",
      "Count the votes for each name, leaving out empty names.\n    >>> tally(['x', '', 'x'])\n    {'x': 2}",
      "    counts = {}\n    for vote in votes:\n        if vote:\n            counts[vote] = counts.get(vote, 0) + 1\n    return counts\n",
      [
        "candidate(['x', '', 'x']) == {'x': 2}", "candidate([]) == {}",
        "candidate(['a', 'b', 'a']) == {'a': 2, 'b': 1}",
      ]),
    small(
      7, "digits_below", "def digits_below(n: int, limit: int) -> list:",
      "Give the decimal digits of n that are below limit, from left to right.\n    >>> digits_below(5172, 5)\n    [1, 2]",
      "    return [int(d) for d in str(n) if int(d) < limit]\n",
      [
        "candidate(5172, 5) == [1, 2]", "candidate(0, 1) == [0]", "candidate(999, 9) == []",
        "candidate(10203, 3) == [1, 0, 2, 0]",
      ]),
  ]

  private static func small(
    _ number: Int, _ name: String, _ signature: String, _ words: String, _ solution: String, _ tests: [String]
  ) -> CodeTask {
    CodeTask(
      id: "Small/\(number)", prompt: "\n\(signature)\n    \"\"\"\(words)\n    \"\"\"\n", entryPoint: name,
      canonicalSolution: solution,
      tests: "\n\ndef check(candidate):\n" + tests.map { "    assert \($0)\n" }.joined())
  }
}
