package import Documents
package import Foundation

/// A page of a browser, and what a person does to it.
package struct BrowserPage: Sendable {
  let browser: Browser
  let session: String

  /// Gives a command to this page.
  @discardableResult
  package func send(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
    try await browser.send(method, parameters, session: session)
  }

  /// Sets the size of the window, and whether it is a phone's.
  package func resize(width: Int, height: Int, isPhone: Bool = false) async throws {
    try await send(
      "Emulation.setDeviceMetricsOverride",
      ["width": .int(width), "height": .int(height), "deviceScaleFactor": 1, "mobile": .bool(isPhone)])
    try await send("Emulation.setTouchEmulationEnabled", ["enabled": .bool(isPhone)])
  }

  /// Prefers the dark theme, or the light one.
  package func setDark(_ isDark: Bool) async throws {
    try await send(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
  }

  /// Opens an address and waits until the page and its scripts have been read.
  package func open(_ address: String) async throws {
    let result = try await send("Page.navigate", ["url": .string(address)])
    if let problem = result["errorText"]?.string, problem != "net::ERR_ABORTED" {
      throw Browser.Failure(description: "\(address): \(problem)")
    }
    try await wait("document.readyState === 'complete' && location.href !== 'about:blank'")
  }

  /// Loads the page anew.
  package func reload() async throws {
    try await run("window.before = true")
    try await send("Page.reload")
    try await wait("!window.before && document.readyState === 'complete'")
  }

  /// The value of an expression; a promise is waited for.
  @discardableResult
  package func run(_ script: String) async throws -> JSONValue {
    let result = try await send(
      "Runtime.evaluate",
      ["expression": .string(script), "awaitPromise": true, "returnByValue": true, "userGesture": true])
    if let problem = result["exceptionDetails"] {
      let text = problem["exception"]?["description"]?.string ?? problem["text"]?.string ?? "an exception"
      throw Browser.Failure(description: "\(script.prefix(200)): \(text)")
    }
    return result["result"]?["value"] ?? nil
  }

  /// Waits until an expression is true.
  package func wait(_ condition: String, seconds: Double = 60) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      // While a page is left there is nowhere to run anything.
      if (try? await run(condition))?.bool == true { return }
      try await Task.sleep(for: .milliseconds(15))
    }
    let text = (try? await run("document.body.innerText.slice(0, 600)"))?.string ?? ""
    throw Browser.Failure(description: "never came true: \(condition); the page says: \(text)")
  }

  /// The text of an element.
  package func text(_ selector: String) async throws -> String {
    try await run("document.querySelector(\(Self.quoted(selector)))?.innerText ?? ''").string ?? ""
  }

  /// Clicks an element where it lies, as a mouse does; what covers it gets the click.
  package func click(_ selector: String) async throws {
    let quoted = Self.quoted(selector)
    try await wait("document.querySelector(\(quoted)) !== null")
    let place = try await run(
      """
      (() => { const e = document.querySelector(\(quoted)); e.scrollIntoView({block: 'center', inline: 'center'});
        const b = e.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; })()
      """)
    for kind in ["mousePressed", "mouseReleased"] {
      try await send(
        "Input.dispatchMouseEvent",
        ["type": .string(kind), "x": place[0] ?? 0, "y": place[1] ?? 0, "button": "left", "clickCount": 1])
    }
  }

  /// Writes a text where the focus is.
  package func write(_ text: String) async throws { try await send("Input.insertText", ["text": .string(text)]) }

  /// Empties a field and writes into it.
  package func fill(_ selector: String, _ text: String) async throws {
    try await wait("document.querySelector(\(Self.quoted(selector))) !== null")
    try await run("(() => { const e = document.querySelector(\(Self.quoted(selector))); e.focus(); e.select?.(); })()")
    try await write(text)
  }

  /// Presses a key.
  package func press(_ key: String, shift: Bool = false, control: Bool = false) async throws {
    let codes = [
      "Enter": 13, "Tab": 9, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, " ": 32,
    ]
    var event: JSONObject = [
      "type": "keyDown", "key": .string(key), "modifiers": .int((shift ? 8 : 0) + (control ? 2 : 0)),
    ]
    if let code = codes[key] {
      event["windowsVirtualKeyCode"] = .int(code)
      event["code"] = .string(key)
      if key == "Enter" { event["text"] = "\r" }
      if key == " " { event["text"] = " " }
    } else {
      event["text"] = .string(key)
      event["windowsVirtualKeyCode"] = .int(Int(key.uppercased().unicodeScalars.first?.value ?? 0))
    }
    try await send("Input.dispatchKeyEvent", .object(event))
    event["type"] = "keyUp"
    event["text"] = nil
    try await send("Input.dispatchKeyEvent", .object(event))
  }

  /// A picture of what the window shows, as PNG.
  package func screenshot() async throws -> Data {
    let picture = try await send("Page.captureScreenshot", ["format": "png"])["data"]?.string ?? ""
    guard let data = Data(base64Encoded: picture) else { throw Browser.Failure(description: "no picture came") }
    return data
  }

  private static func quoted(_ text: String) -> String { JSONValue.string(text).serialized() }
}
