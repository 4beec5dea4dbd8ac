-- What the tracking database answers. The same text runs on PostgreSQL and SQLite (3.25 or later); give :data_digest
-- as your client does: `\set data_digest '''...'''` in psql, `.parameter set :data_digest '...'` in sqlite3.
-- Deleted runs and experiments are left out. Tags and params are those of the mirror of this project's Git history.


-- name: runs
-- One row a revision: what it was made from, what it found, and every parameter as `key=value; key=value`.
WITH RECURSIVE
  revision AS (
    SELECT runs.run_uuid, runs.start_time
    FROM runs
    JOIN experiments ON experiments.experiment_id = runs.experiment_id
    JOIN tags AS kind ON kind.run_uuid = runs.run_uuid AND kind.key = 'credit.kind' AND kind.value = 'revision'
    WHERE experiments.name = 'credit-risk'
      AND experiments.lifecycle_stage = 'active' AND runs.lifecycle_stage = 'active'
  ),
  tag AS (
    SELECT revision.run_uuid,
      MAX(CASE WHEN key = 'credit.commit' THEN value END) AS git_commit,
      MAX(CASE WHEN key = 'credit.experiment' THEN value END) AS experiment,
      MAX(CASE WHEN key = 'credit.baseline' THEN value END) AS baseline,
      MAX(CASE WHEN key = 'credit.family' THEN value END) AS family,
      MAX(CASE WHEN key = 'credit.digest' THEN value END) AS digest,
      MAX(CASE WHEN key = 'credit.data_digest' THEN value END) AS data_digest
    FROM revision JOIN tags ON tags.run_uuid = revision.run_uuid
    GROUP BY revision.run_uuid
  ),
  metric AS (
    SELECT revision.run_uuid,
      MAX(CASE WHEN key = 'auc' THEN value END) AS auc,
      MAX(CASE WHEN key = 'gini' THEN value END) AS gini,
      MAX(CASE WHEN key = 'ks' THEN value END) AS ks,
      MAX(CASE WHEN key = 'accuracy' THEN value END) AS accuracy,
      MAX(CASE WHEN key = 'precision' THEN value END) AS precision_,
      MAX(CASE WHEN key = 'recall' THEN value END) AS recall,
      MAX(CASE WHEN key = 'f1' THEN value END) AS f1,
      MAX(CASE WHEN key = 'brier' THEN value END) AS brier,
      MAX(CASE WHEN key = 'cost' THEN value END) AS cost,
      MAX(CASE WHEN key = 'threshold' THEN value END) AS threshold
    FROM revision JOIN latest_metrics ON latest_metrics.run_uuid = revision.run_uuid AND NOT latest_metrics.is_nan
    GROUP BY revision.run_uuid
  ),
  -- No function joins texts under one name everywhere: pair after pair, in the order of the keys.
  pair AS (
    SELECT revision.run_uuid, params.key || '=' || params.value AS text_,
      ROW_NUMBER() OVER (PARTITION BY revision.run_uuid ORDER BY params.key) AS place,
      COUNT(*) OVER (PARTITION BY revision.run_uuid) AS pairs
    FROM revision JOIN params ON params.run_uuid = revision.run_uuid
  ),
  joined (run_uuid, place, pairs, text_) AS (
    SELECT run_uuid, place, pairs, CAST(text_ AS TEXT) FROM pair WHERE place = 1
    UNION ALL
    SELECT joined.run_uuid, pair.place, pair.pairs, joined.text_ || '; ' || pair.text_
    FROM joined JOIN pair ON pair.run_uuid = joined.run_uuid AND pair.place = joined.place + 1
  )
SELECT revision.run_uuid AS run_id, tag.git_commit, tag.experiment, tag.baseline, tag.digest, tag.data_digest, tag.family,
  metric.auc, metric.gini, metric.ks, metric.accuracy, metric.precision_ AS "precision", metric.recall, metric.f1,
  metric.brier, metric.cost, metric.threshold, joined.text_ AS params
FROM revision
LEFT JOIN tag ON tag.run_uuid = revision.run_uuid
LEFT JOIN metric ON metric.run_uuid = revision.run_uuid
LEFT JOIN joined ON joined.run_uuid = revision.run_uuid AND joined.place = joined.pairs
ORDER BY revision.start_time, revision.run_uuid;


