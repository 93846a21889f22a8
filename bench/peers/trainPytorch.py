"""LeNet-5 as in examples/lenet5.ts, in PyTorch, trained by the loop that its tutorials show."""
import torch
from torch import nn

from lines import answer_lines, digits

images, labels = digits()
images = torch.from_numpy(images[:, None])
labels = torch.from_numpy(labels)


def train(epochs, batch_size):
    torch.manual_seed(42)
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(),
        nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), 0.001)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(epochs):
        total, right = 0.0, 0
        for batch in torch.randperm(len(labels)).split(batch_size):
            outputs = model(images[batch])
            loss = criterion(outputs, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
            right += (outputs.argmax(1) == labels[batch]).sum().item()
        losses.append(total / len(labels))
    return losses


answer_lines(train)
