with identity_quality as (
    select * from {{ source('grading', 'identity_quality') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
)

select
    identity_quality.as_of,
    identity_quality.dimension,
    identity_quality.value,
    identity_quality.records,
    identity_quality.true_pairs,
    identity_quality.found_pairs,
    identity_quality.right_pairs,
    round(identity_quality.precision, 6) as precision,
    round(identity_quality.recall, 6) as recall,
    round(identity_quality.f1, 6) as f1,
    round(identity_quality.bcubed_precision, 6) as bcubed_precision,
    round(identity_quality.bcubed_recall, 6) as bcubed_recall,
    round(identity_quality.bcubed_f1, 6) as bcubed_f1
from identity_quality
inner join run_date on identity_quality.as_of <= run_date.as_of
order by as_of, dimension, value
