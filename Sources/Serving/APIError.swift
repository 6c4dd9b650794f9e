import Documents
import Foundation
public import Hummingbird
public import HTTPTypes
import LanguageModels
import Tokenization

/// A refused or failed request, in the shape and with the codes of OpenAI's interface.
public struct APIError: HTTPResponseError, CustomStringConvertible {
  /// The HTTP status.
  public var status: HTTPResponse.Status
  /// The message: what is wrong and what to do.
  public var message: String
  /// OpenAI's class of errors.
  public var type: String
  /// The parameter at fault.
  public var parameter: String?
  /// OpenAI's name of the error.
  public var code: String?
  /// Seconds after which it may be tried again.
  public var retryAfter: Int?
  /// The methods that the path takes, where it was asked by another.
  var allowed: [HTTPRequest.Method] = []

  /// The message.
  public var description: String { message }

  /// A request that can't be served as it is.
  static func invalid(_ message: String, parameter: String? = nil, code: String? = nil) -> APIError {
    APIError(
      status: .badRequest, message: message, type: "invalid_request_error", parameter: parameter, code: code)
  }

  /// A request that can't be served, or failed while it was: the client's doing unless the model's numbers are to blame.
  init(_ error: GenerationError) {
    switch error.cause {
    case .request: self = .invalid(error.description)
    case .constraint: self = .invalid(error.description, code: "invalid_constraint")
    case .model:
      self.init(
        status: .internalServerError, message: "the model failed: \(error.description)", type: "server_error")
    }
  }

  /// Too much at once.
  static func busy(_ message: String, after seconds: Int = 1) -> APIError {
    APIError(
      status: .tooManyRequests, message: message, type: "rate_limit_error", code: "rate_limit_exceeded",
      retryAfter: seconds)
  }

  /// A path asked by a method that it doesn't take.
  static func wrongMethod(allowed: [HTTPRequest.Method]) -> APIError {
    let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
    var error = APIError(
      status: .methodNotAllowed, message: "this path takes \(names)", type: "invalid_request_error",
      code: "method_not_allowed")
    error.allowed = allowed
    return error
  }

  /// Any error as one that can be answered with; what isn't the client's doing becomes 500.
  init(_ error: any Error) {
    switch error {
    case let error as APIError: self = error
    case let error as GenerationError: self.init(error)
    case let error as ConstraintError: self = .invalid(error.description)
    case let error as TokenizationError: self = .invalid(error.description)
    case let error as any HTTPResponseError:
      let names: [Int: (String, String)] = [
        404: ("there is nothing at this path", "not_found"),
        413: ("the body is larger than is allowed", "request_too_large"),
      ]
      let (message, code) = names[error.status.code] ?? (error.status.reasonPhrase, "error")
      self.init(
        status: error.status, message: message, type: "invalid_request_error", parameter: nil, code: code)
    default:
      self.init(
        status: .internalServerError, message: "the server failed: \(error)", type: "server_error", parameter: nil,
        code: nil)
    }
  }

  init(
    status: HTTPResponse.Status, message: String, type: String, parameter: String? = nil, code: String? = nil,
    retryAfter: Int? = nil
  ) {
    self.status = status
    self.message = message
    self.type = type
    self.parameter = parameter
    self.code = code
    self.retryAfter = retryAfter
  }

  /// The body: `{"error": {…}}`.
  var body: JSONValue {
    [
      "error": [
        "message": .string(message), "type": .string(type),
        "param": parameter.map { .string($0) } ?? .null, "code": code.map { .string($0) } ?? .null,
      ]
    ]
  }

  /// The answer.
  var response: Response {
    var response = Response(json: body, status: status)
    if !allowed.isEmpty { response.headers[.allow] = allowed.map(\.rawValue).sorted().joined(separator: ", ") }
    if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
    if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
    return response
  }

  /// The answer.
  public func response(from request: Request, context: some RequestContext) throws -> Response { response }
}

extension Response {
  /// An answer of one JSON document.
  init(json: JSONValue, status: HTTPResponse.Status = .ok) {
    self.init(
      status: status, headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(string: json.serialized(separators: (",", ":")))))
  }

  /// An answer of plain text.
  init(text: String, type: String = "text/plain; charset=utf-8") {
    self.init(
      status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
