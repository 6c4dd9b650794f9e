import Foundation
import TestSupport
import Testing
import Training

@Suite("Arrays of Slurm's")
struct SlurmArrayTests {
  private func array(_ folder: TemporaryFolder) -> SlurmArray {
    let jobs = (0..<3).map { number in
      JobPool.Job(
        "job \(number)", program: "/bin/sh",
        arguments: ["-c", "echo \"it's $1 of $SLURM_JOB_NAME\"; exit \(number == 1 ? 3 : 0)", "sh", "n°\(number)"])
    }
    return SlurmArray(name: "three", jobs: jobs, parallel: 2, logs: folder.path("logs"))
  }

  @Test("the script runs each task's own program, whatever its words hold")
  func script() throws {
    let folder = try TemporaryFolder()
    let array = array(folder)
    try FileManager.default.createDirectory(atPath: array.logs, withIntermediateDirectories: true)
    let path = try folder.write("array.sh", array.script)
    #expect(array.script.contains("#SBATCH --array=0-2%2") && array.script.contains("--job-name=three"))
    for number in 0..<3 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = [path]
      process.environment = ["SLURM_ARRAY_TASK_ID": "\(number)", "SLURM_JOB_NAME": "three"]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == (number == 1 ? 3 : 0))
      let text = try String(contentsOfFile: folder.path("logs/job \(number).log"), encoding: .utf8)
      #expect(text == "it's n°\(number) of three\n")
    }
  }

  @Test(
    "a cluster runs all of it, and knows when it is over", .enabled(if: SlurmCluster.isInstalled),
    .timeLimit(.minutes(2)))
  func cluster() throws {
    let cluster = try SlurmCluster()
    defer { cluster.stop() }
    let array = array(cluster.folder)
    let id = try array.submit(script: cluster.folder.path("array.sbatch"))
    while !(try SlurmArray.waiting(in: id)).isEmpty { usleep(100_000) }
    for number in 0..<3 {
      let text = try String(contentsOfFile: cluster.folder.path("logs/job \(number).log"), encoding: .utf8)
      #expect(text == "it's n°\(number) of three\n")
    }
    // What is cancelled is over.
    let long = SlurmArray(
      name: "long", jobs: [JobPool.Job("sleep", program: "/bin/sleep", arguments: ["600"])], parallel: 1,
      logs: cluster.folder.path("logs"))
    let other = try long.submit(script: cluster.folder.path("long.sbatch"))
    #expect(try SlurmArray.waiting(in: other) == [0])
    try SlurmArray.cancel(other)
    while !(try SlurmArray.waiting(in: other)).isEmpty { usleep(100_000) }
  }
}

/// A Slurm of one node on this machine, with all that it writes in a folder of its own.
final class SlurmCluster {
  let folder: TemporaryFolder
  private let daemons = ["slurmd.pid", "slurmctld.pid"]

  /// Whether Slurm is here and may be started: its daemons want to be root, and to be asked for by `APPRENTICE_TEST_SLURM=1`.
  static var isInstalled: Bool {
    geteuid() == 0 && ProcessInfo.processInfo.environment["APPRENTICE_TEST_SLURM"] == "1"
      && ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch"].allSatisfy(
        FileManager.default.isExecutableFile)
  }

  init() throws {
    folder = try TemporaryFolder()
    for name in ["state", "spool"] {
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
    }
    let (controller, node) = (20_000 + Int(getpid()) % 20_000, 40_000 + Int(getpid()) % 20_000)
    let host = ProcessInfo.processInfo.hostName.split(separator: ".").first.map(String.init) ?? "localhost"
    let path = try folder.write(
      "slurm.conf",
      """
      ClusterName=test
      SlurmctldHost=\(host)(127.0.0.1)
      SlurmUser=root
      SlurmdUser=root
      AuthType=auth/none
      CredType=cred/none
      SlurmctldPort=\(controller)
      SlurmdPort=\(node)
      SlurmctldPidFile=\(folder.path("slurmctld.pid"))
      SlurmdPidFile=\(folder.path("slurmd.pid"))
      SlurmctldLogFile=\(folder.path("slurmctld.log"))
      SlurmdLogFile=\(folder.path("slurmd.log"))
      StateSaveLocation=\(folder.path("state"))
      SlurmdSpoolDir=\(folder.path("spool"))
      ProctrackType=proctrack/linuxproc
      TaskPlugin=task/none
      JobAcctGatherType=jobacct_gather/none
      AccountingStorageType=accounting_storage/none
      SelectType=select/cons_tres
      SelectTypeParameters=CR_Core
      SwitchType=switch/none
      MpiDefault=none
      ReturnToService=2
      SchedulerParameters=sched_interval=1,batch_sched_delay=0
      NodeName=node NodeHostname=\(host) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
      PartitionName=main Nodes=node Default=YES MaxTime=INFINITE State=UP
      """)
    setenv("SLURM_CONF", path, 1)
    try run("/usr/sbin/slurmctld", [])
    try run("/usr/sbin/slurmd", ["-N", "node"])
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program)")
  }

  func stop() {
    for name in daemons {
      guard let text = try? String(contentsOfFile: folder.path(name), encoding: .utf8),
        let id = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
      else { continue }
      kill(id, SIGTERM)
    }
    unsetenv("SLURM_CONF")
  }
}
