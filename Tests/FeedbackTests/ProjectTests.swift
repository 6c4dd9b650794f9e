import Documents
import Feedback
import Foundation
import Statistics
import Testing
import TestSupport

/// Projects: queues with overlap, exactly-once answers, what was shown, who may what.
@Suite struct ProjectTests {
  private static func pairs(_ count: Int) -> [TaskDraft] {
    (0..<count).map {
      TaskDraft(
        prompt: .text("Prompt \($0)"),
        responses: [Response("good \($0)", policy: PolicyVersion("a")), Response("bad \($0)")])
    }
  }

  private struct Place {
    let store: FeedbackStore
    let owner: Account
    let project: Project

    init(_ kind: Project.Kind = .comparison, overlap: Int = 1, tasks: [TaskDraft] = [], form: String? = nil) throws {
      store = try FeedbackStore.inMemory()
      owner = try store.addAccount("ana", isOwner: true)
      var draft = Project.Draft(name: "study", kind: kind, guidelines: "Be fair.")
      draft.settings.overlap = overlap
      draft.settings.form = form
      project = try store.addProject(draft, by: owner.id)
      try store.addTasks(tasks, to: project.id)
    }

    func next(_ account: Account) throws -> Assignment {
      try #require(try store.nextAssignment(in: project.id, for: account.id))
    }

    @discardableResult
    func answer(_ account: Account, _ answer: Answer, id: String = newIdentifier()) throws -> Assignment {
      let assignment = try next(account)
      try store.submit(.init(id: id, assignment: assignment.id, account: account.id, answer: answer, seconds: 3))
      return assignment
    }
  }

  @Test("An answer is stored in the task's own order with the side that was shown first, whichever it was")
  func sides() throws {
    let place = try Place(tasks: Self.pairs(40))
    var sides: [Comparison.Side?: Int] = [:]
    for _ in 0..<40 {
      let assignment = try place.next(place.owner)
      // The good one is always preferred, wherever it is shown.
      let isFirst = assignment.shownResponses[0].text.hasPrefix("good")
      try place.answer(place.owner, Answer(score: isFirst ? -2 : 2))
    }
    let stored = try place.store.comparisons(FeedbackQuery(batch: "study"))
    #expect(stored.count == 40)
    for item in stored {
      #expect(item.preferred == .first)
      #expect(item.first.text.hasPrefix("good"))
      #expect(item.strength == 0.5)
      #expect(item.provenance.labeller == "ana")
      #expect(item.provenance.guidelines == 1)
      sides[item.shownFirst, default: 0] += 1
    }
    // By chance 40 alike come once in 2³⁹.
    #expect(sides[.first] ?? 0 > 0)
    #expect(sides[.second] ?? 0 > 0)
    let tally = try #require(try place.store.tallies(of: place.project.id).first)
    #expect(tally.labels == 40)
    #expect(tally.preferredFirst.n == 40)
    #expect(tally.meanSeconds == 3)
  }

  @Test("The same answer handed in again is one answer; another under its identifier is refused")
  func exactlyOnce() throws {
    let place = try Place(tasks: Self.pairs(3))
    let assignment = try place.next(place.owner)
    let handing = FeedbackStore.Handing(
      id: "11111111-aaaa", assignment: assignment.id, account: place.owner.id, answer: Answer(score: 1))
    #expect(try place.store.submit(handing))
    #expect(try !place.store.submit(handing))
    #expect(try !place.store.submitAndContinue(handing).isNew)
    #expect(try place.store.count() == 1)
    var other = handing
    other.answer = Answer(score: -1)
    #expect(throws: ProjectError.self) { try place.store.submit(other) }
    // A second tab has made an identifier of its own.
    other.id = "22222222-bbbb"
    let error = #expect(throws: ProjectError.self) { try place.store.submit(other) }
    #expect(error?.kind == .conflict)
    #expect(try place.store.count() == 1)
    #expect(try place.store.tallies(of: place.project.id).first?.labels == 1)
  }

