// What a device makes of our computations, against the processor, and how fast: run by Scripts/device-check.
//
// usage: DeviceCheck GROUP [DEVICE]    a line for each comparison; exits with 1 if one fails
//        GROUP is ops, attention, training, decoding, reinforcement or storage,
//        or speed-machine, speed-training, speed-decoding or speed-reinforcement. DEVICE is auto where none is given.
//
// On the processor the groups compare our kernels with the ops that a device would take, and so rehearse the check.

import Foundation
import Torch

let arguments = CommandLine.arguments
do {
  let check = Check(try Device(parsing: arguments.count == 3 ? arguments[2] : "auto"))
  switch arguments.count > 1 ? arguments[1] : "" {
  case "ops": checkOps(check)
  case "attention": checkAttention(check)
  case "training": checkTraining(check)
  case "decoding": checkDecoding(check)
  case "reinforcement": checkReinforcement(check)
  case "storage": checkStorage(check)
  case "speed-machine": try speedOfMachine(check.device)
  case "speed-training": try speedOfTraining(check.device)
  case "speed-decoding": try speedOfDecoding(check.device)
  case "speed-reinforcement": try speedOfReinforcement(check.device)
  default:
    FileHandle.standardError.write(Data("usage: see the first lines of Benchmarks/device/main.swift\n".utf8))
    exit(64)
  }
  exit(check.failures == 0 ? 0 : 1)
} catch {
  say("FAILED \(arguments.dropFirst().joined(separator: " ")): \(error)")
  exit(1)
}
