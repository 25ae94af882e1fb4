"""Every defense that an evaluation can be asked for, by name."""

from collections.abc import Mapping

from thesis_workloads.contract.evaluation import DefenseSpec
from thesis_workloads.systems.aug_ms_roi.jpeg_defenses import JPEG_DEFENSES
from thesis_workloads.systems.pixel_deflection.experiment import DEFENSES as DEFLECTION_DEFENSES

DEFENSES: Mapping[str, DefenseSpec] = {**DEFLECTION_DEFENSES, **{spec.name: spec for spec in JPEG_DEFENSES}}
