#!/usr/bin/env python3
"""Golden values of the chatbot's two networks, with and without attention, by plain PyTorch.

nn.LSTM reads word vectors, a second nn.LSTM goes on from its state over one-hot words, and a linear layer gives logits; with attention h~ = tanh(W[c; h]),
c the mean of the reader's outputs weighted by softmax(h . outputs) (Luong 2015, "dot").
Writes networks.safetensors: for both the weights under the names of their state dicts, questions, words, logits, and the gradient of the mean loss.
"""
import torch
from safetensors.torch import save_file
from torch import nn


class Network(nn.Module):
    def __init__(self, inputs=11, outputs=9, width=5, units=6, attention=False):
        super().__init__()
        self.encoder_embedding = nn.Embedding(inputs, width)
        self.encoder = nn.LSTM(width, units, batch_first=True)
        self.decoder = nn.LSTM(outputs, units, batch_first=True)
        self.combination = nn.Linear(2 * units, units, bias=False) if attention else None
        self.output = nn.Linear(units, outputs)
        self.outputs = outputs

    def forward(self, questions, words):
        read, state = self.encoder(self.encoder_embedding(questions))
        hidden, _ = self.decoder(nn.functional.one_hot(words, self.outputs).float(), state)
        if self.combination is not None:
            weights = torch.softmax(hidden @ read.transpose(1, 2), dim=-1)
            hidden = torch.tanh(self.combination(torch.cat([weights @ read, hidden], dim=-1)))
        return self.output(hidden)


torch.manual_seed(21)
found = {}
for name, attention in [("plain", False), ("attention", True)]:
    network = Network(attention=attention)
    questions = torch.randint(0, 11, (3, 4))
    words = torch.randint(0, 9, (3, 5))
    targets = torch.randint(0, 9, (3, 5))
    logits = network(questions, words)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    found |= {f"{name}.weights.{key}": value for key, value in network.state_dict().items()}
    found |= {f"{name}.gradients.{key}": value.grad for key, value in network.named_parameters()}
    found |= {f"{name}.questions": questions, f"{name}.words": words, f"{name}.targets": targets, f"{name}.logits": logits}
save_file({key: value.detach().clone().contiguous() for key, value in found.items()}, "networks.safetensors")
