public import Documents
public import Foundation

/// A person who signs in.
public struct Account: Sendable, Equatable, Identifiable {
  /// Its number.
  public let id: Int
  /// The name under which feedback is kept.
  public let name: String
  /// What is kept of the password; nil for whoever came by a link and has set none.
  public let password: String?
  /// Whether everything here is theirs.
  public let isOwner: Bool
}

/// What somebody may do in a project.
public enum Role: String, Sendable, Codable, CaseIterable, Comparable {
  /// Answers tasks.
  case labeller
  /// Also sees everybody's answers and decides between them.
  case reviewer
  /// Also changes the project.
  case owner

  /// A role is less than those that may do more.
  public static func < (a: Role, b: Role) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

/// Somebody's part in a project.
public struct Member: Sendable, Equatable {
  /// The account's number.
  public let account: Int
  /// The name.
  public let name: String
  /// What they may do.
  public let role: Role
}

/// A sign-in that lasts for a while.
public struct SignIn: Sendable, Equatable {
  /// Who signed in.
  public let account: Account
  /// The secret that forms carry, so that other sites can't send them.
  public let formToken: String
  /// When it ends.
  public let expires: Date
}

/// A failure of something that a person asked of a project, with advice on what to do.
public struct ProjectError: UserFacingError, Equatable {
  /// A kind of failure.
  public enum Kind: Sendable, Equatable {
    /// There is no such thing, or it isn't theirs to know of.
    case notFound
    /// They may not.
    case forbidden
    /// What they gave can't be used.
    case invalid
    /// It contradicts what is there.
    case conflict
    /// It was there and is no longer.
    case gone
  }

  /// The kind of failure.
  public let kind: Kind
  /// What is wrong and what to do.
  public let description: String

  /// Says what is wrong.
  public init(_ kind: Kind, _ description: String) { (self.kind, self.description) = (kind, description) }
}
