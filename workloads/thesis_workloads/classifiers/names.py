"""Names of the classifiers, for checks that need no PyTorch; `catalog.CATALOG` holds what they stand for."""

SHIPPED = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
"""Those whose weights an installed package carries."""
CLASSIFIERS = (*SHIPPED, "resnet-50", "vgg-19", "inception-v3")
