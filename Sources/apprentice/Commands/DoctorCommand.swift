import ArgumentParser
import Console
import Documents
import Training

/// `apprentice doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what was found on this machine, and what is missing for what.",
    discussion: """
      EXAMPLE:
        apprentice doctor
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    let findings = MachineReport.findings()
    let document = findings.map { finding -> JSONValue in
      [
        "name": .string(finding.name), "found": .bool(finding.isFound),
        "detail": .string(finding.detail),
      ]
    }
    output.show(["findings": .array(document)], text: text(of: findings))
  }

  private func text(of findings: [MachineReport.Finding]) -> String {
    var table = Table([("", .left), ("", .left), ("", .left)])
    for finding in findings {
      table.add([finding.isFound ? "ok" : "--", finding.name, finding.detail])
    }
    // The columns speak for themselves; the empty header line is left out.
    return table.text.split(separator: "\n").joined(separator: "\n")
  }
}
