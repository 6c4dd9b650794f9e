import Documents
import Feedback
import Foundation
import HTTPTypes
import Hummingbird
import Statistics

extension Studio {
  /// The list of projects, and each one's overview, tasks, guidelines, settings and log.
  func addProjects(to router: Router<BasicRequestContext>) {
    route(router, .get, "/") { visit in
      let rows = try await visit.queue.read { store in
        try store.projects(of: visit.account).map { project, role in (project, role, try store.progress(of: project.id))
        }
      }
      return pages.response(
        "home",
        visit.values(
          "Projects",
          ["projects": rows.map { Self.summary($0, role: $1, $2) }, "none": rows.isEmpty, "onProjects": true]))
    }
    route(router, .get, "new") { visit in
      guard visit.account.isOwner else { throw ProjectError(.forbidden, "Only the studio's owner makes projects.") }
      return pages.response(
        "new",
        visit.values("New project", ["form": LabellingForm.instructGPTText, "kinds": Self.kinds, "onProjects": true]))
    }
    route(router, .post, "new") { try await makeProject($0) }
    route(router, .get, "projects/:project") { try await overview($0) }
    route(router, .get, "projects/:project/tasks", needs: .owner) { visit in
      let project = try visit.project
      let after = visit.query("after").flatMap { Int($0) } ?? 0
      let tasks = try await visit.queue.read { try $0.tasks(of: project.id, after: after) }
      let isJudged = project.kind.responses.lowerBound > 1
      let models = visit.account.isOwner && settings.program != nil && isJudged ? try await choices(visit) : []
      return pages.response(
        "tasks",
        visit.values(
          "Tasks of \(project.name)",
          [
            "canPair": models.count >= 2, "models": models.map { ["path": $0.path, "text": $0.text] },
            "tasks": tasks.map(Self.row), "none": tasks.isEmpty && after == 0,
            "next": tasks.count == 50 ? tasks.suffix(1).map(\.id) : [], "inTasks": true,
          ]))
    }
    route(router, .post, "projects/:project/tasks/:task/remove", needs: .owner) { visit in
      let (project, task) = (try visit.project.id, try visit.number("task"))
      try await visit.queue.write { try $0.removeTask(task, of: project, by: visit.account.id) }
      return Self.redirect("/projects/\(project)/tasks")
    }
    route(router, .get, "projects/:project/settings", needs: .owner) { try await settingsPage($0) }
    route(router, .post, "projects/:project/settings", needs: .owner) { try await changeSettings($0) }
    route(router, .post, "projects/:project/guidelines", needs: .owner) { visit in
      let (project, text) = (try visit.project.id, visit.fields["guidelines"] ?? "")
      _ = try await visit.queue.write { try $0.setGuidelines(text, of: project, by: visit.account.id) }
      return Self.redirect("/projects/\(project)/settings")
    }
    route(router, .post, "projects/:project/remove", needs: .owner) { visit in
      let project = try visit.project
      guard visit.fields["name"] == project.name else {
        throw ProjectError(.invalid, "Write the project's name to remove it; what you wrote is another one.")
      }
      try await visit.queue.write { try $0.removeProject(project.id, by: visit.account.id) }
      return Self.redirect("/")
    }
    route(router, .get, "projects/:project/log", needs: .reviewer) { visit in
      let project = try visit.project
      let before = visit.query("before").flatMap { Int($0) } ?? .max
      let events = try await visit.queue.read { try $0.events(of: project.id, before: before) }
      return pages.response(
        "log",
        visit.values(
          "Activity in \(project.name)",
          [
            "events": events.map(Self.row), "next": events.count == 50 ? events.suffix(1).map(\.id) : [],
            "inLog": true,
          ]))
    }
  }

  static var kinds: [[String: Any]] {
    [
      [
        "value": "comparison", "name": "Compare", "about": "Which of two answers is better, on nine points",
        "checked": true,
      ],
      ["value": "ranking", "name": "Rank", "about": "Order several answers, ties allowed"],
      ["value": "rating", "name": "Rate", "about": "Answer the questions of a form about one answer"],
      ["value": "demonstration", "name": "Demonstrate", "about": "Write the answer, with the model's samples at hand"],
      [
        "value": "critique", "name": "Critique",
        "about": "Mark what is wrong, how bad it is, and what should stand there",
      ],
      ["value": "conversation", "name": "Converse", "about": "Talk to the model and choose between its replies"],
    ]
  }

