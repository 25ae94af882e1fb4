"""Class activation maps and the robust activation map.

CAM: Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016; eq. 4.4.
R-CAM: section 4.6.1, eq. 4.5: the maps of the five likeliest classes, weighted 2^-i by rank, divided by
the maximum.

Deviations. Negative sums are set to zero, or a division by the maximum would not end in [0, 1]. Where the
logits are not one linear layer over the maps' means (VGG-19), the weights of a class are the means of its
logit's gradient over each map (Selvaraju et al., "Grad-CAM", ICCV 2017); where they are, the two are
proportional and the division cancels the factor.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.classifiers.classifier import Classifier


def robust_activation_map(classifier: Classifier, images: Tensor, *, top_k: int = 5) -> Tensor:
    """Returns R-CAM ``(B, H, W)`` in [0, 1] of images ``(B, 3, H, W)`` in [0, 1]; 1 is most salient.

    The classes are those that the classifier finds likeliest in the very images given (eq. 4.5).

    Raises:
        ValueError: if ``top_k`` is below 1.
    """
    if top_k < 1:
        raise ValueError(f"top_k must be 1 or more, got {top_k=}")
    with torch.no_grad():
        features = classifier.features(images)
        classes = classifier.logits(features).topk(top_k, dim=1).indices
    ranks = torch.arange(1, top_k + 1, device=images.device, dtype=features.dtype)
    maps = class_maps(classifier, features, classes)
    return _fit((maps * (2.0**-ranks)[:, None, None]).sum(1), images)


def class_activation_map(classifier: Classifier, images: Tensor, *, classes: Tensor | None = None) -> Tensor:
    """Returns CAM ``(B, H, W)`` in [0, 1] of one class ``(B,)`` per image or the likeliest (eq. 4.4)."""
    with torch.no_grad():
        features = classifier.features(images)
        chosen = classifier.logits(features).argmax(1) if classes is None else classes
    return _fit(class_maps(classifier, features, chosen[:, None])[:, 0], images)


def class_maps(classifier: Classifier, features: Tensor, classes: Tensor) -> Tensor:
    """Returns the unscaled maps ``(B, k, h, w)`` of classes ``(B, k)`` over features ``(B, D, h, w)``."""
    head = classifier.linear_head
    weights = _gradient_weights(classifier, features, classes) if head is None else head.weight[classes]
    maps: Tensor = (weights @ features.flatten(2)).unflatten(2, features.shape[2:])
    return maps.detach()


def _gradient_weights(classifier: Classifier, features: Tensor, classes: Tensor) -> Tensor:
    """Returns ``(B, k, D)``: the mean over each map of the derivative of each class's logit."""
    with torch.enable_grad():
        inputs = features.detach().requires_grad_()
        logits = classifier.logits(inputs).gather(1, classes).sum(0)
        gradients = [torch.autograd.grad(logit, inputs, retain_graph=True)[0] for logit in logits]
    return torch.stack([gradient.mean((2, 3)) for gradient in gradients], dim=1)


def _fit(maps: Tensor, images: Tensor) -> Tensor:
    """Enlarges maps ``(B, h, w)`` to the images, outer edge on outer edge, and scales them to [0, 1]."""
    size = images.shape[-2:]
    large = F.interpolate(maps[:, None].clamp(min=0), size=size, mode="bilinear", align_corners=False)[:, 0]
    return large / large.amax((1, 2), keepdim=True).clamp(min=torch.finfo(large.dtype).tiny)
