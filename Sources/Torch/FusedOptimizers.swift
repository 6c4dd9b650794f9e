import CTorch

/// One call per optimizer step over all tensors; ``NeuralNetworks`` holds the state and the schedules.
package enum FusedOptimizers {
  /// Decoupled weight decay (Loshchilov 2019), libtorch's fused kernel.
  ///
  /// `steps` are float32 scalars, counted up here.
  package static func adamW(
    parameters: [Tensor], gradients: [Tensor], first: [Tensor], second: [Tensor], steps: [Tensor],
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double
  ) {
    parameters.withHandles { p, n in
      gradients.withHandles { g, _ in
        first.withHandles { m, _ in
          second.withHandles { v, _ in
            steps.withHandles { s, _ in
              done(
                "adamw_",
                torch.pointee.adamw_(
                  p, g, m, v, s, n, learningRate, beta1, beta2, epsilon, weightDecay),
                parameters)
            }
          }
        }
      }
    }
  }

  /// Stochastic gradient descent with PyTorch's momentum; `isFirst` on the first step, when momenta start as gradients.
  package static func sgd(
    parameters: [Tensor], gradients: [Tensor], momenta: [Tensor], learningRate: Double,
    momentum: Double, weightDecay: Double, nesterov: Bool, isFirst: Bool
  ) {
    parameters.withHandles { p, n in
      gradients.withHandles { g, _ in
        momenta.withHandles { m, _ in
          done(
            "sgd_",
            torch.pointee.sgd_(
              p, g, m, n, learningRate, momentum, weightDecay, nesterov ? 1 : 0, isFirst ? 1 : 0),
            parameters)
        }
      }
    }
  }

  /// √Σ‖gᵢ‖² over all gradients.
  package static func norm(_ gradients: [Tensor]) -> Double {
    gradients.withHandles { torch.pointee.grad_norm($0, $1) }
  }

  /// Multiplies all gradients in place.
  package static func scale(_ gradients: [Tensor], by factor: Double) {
    gradients.withHandles { done("scale_grads", torch.pointee.scale_grads($0, $1, factor), gradients) }
  }
}