-- name: best_of_each_family
-- One row a family: its highest AUC out of fold over all revisions, of equals the one with the lower Brier score; only
-- those judged on the same applicants and folds as the latest, for others cannot be compared.
-- The test applicants have no say in it: to choose by them would use them up.
WITH
  family AS (
    SELECT child.run_uuid, child.start_time, family.value AS family, parent.run_uuid AS parent_id,
      judged.value AS judged_on,
      MAX(CASE WHEN metric.key = 'oof_auc' THEN metric.value END) AS oof_auc,
      MAX(CASE WHEN metric.key = 'oof_brier' THEN metric.value END) AS oof_brier,
      MAX(CASE WHEN metric.key = 'oof_cost' THEN metric.value END) AS oof_cost,
      MAX(CASE WHEN metric.key = 'cutoff' THEN metric.value END) AS cutoff
    FROM runs AS child
    JOIN experiments ON experiments.experiment_id = child.experiment_id
    JOIN tags AS kind ON kind.run_uuid = child.run_uuid AND kind.key = 'credit.kind' AND kind.value = 'family'
    JOIN tags AS family ON family.run_uuid = child.run_uuid AND family.key = 'credit.family'
    LEFT JOIN tags AS judged ON judged.run_uuid = child.run_uuid AND judged.key = 'credit.judged_on'
    JOIN tags AS link ON link.run_uuid = child.run_uuid AND link.key = 'mlflow.parentRunId'
    JOIN runs AS parent ON parent.run_uuid = link.value
    JOIN latest_metrics AS metric ON metric.run_uuid = child.run_uuid AND NOT metric.is_nan
    WHERE experiments.name = 'credit-risk' AND experiments.lifecycle_stage = 'active'
      AND child.lifecycle_stage = 'active' AND parent.lifecycle_stage = 'active'
    GROUP BY child.run_uuid, child.start_time, family.value, parent.run_uuid, judged.value
  ),
  latest AS (
    SELECT judged_on FROM family ORDER BY start_time DESC, run_uuid LIMIT 1
  ),
  ranked AS (
    SELECT family.*,
      ROW_NUMBER() OVER (PARTITION BY family ORDER BY oof_auc DESC, oof_brier, start_time, family.run_uuid) AS place
    FROM family JOIN latest ON COALESCE(latest.judged_on, '') = COALESCE(family.judged_on, '')
    WHERE oof_auc IS NOT NULL
  )
SELECT ranked.family, ranked.oof_auc, ranked.oof_brier, ranked.oof_cost, ranked.cutoff, ranked.run_uuid AS run_id,
  revision.value AS git_commit
FROM ranked
LEFT JOIN tags AS revision ON revision.run_uuid = ranked.parent_id AND revision.key = 'credit.commit'
WHERE ranked.place = 1
ORDER BY ranked.oof_auc DESC, ranked.family;


-- name: runs_of_data
-- The revisions made from one state of the raw table, which is told by its md5 in dvc.lock; oldest first.
SELECT runs.run_uuid AS run_id, revision.value AS git_commit, experiment.value AS experiment, auc.value AS auc,
  cost.value AS cost
FROM runs
JOIN experiments ON experiments.experiment_id = runs.experiment_id
JOIN tags AS kind ON kind.run_uuid = runs.run_uuid AND kind.key = 'credit.kind' AND kind.value = 'revision'
JOIN tags AS data ON data.run_uuid = runs.run_uuid AND data.key = 'credit.data_digest' AND data.value = :data_digest
LEFT JOIN tags AS revision ON revision.run_uuid = runs.run_uuid AND revision.key = 'credit.commit'
LEFT JOIN tags AS experiment ON experiment.run_uuid = runs.run_uuid AND experiment.key = 'credit.experiment'
LEFT JOIN latest_metrics AS auc ON auc.run_uuid = runs.run_uuid AND auc.key = 'auc' AND NOT auc.is_nan
LEFT JOIN latest_metrics AS cost ON cost.run_uuid = runs.run_uuid AND cost.key = 'cost' AND NOT cost.is_nan
WHERE experiments.name = 'credit-risk'
  AND experiments.lifecycle_stage = 'active' AND runs.lifecycle_stage = 'active'
ORDER BY runs.start_time, runs.run_uuid;