  @Test("Each task goes to as many labellers as are wanted, to nobody twice, and a reload gets the same task")
  func overlap() throws {
    let place = try Place(overlap: 2, tasks: Self.pairs(6))
    let others = try ["bo", "cy"].map { try place.store.addAccount($0) }
    var seen: [Int: [String]] = [:]
    for account in [place.owner] + others {
      while let assignment = try place.store.nextAssignment(in: place.project.id, for: account.id) {
        #expect(try place.next(account) == assignment)
        seen[assignment.task, default: []].append(account.name)
        try place.answer(account, Answer(score: 1))
      }
    }
    #expect(seen.count == 6)
    for (_, names) in seen { #expect(names.count == 2 && Set(names).count == 2) }
    let progress = try place.store.progress(of: place.project.id)
    #expect(progress.done == 12)
    #expect(progress.wanted == 12)
  }

  @Test("A task that was left goes on to others after the project's patience; one that was skipped at once")
  func givenOn() throws {
    let place = try Place(tasks: Self.pairs(1))
    let other = try place.store.addAccount("bo")
    _ = try place.next(other)
    #expect(try place.store.nextAssignment(in: place.project.id, for: place.owner.id) == nil)
    try place.store.skip(place.next(other).id, reason: "unclear", by: other.id)
    let assignment = try place.next(place.owner)
    #expect(try place.store.nextAssignment(in: place.project.id, for: other.id) == nil)
    #expect(
      try place.store.events(of: place.project.id).contains {
        $0.kind == "skipped" && $0.content["reason"] == "unclear"
      })
    #expect(throws: ProjectError.self) {
      try place.store.submit(
        .init(id: newIdentifier(), assignment: assignment.id, account: other.id, answer: Answer(score: 1)))
    }
  }

  @Test("An answer that is taken back leaves no feedback, its text as a draft, and its identifier used up")
  func withdrawn() throws {
    let place = try Place(
      .rating, tasks: [TaskDraft(prompt: "p", responses: ["r"])],
      form: "questions:\n  - {name: overall, text: Good?}\n  - {name: rude, text: Rude?, kind: yes-no}\n")
    let id = newIdentifier()
    try place.answer(place.owner, Answer(values: ["overall": 6, "rude": 0]), id: id)
    #expect(Set(try place.store.ratings().map(\.axis)) == ["overall", "rude"])
    #expect(try place.store.ratings().first { $0.axis == "rude" }?.highest == 1)
    let again = try place.store.withdraw(id, by: place.owner.id)
    #expect(try place.store.count() == 0)
    #expect(again.state == .open)
    #expect(try JSONValue(parsing: again.draft ?? "")["answer"]?["values"]?["overall"]?.int == 6)
    #expect(try place.store.tallies(of: place.project.id).first?.labels == 0)
    let error = #expect(throws: ProjectError.self) {
      try place.store.submit(
        .init(id: id, assignment: again.id, account: place.owner.id, answer: Answer(values: ["overall": 6, "rude": 0])))
    }
    #expect(error?.kind == .gone)
    try place.answer(place.owner, Answer(values: ["overall": 2, "rude": 1]))
    #expect(try place.store.count() == 2)
  }

  @Test("A ranking with ties is kept as one, in the task's own order, with the order shown")
  func ranks() throws {
    let place = try Place(.ranking, tasks: [TaskDraft(prompt: "p", responses: ["best", "second", "also second"])])
    let assignment = try place.next(place.owner)
    let wanted = ["best": 1, "second": 2, "also second": 2]
    try place.answer(place.owner, Answer(ranks: assignment.shownResponses.map { wanted[$0.text] ?? 0 }))
    let ranking = try #require(try place.store.rankings().first)
    #expect(ranking.ranks == [1, 2, 2])
    #expect(ranking.shownOrder == assignment.shown)
    #expect(try place.store.comparisons().isEmpty)
    #expect(try place.store.ratings().isEmpty)
  }

  @Test("A marked passage counts Unicode scalars, keeps its severity, and its suggestion becomes the refinement")
  func passages() throws {
    let place = try Place(.critique, tasks: [TaskDraft(prompt: "p", responses: ["Das Käse 🧀 ist rot."])])
    _ = try place.next(place.owner)
    var answer = Answer()
    answer.passages = [
      .init(start: 15, end: 18, text: "rot", comment: "It is yellow", severity: 0.75, suggestion: "gelb")
    ]
    try place.answer(place.owner, answer)
    let critique = try #require(try place.store.critiques().first)
    #expect(critique.refinement == "Das Käse 🧀 ist gelb.")
    #expect(critique.passage == .init(start: 15, end: 18, text: "rot"))
    #expect(critique.severity == 0.75)
  }

  @Test(
    "A passage that doesn't fit its answer is refused and nothing is stored",
    arguments: [(0, 99, "x"), (-1, 2, "ab"), (2, 2, ""), (0, 2, "zz")])
  func strayPassages(_ start: Int, _ end: Int, _ text: String) throws {
    let place = try Place(.critique, tasks: [TaskDraft(prompt: "p", responses: ["abcdef"])])
    var answer = Answer()
    answer.passages = [.init(start: start, end: end, text: text, comment: "c", severity: 0.5)]
    #expect(throws: ProjectError.self) { try place.answer(place.owner, answer) }
    #expect(try place.store.count() == 0)
    #expect(try place.next(place.owner).state == .open)
  }

  @Test("A conversation's turns are comparisons, each after what was chosen before")
  func turns() throws {
    let place = try Place(.conversation, tasks: [TaskDraft(prompt: "Be brief.")])
    var answer = Answer()
    answer.turns = [
      .init(user: "Hi", replies: ["Hello.", "Yo"], score: -3, model: "m"),
      .init(user: "And?", replies: ["x", "y"], score: 4),
    ]
    try place.answer(place.owner, answer)
    let stored = try place.store.comparisons()
    #expect(stored.map(\.preferred) == [.first, .second])
    guard case .conversation(let messages, _) = stored[1].prompt else {
      Issue.record("no conversation")
      return
    }
    #expect(messages.map(\.content) == ["Be brief.", "Hi", "Hello.", "And?"])
    #expect(stored[0].first.policy?.name == "m")
  }

  @Test("Gold questions go to everybody, measure attention, and teach nobody")
  func gold() throws {
    let gold = TaskDraft(prompt: "2 + 2?", responses: ["4", "5"], gold: Answer(score: -4))
    let place = try Place(tasks: [gold])
    let other = try place.store.addAccount("bo")
    for (account, isRight) in [(place.owner, true), (other, false)] {
      let assignment = try place.next(account)
      let rightIsFirst = assignment.shownResponses[0].text == "4"
      try place.answer(account, Answer(score: rightIsFirst == isRight ? -1 : 1))
    }
    #expect(try place.store.count() == 0)
    let tallies = try place.store.tallies(of: place.project.id)
    #expect(tallies.first { $0.name == "ana" }?.gold.value == 1)
    #expect(tallies.first { $0.name == "bo" }?.gold.value == 0)
    #expect(try place.store.progress(of: place.project.id).tasks == 0)
  }

  @Test("Where labellers differ a reviewer sees their answers and decides")
  func disputes() throws {
    let place = try Place(overlap: 2, tasks: Self.pairs(2))
    let other = try place.store.addAccount("bo")
    for _ in 0..<2 {
      for (account, likesGood) in [(place.owner, true), (other, false)] {
        let assignment = try place.next(account)
        let isFirst = assignment.shownResponses[0].text.hasPrefix("good")
        try place.answer(account, Answer(score: isFirst == (likesGood || assignment.prompt == "Prompt 0") ? -1 : 1))
      }
    }
    let disputed = try place.store.tasks(of: place.project.id, disputed: true)
    #expect(disputed.map(\.prompt) == ["Prompt 1"])
    let decision = try place.store.decision(on: disputed[0].id, of: place.project.id, by: place.owner.id)
    #expect(Set(decision.others.map(\.labeller)) == ["ana", "bo"])
    try place.store.submit(
      .init(id: newIdentifier(), assignment: decision.id, account: place.owner.id, answer: Answer(score: 2)))
    #expect(try place.store.tasks(of: place.project.id, disputed: true).isEmpty)
    // One pair of four agrees, three judgements a task are two labels and a decision.
    let agreement = try #require(try place.store.agreement(of: place.project.id))
    #expect(agreement.percent.value == 0.5)
    #expect(agreement.tasks == 2)
    #expect(try place.store.count() == 5)
  }

  @Test("Tasks are read from the shapes that the command line reads, and are not taken in twice")
  func exchange() throws {
    let place = try Place()
    let lines: [JSONValue] = [
      ["prompt": "a", "responses": ["x", ["text": "y", "model": "m"]]],
      ["prompt": "b", "chosen": "x", "rejected": "y"],
      ["question": ["full_text": "c"], "answer_0": "x", "answer_1": "y", "score_0": 1, "score_1": -1],
    ]
    func drafts() throws -> [TaskDraft] {
      try lines.enumerated().map { i, line in
        try TaskDraft(Record(fields: line.object ?? [:], origin: .init(path: "f.jsonl", line: i + 1)), for: .comparison)
      }
    }
    #expect(try place.store.addTasks(drafts(), to: place.project.id).added == 3)
    #expect(try place.store.addTasks(drafts(), to: place.project.id).alreadyPresent == 3)
    let first = try #require(try place.store.tasks(of: place.project.id).first)
    #expect(first.responses.map(\.policy?.name) == [nil, "m"])
    let error = #expect(throws: DataError.self) {
      try TaskDraft(
        Record(fields: ["prompt": "a", "responses": ["x"]], origin: .init(path: "f.jsonl", line: 7)), for: .comparison)
    }
    #expect(error?.line == 7)
  }

  @Test("An invitation lets one person in; an answer to a removed task says so")
  func invitations() throws {
    let place = try Place(tasks: Self.pairs(1))
    try place.store.addInvitation(
      to: place.project.id, role: .labeller, digest: "d", expires: .now + 60, by: place.owner.id)
    let (joined, _) = try place.store.join(digest: "d", as: nil, name: "bo")
    #expect(try place.store.role(of: joined, in: place.project.id) == .labeller)
    let error = #expect(throws: ProjectError.self) { try place.store.join(digest: "d", as: nil, name: "cy") }
    #expect(error?.kind == .gone)
    #expect(try place.store.account(named: "cy") == nil)
    let assignment = try place.next(joined)
    try place.store.removeTask(assignment.task, of: place.project.id, by: place.owner.id)
    let gone = #expect(throws: ProjectError.self) {
      try place.store.submit(
        .init(id: newIdentifier(), assignment: assignment.id, account: joined.id, answer: Answer(score: 1)))
    }
    #expect(gone?.kind == .gone)
  }

  @Test(
    "A form that can't be understood is refused with the line",
    arguments: [
      ("questions:\n  - name: a\n    text: t\n    scael: [1, 7]\n", "scael"), ("questions: []\n", "question"),
      ("questions:\n  - {name: a, text: t, scale: [7, 1]}\n", "scale"),
      ("questions:\n  - {name: a, text: t, kind: maybe}\n", "kind"),
      ("questions:\n  - {name: a, text: t}\n  - {name: a, text: u}\n", "'a'"), ("- a\n", "form.yaml"),
    ])
  func forms(_ yaml: String, _ word: String) throws {
    let error = #expect(throws: DataError.self) { try LabellingForm(yaml: yaml) }
    #expect(error?.description.contains(word) == true)
  }

  @Test("The form of the InstructGPT study has its grade and eleven yes-or-no questions")
  func instructGPT() {
    let questions = LabellingForm.instructGPT.questions
    #expect(questions.first?.answering == .scale(1...7))
    #expect(questions.count { $0.answering == .yesNo } == 11)
  }
}
