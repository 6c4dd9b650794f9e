import Feedback
import Foundation
import Testing

/// The order in which tasks come.
@Suite("The order of tasks")
struct TaskOrderTests {
  @Test("what is put in front comes first, in its order, and goes back among the rest when something else is")
  func order() throws {
    let folder = try Folder()
    let store = try FeedbackStore(path: folder.path("feedback.sqlite"))
    let owner = try store.addAccount("ana", isOwner: true)
    let project = try store.addProject(.init(name: "p", kind: .comparison), by: owner.id)
    try store.addTasks(
      (0..<8).map { TaskDraft(prompt: .text("\($0)"), responses: [.init("a\($0)"), .init("b\($0)")]) }, to: project.id)
    let tasks = try store.queuedComparisons(of: project.id)
    #expect(tasks.count == 8 && tasks.allSatisfy { $0.isOpen && $0.answers.isEmpty && $0.responses.count == 2 })
    func next() throws -> Assignment { try #require(try store.nextAssignment(in: project.id, for: owner.id)) }
    func answer(_ score: Int) throws -> Assignment {
      let assignment = try next()
      try store.submit(
        .init(id: newIdentifier(), assignment: assignment.id, account: owner.id, answer: .init(score: score)))
      return assignment
    }
    try store.setNext([tasks[5].id, tasks[2].id], of: project.id)
    let first = try answer(-3)
    #expect(first.task == tasks[5].id)
    // The second in front was not asked yet; another choice takes its place.
    try store.setNext([tasks[7].id], of: project.id)
    #expect(try answer(2).task == tasks[7].id)
    let after = try store.queuedComparisons(of: project.id)
    // In terms of the task's own order, however it was shown.
    #expect(after[5].answers == [first.shown[0] == 0 ? -3 : 3] && !after[5].isOpen && after[2].isOpen)
    var seen: Set<Int> = [tasks[5].id, tasks[7].id]
    for _ in 0..<6 { seen.insert(try answer(0).task) }
    #expect(seen.count == 8)
    #expect(try store.nextAssignment(in: project.id, for: owner.id) == nil)
    let other = try store.addProject(.init(name: "q", kind: .rating), by: owner.id)
    #expect(throws: ProjectError.self) { try store.queuedComparisons(of: other.id) }
  }
}
