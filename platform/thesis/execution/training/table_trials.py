"""The trials of a table: those that another run finished are taken over, those of this run are kept for others."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from thesis.execution.storage.run_folder import RunFolder
from thesis.execution.storage.trial_cache import find_trial, keep_trial, replay, trial_digest
from thesis.execution.training.job_data import JobData, data_key
from thesis.experiments.plan import PlannedTrial, TablePlan
from thesis.results.findings import DataUsed
from thesis.tracking.journal import Journal
from thesis.tracking.mlflow.sender import TrialLabels
from thesis.tracking.records import TrialRecord
from thesis_workloads.contract.workload import Workload


def reuse_finished(folder: RunFolder, plan: TablePlan, workload: Workload, data: JobData) -> int:
    """Writes trials that other runs have finished into this run's journal; returns their number."""
    journal = Journal(folder.journal)
    count = 0
    for trial in plan.trials:
        stored = find_trial(folder.path.parent, _stored_name(plan, trial.config, workload, data))
        if stored is None or stored.run == folder.name or stored.config != _as_json_values(trial.config):
            continue
        count += 1
        if not journal.has_ended(trial.key):
            replay(journal, trial.key, stored, name=trial.name, is_baseline=trial.is_baseline)
    journal.close()
    return count


def keep_finished(
    folder: RunFolder, plan: TablePlan, workload: Workload, data: JobData, records: list[TrialRecord]
) -> None:
    """Keeps the finished trials for other tables."""
    configs = {trial.key: trial.config for trial in plan.trials}
    for record in records:
        if record.trial_id in configs:
            name = _stored_name(plan, configs[record.trial_id], workload, data)
            keep_trial(folder.path.parent, name, record, run=folder.name)


def all_ended(folder: RunFolder, plan: TablePlan) -> bool:
    """Returns whether every trial of a table has ended, so that nothing is left to run."""
    journal = Journal(folder.journal)
    ended = journal.ended()
    journal.close()
    return all(trial.key in ended for trial in plan.trials)


def data_by_trial(plan: TablePlan, workload: Workload, data: JobData) -> Mapping[str, DataUsed]:
    """Returns the dataset of each trial, by key."""
    return {trial.key: data.used[data_key(workload, trial.config)] for trial in plan.trials}


def labels_of_trials(plan: TablePlan, workload: Workload, data: JobData) -> dict[str, TrialLabels]:
    """Returns the dataset and tags of each trial in MLflow, by key."""
    used = data_by_trial(plan, workload, data)
    return {trial.key: _labels(plan, trial, used[trial.key]) for trial in plan.trials}


def _labels(plan: TablePlan, trial: PlannedTrial, used: DataUsed) -> TrialLabels:
    return TrialLabels(
        dataset={"name": used.name, "version": used.version, "digest": used.digest},
        tags={
            "thesis.setting": trial.name.rpartition(" seed=")[0],
            "thesis.dataset": f"{used.name} {used.version}",
            "thesis.dataset_digest": used.digest,
        },
    )


def _stored_name(plan: TablePlan, config: Any, workload: Workload, data: JobData) -> str:
    used = data.used[data_key(workload, config)]
    return trial_digest(plan.system, config, data=used.digest, code=plan.code)


def _as_json_values(config: Any) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return values
