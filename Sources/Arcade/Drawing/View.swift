/// What part of a world is seen: its middle, and how many cells it is wide and high.
struct View {
  var x: Float
  var y: Float
  var visibility: Float
}