  private static func summary(
    _ project: Project, role: Role, _ progress: FeedbackStore.ProjectProgress
  ) -> [String: Any] {
    [
      "id": project.id, "name": project.name, "kind": project.kind.rawValue, "role": role.rawValue,
      "done": progress.done, "wanted": progress.wanted, "isEmpty": progress.tasks == 0,
      "mayChange": role == .owner,
    ]
  }

  /// A task's line in a table.
  static func row(_ task: FeedbackStore.TaskSummary) -> [String: Any] {
    [
      "id": task.id, "prompt": excerpt(task.prompt), "done": task.done,
      "wanted": task.wanted.map(String.init) ?? "all (gold)", "disputed": task.isDisputed && !task.isDecided,
      "decided": task.isDecided,
    ]
  }

  /// The first words of a prompt.
  static func excerpt(_ prompt: Prompt) -> String {
    let text =
      switch prompt {
      case .text(let text): text
      case .conversation(let messages, _): messages.last?.content ?? ""
      }
    return text.count > 160 ? text.prefix(160) + "…" : text
  }

  private static func row(_ event: FeedbackStore.Event) -> [String: Any] {
    let particulars = (event.content.object?.members ?? []).map {
      "\($0.key) \($0.value.string ?? $0.value.serialized())"
    }
    return [
      "date": event.date.prefix(19).replacing("T", with: " "), "account": event.account ?? "", "kind": event.kind,
      "content": particulars.joined(separator: ", "),
    ]
  }

  private func makeProject(_ visit: Visit) async throws -> Response {
    guard visit.account.isOwner else { throw ProjectError(.forbidden, "Only the studio's owner makes projects.") }
    let fields = visit.fields
    guard let kind = Project.Kind(rawValue: fields["kind"] ?? "") else {
      throw ProjectError(.invalid, "Choose a kind of task.")
    }
    var draft = Project.Draft(name: fields["name"] ?? "", kind: kind, guidelines: fields["guidelines"] ?? "")
    draft.settings.overlap = Int(fields["overlap"] ?? "") ?? 1
    draft.settings.readsFirst = fields["readsFirst"] != nil
    if kind == .rating { draft.settings.form = Self.form(fields) }
    let made = draft
    do {
      let project = try await visit.queue.write { try $0.addProject(made, by: visit.account.id) }
      return Self.redirect("/projects/\(project.id)")
    } catch let error as any UserFacingError {
      let kinds = Self.kinds.map { kind in
        kind.merging(["checked": kind["value"] as? String == made.kind.rawValue]) { $1 }
      }
      return pages.response(
        "new",
        visit.values(
          "New project",
          [
            "problem": error.description, "name": fields["name"] ?? "", "guidelines": made.guidelines,
            "form": fields["form"] ?? "", "kinds": kinds, "overlap": made.settings.overlap,
          ]), status: .unprocessableContent)
    }
  }

