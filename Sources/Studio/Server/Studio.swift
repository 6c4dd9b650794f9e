public import Feedback
import Foundation
import Hummingbird
import HTTPTypes
public import Serving

/// The web studio: people teach in it, talk to models and watch them learn, at one port with the server's own routes.
///
/// ```swift
/// let store = try FeedbackStore(path: "feedback.sqlite")
/// let studio = try Studio(store: store)
/// try await studio.run { port, link in print(link) }   // until SIGTERM or SIGINT
/// ```
public struct Studio: Sendable {
  /// The address to listen on, and where things lie.
  public struct Settings: Sendable {
    /// The address; anything but a loopback address needs an owner with a password.
    public var address = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 8090
    /// The owner's name.
    public var owner = "owner"
    /// The owner's password, kept from now on; nil leaves it as it is.
    public var password: String?
    /// The folder of runs.
    public var runs = "runs"
    /// The program that trains; nil where there is none, which takes the buttons away.
    public var program: String?
    /// The model that trainings start from, as a path; nil where none is served.
    public var model: String?
    /// The largest file of tasks, in bytes.
    public var largestUpload = 256 << 20
    /// The defaults.
    public init() {}

    var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(address) || address.hasPrefix("127.") }
  }

  let settings: Settings
  let queue: StoreQueue
  let models: ModelServer
  let pages: Pages
  let files: StaticFiles
  let patience = Patience()
  let ownerSecret = Secret()
  let trainings: Trainings
  let webhooks: Webhooks

  /// A studio over a store, with models or without.
  ///
  /// - Throws: `ProjectError` for an address that others can reach while the owner has no password.
  public init(store: FeedbackStore, models: ModelServer? = nil, settings: Settings = Settings()) throws {
    self.settings = settings
    queue = StoreQueue(store)
    self.models = try models ?? ModelServer(host: nil)
    files = try StaticFiles()
    pages = try Pages(version: files.version)
    trainings = Trainings(settings: settings)
    webhooks = Webhooks(queue: queue)
    let owner = try store.ownerAccount() ?? store.addAccount(settings.owner, isOwner: true)
    if let password = settings.password {
      guard password.count >= 8 else { throw ProjectError(.invalid, "a password has at least 8 letters") }
      try store.setPassword(PasswordHash.make(password), of: owner.id)
    } else if !settings.isLoopback, owner.password == nil {
      throw ProjectError(
        .invalid,
        "\(settings.address) can be reached from other machines and \(owner.name) has no password: "
          + "set APPRENTICE_STUDIO_PASSWORD, or stay on 127.0.0.1")
    }
  }

  /// Serves until SIGTERM or SIGINT, or until the task is cancelled.
  ///
  /// - Parameters:
  ///   - untilSignal: whether signals end it.
  ///   - onListening: called with the port and the owner's link once requests are taken.
  /// - Throws: `ListeningError` where the address can't be listened on.
  public func run(
    untilSignal: Bool = true, onListening: @escaping @Sendable (_ port: Int, _ link: String) -> Void = { _, _ in }
  ) async throws {
    let host = settings.isLoopback ? "127.0.0.1" : settings.address
    let secret = ownerSecret.text
    if let owner = try await queue.read({ try $0.ownerAccount() }) {
      for (project, _) in try await queue.read({ try $0.projects(of: owner) }) where project.settings.choice != nil {
        try trainings.followChoice(of: project, store: queue.store.path)
      }
    }
    let telling = Task { [webhooks] in await webhooks.run() }
    defer { telling.cancel() }
    try await models.run(
      responder: StudioResponder(studio: self), address: settings.address, port: settings.port,
      largestBody: settings.largestUpload, untilSignal: untilSignal
    ) { port in
      onListening(port, "http://\(host):\(port)/open/\(secret)")
    }
    await trainings.stop()
  }
}
