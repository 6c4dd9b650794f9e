import Foundation
import TestSupport
import Testing

/// Python/apprentice-arcade, by its own tests and with Gymnasium's checker.
@Suite struct PythonPackageTests {
  private func python(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let package = BuiltLibrary.checkout.appendingPathComponent("Python/apprentice-arcade")
    return try BuiltLibrary.run(
      try #require(TestPython.url), arguments,
      environment: [
        "APPRENTICE_ARCADE_LIBRARY": try BuiltLibrary.path, "PYTHONPATH": package.appendingPathComponent("src").path,
        "PYTHONDONTWRITEBYTECODE": "1",
      ])
  }

  @Test(.needsTestPython, arguments: ["games", "gymnasium", "procgen", "pool"])
  func thePackagesOwnTestsPass(_ part: String) throws {
    let folder = BuiltLibrary.checkout.appendingPathComponent("Python/apprentice-arcade/tests")
    let result = try python([folder.appendingPathComponent("test_\(part).py").path])
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.contains("\nOK"), "\(result.text)")
    #expect(!result.text.contains("skipped"), "\(result.text)")
  }

  @Test(.needsTestPython)
  func numpyIsAllThatAnImportNeeds() throws {
    // As if neither Gymnasium nor gym were installed.
    let result = try python([
      "-c",
      """
      import sys
      sys.modules["gymnasium"] = sys.modules["gym"] = None
      import numpy, apprentice_arcade as arcade
      print(arcade.Games("maze", 2).step([7, 7]).observations.shape)
      env = arcade.ProcgenEnv(num_envs=2, env_name="maze", distribution_mode="easy")
      print(env.observation_space["rgb"].shape, env.action_space.n)
      print(arcade.make("MazeEasy-v0", num_envs=2).reset()[0].dtype)
      try: arcade.ArcadeEnv
      except ImportError as error: print(error)
      """,
    ])
    #expect(result.status == 0, "\(result.text)")
    let wanted = "(2, 64, 64, 3)\n(64, 64, 3) 15\nuint8\nArcadeEnv needs Gymnasium: pip install gymnasium"
    #expect(result.text.contains(wanted), "\(result.text)")
  }

  @Test(.needsTestPython)
  func aLibraryThatIsNoneIsRefusedByName() throws {
    let result = try BuiltLibrary.run(
      try #require(TestPython.url), ["-c", "import apprentice_arcade"],
      environment: [
        "APPRENTICE_ARCADE_LIBRARY": "/nowhere/lib.so",
        "PYTHONPATH": BuiltLibrary.checkout.appendingPathComponent("Python/apprentice-arcade/src").path,
      ])
    #expect(result.status == 1)
    #expect(result.text.contains("APPRENTICE_ARCADE_LIBRARY names /nowhere/lib.so, and there is no such file."))
  }
}