  /// A form that was changed; nil for the one that was offered.
  private static func form(_ fields: [String: String]) -> String? {
    let text = (fields["form"] ?? "").replacing("\r\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty || text == LabellingForm.instructGPTText ? nil : text + "\n"
  }

  private func settingsPage(_ visit: Visit, problem: String? = nil) async throws -> Response {
    let project = try visit.project
    let guidelines = try await visit.queue.read { try $0.guidelines(of: project.id) }
    var values: [String: Any] = [
      "inSettings": true, "guidelines": guidelines.text, "guidelinesVersion": guidelines.version,
      "overlap": project.settings.overlap, "readsFirst": project.settings.readsFirst,
      "offersSamples": project.settings.offersSamples, "patience": Int(project.settings.patience / 60),
      "isRating": project.kind == .rating, "isJudged": project.kind == .comparison || project.kind == .ranking,
      "form": project.settings.form ?? LabellingForm.instructGPTText,
    ]
    values["isComparison"] = project.kind == .comparison
    values["canChoose"] = self.settings.program != nil && self.settings.model != nil
    values["choices"] = [
      ("", "by chance"), ("information", "the one whose answer tells most"),
      ("uncertainty", "the one whose answer is least sure"),
    ].map { ["value": $0.0, "text": $0.1, "isChosen": $0.0 == project.settings.choice ?? ""] as [String: Any] }
    if let state = trainings.choiceState(of: project) { values["choiceState"] = state }
    values["webhook"] = project.settings.webhook ?? ""
    values["webhookSecret"] = project.settings.webhookSecret ?? ""
    if let failure = webhooks.failure(of: project.id) {
      values["webhookProblem"] =
        "It could not be told \(failure.attempts) \(failure.attempts == 1 ? "time" : "times"): \(failure.problem). "
        + "Nothing is lost; the next attempt is at \(failure.next.formatted(.iso8601))."
    }
    if let problem { values["problem"] = problem }
    return pages.response(
      "settings", visit.values("Settings of \(project.name)", values),
      status: problem == nil ? .ok : .unprocessableContent)
  }

  private func changeSettings(_ visit: Visit) async throws -> Response {
    let (project, fields) = (try visit.project, visit.fields)
    var settings = project.settings
    settings.overlap = Int(fields["overlap"] ?? "") ?? 0
    settings.readsFirst = fields["readsFirst"] != nil
    settings.offersSamples = fields["offersSamples"] != nil
    settings.patience = (Double(fields["patience"] ?? "") ?? 60) * 60
    if project.kind == .rating { settings.form = Self.form(fields) }
    func given(_ name: String) -> String? {
      let text = (fields[name] ?? "").trimmingCharacters(in: .whitespaces)
      return text.isEmpty ? nil : text
    }
    (settings.webhook, settings.webhookSecret) = (given("webhook"), given("webhookSecret"))
    if project.kind == .comparison { settings.choice = given("choice") }
    let changed = settings
    do {
      try await visit.queue.write { store in
        try store.setSettings(changed, of: project.id, by: visit.account.id)
        // From now on: what was answered before isn't told.
        if changed.webhook != nil { _ = try store.dueDeliveries() }
      }
      webhooks.forget(project.id)
      if changed.choice != project.settings.choice {
        try trainings.followChoice(
          of: try await visit.queue.read { try $0.project(project.id) }, store: visit.queue.store.path)
      }
      return Self.redirect("/projects/\(project.id)/settings")
    } catch let error as any UserFacingError { return try await settingsPage(visit, problem: error.description) }
  }

  private func overview(_ visit: Visit) async throws -> Response {
    let project = try visit.project
    let mayReview = (visit.place?.role ?? .labeller) >= .reviewer
    let (progress, guidelines) = try await visit.queue.read { store in
      (try store.progress(of: project.id), try store.guidelines(of: project.id))
    }
    var values: [String: Any] = [
      "inOverview": true, "done": progress.done, "wanted": progress.wanted, "tasks": progress.tasks,
      "disputed": progress.disputed, "isEmpty": progress.tasks == 0, "guidelines": guidelines.text,
      "version": guidelines.version, "isConversation": project.kind == .conversation,
      "isComparison": project.kind == .comparison,
      "trainsReward": [.comparison, .ranking, .conversation].contains(project.kind) && progress.done > 0,
      "trainsDemonstrations": project.kind == .demonstration && progress.done > 0,
      "canTrain": settings.program != nil && settings.model != nil,
    ]
    values["guidelinesVersion"] = guidelines.version
    if mayReview {
      let (tallies, days, agreement) = try await visit.queue.read { store in
        (
          try store.tallies(of: project.id), try store.throughput(of: project.id),
          try store.agreement(of: project.id)
        )
      }
      values["labellers"] = tallies.map(Self.row)
      values["throughput"] = days.map { ["day": $0.day, "labels": $0.labels] as [String: Any] }
      values["hasLabellers"] = !tallies.isEmpty
      if let agreement { values["agreement"] = Self.rows(agreement) }
    }
    values.removeValue(forKey: "version")
    return pages.response("project", visit.values(project.name, values))
  }

  private static func row(_ tally: FeedbackStore.LabellerTally) -> [String: Any] {
    var row: [String: Any] = [
      "name": tally.name, "labels": tally.labels, "skipped": tally.skipped,
      "seconds": String(format: "%.0f s", tally.meanSeconds),
    ]
    if tally.gold.n > 0 { row["gold"] = text(tally.gold) }
    if tally.preferredFirst.n > 0 {
      row["first"] = text(tally.preferredFirst)
      row["isBiased"] = tally.preferredFirst.excludes(0.5)
    }
    return row
  }

  private static func rows(_ agreement: FeedbackStore.ProjectAgreement) -> [String: Any] {
    let measures = [
      ("Pairs that agree", agreement.percent), ("Fleiss’ kappa", agreement.kappa),
      ("Krippendorff’s alpha", agreement.alpha), ("Gwet’s AC1", agreement.ac1),
    ]
    return [
      "measures": measures.map { ["name": $0.0, "value": text($0.1)] }, "tasks": agreement.tasks,
      "isSample": agreement.isSample,
    ]
  }

  /// An estimate with its interval.
  static func text(_ estimate: Estimate) -> String {
    estimate.value.isNaN
      ? "–" : String(format: "%.2f (%.2f to %.2f)", estimate.value, estimate.low, estimate.high)
  }
}
