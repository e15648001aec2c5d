"""Faults that strike the data: files that are damaged where they lie, and what sources deliver."""

from tests.faults.fault import SAME, Fault

_BACKUP = "bring it back from the backup of the data folder; without one, remove"
_RAW_REMEDY = r"Remedy: bring it back from the backup of the data folder; without one, remove lake/raw/survey, "
_PUT_BACK = "one line names the file: put it back from the backup, or remove what the line names; then " + SAME


def _damaged(name: str, where: str, done: str, path: str) -> Fault:
    return Fault(
        name,
        where,
        done,
        rf"{path} is damaged\. Remedy: {_BACKUP} it \(what it said of earlier nights is lost\) and run again",
        "one line names the file: put it back from the backup; then " + SAME,
    )


DAMAGE = (
    Fault(
        "raw-flipped",
        "raw",
        "One bit is flipped in the middle of a raw Parquet file",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is damaged\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "raw-truncated",
        "raw",
        "A raw Parquet file has lost its last bytes",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is damaged\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "raw-empty",
        "raw",
        "A raw Parquet file has no byte left",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is damaged\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "raw-gone",
        "raw",
        "A raw Parquet file is gone",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is gone\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "inventory",
        "raw",
        "The list of raw files and their checksums is not readable",
        r"survey\.\*: lake/inventory/survey\.json is damaged\. Remedy: bring it back",
        "one line: put it back or remove it; then " + SAME,
    ),
    Fault("raw-half-copied", "raw", "Half a Parquet file of a load that never ended lies in the raw lake"),
    _damaged(
        "quarantine-flipped", "quarantine", "One bit is flipped in the quarantine", "lake/quarantine/rows.parquet"
    ),
    _damaged("history-truncated", "identity", "The identity history has lost its end", "lake/identity/history.parquet"),
    Fault(
        "state-damaged",
        "identity",
        "Standard spellings of the night before are cut off",
        outcome="every record is scored again with the same model; " + SAME,
    ),
    Fault(
        "state-mixed",
        "identity",
        "The scored pairs are those of another night",
        outcome="every record is scored again with the same model; " + SAME,
    ),
    _damaged(
        "model-flipped",
        "identity",
        "One bit is flipped in the model that customers are found with",
        "lake/identity/state/model_model.parquet",
    ),
    Fault(
        "model-gone",
        "identity",
        "The model is gone, as the line of model-flipped says",
        outcome="a model is fitted and the run says so; the impact gate judges what it changes",
    ),
    _damaged(
        "published-truncated",
        "identity",
        "The snapshot of who is who as published has lost its end",
        "lake/identity/published.parquet",
    ),
    _damaged("events-flipped", "identity", "One bit is flipped in the identity events", "lake/identity/events.parquet"),
    _damaged(
        "scores-flipped",
        "intelligence",
        "One bit is flipped in the scores of an earlier night",
        r"lake/intelligence/churn_scores/2017-12-16\.parquet",
    ),
    Fault("warehouse-truncated", "staged", "warehouse.duckdb has lost its second half", outcome="built anew; " + SAME),
    Fault(
        "warehouse-flipped",
        "staged",
        "A block in the middle of warehouse.duckdb is overwritten",
        r"the warehouse was damaged and is removed\. Remedy: run the whole night again, which builds it anew",
        "built anew, at once or (when the block is met half-way) after one line by the next run; " + SAME,
    ),
    Fault("warehouse-garbage", "staged", "warehouse.duckdb holds something else", outcome="built anew; " + SAME),
    Fault("manifest", "start", "dbt's manifest.json is cut in half", outcome="parsed anew; " + SAME),
    Fault("partial-parse", "start", "dbt's partial_parse.msgpack holds something else", outcome="parsed anew; " + SAME),
    Fault(
        "dlt-state",
        "raw",
        "dlt's local state of a source holds something else",
        outcome="read again from the lake; " + SAME,
    ),
    Fault("dlt-gone", "raw", "dlt's working folder is gone", outcome="its state is read from the lake; " + SAME),
    Fault(
        "dagster-records",
        "start",
        "Dagster's database of runs holds something else",
        r"Dagster's own records of earlier runs are damaged\. Remedy: remove the folder dagster in the data folder",
        "one line: remove the folder; then " + SAME,
    ),
    Fault("serving-garbage", "serving", "serving.duckdb holds something else", outcome="published anew; " + SAME),
    Fault(
        "pull-anew",
        "raw",
        "No backup: a source's folders are removed as the line of raw-flipped says",
        outcome="the whole source is pulled anew; " + SAME,
    ),
)

_NEXT = "one line; nothing of the source lands; the next plain run pulls what is missing: " + SAME
_DELIVER = r"Remedy: ask "
_SET_ASIDE = "the row is set aside by rule; delivered right under the same name: " + SAME

SOURCES = (
    Fault(
        "wrong-password",
        "sql",
        "The database refuses the password",
        r"crm\.\*: \S+ refuses the user crm_reader or its password\. Remedy: check the user and password",
        "one line: correct it; then " + SAME,
    ),
    Fault(
        "server-down",
        "sql",
        "Nobody listens at the database's address",
        r"erp\.\*: no connection to \S+\. Remedy: check that the server runs",
        _NEXT,
    ),
    Fault(
        "cut-mid-pull",
        "sql",
        "The connection to the database is cut in the middle of the pull",
        r"erp\.\S+: .*Remedy: ",
        _NEXT,
    ),
    Fault("api-500", "rest", "The API answers HTTP 500", r"helpdesk\.\S+: .*HTTP 500.*Remedy: ", _NEXT),
    Fault("api-429", "rest", "The API answers HTTP 429 to every try", r"helpdesk\.\S+: .*429.*Remedy: ", _NEXT),
    Fault("api-html", "rest", "The API answers a page of HTML, status 200", r"helpdesk\.\S+: .*Remedy: ", _NEXT),
    Fault("api-cut", "rest", "The API's answer is cut in the middle", r"helpdesk\.\S+: .*Remedy: ", _NEXT),
    Fault(
        "token-expired",
        "rest",
        "The API refuses the token",
        r"helpdesk\.\S+: .*refuses the token.*Remedy: renew the token",
        "one line: renew it; then " + SAME,
    ),
    Fault(
        "gzip-truncated",
        "files",
        "A gzip file has lost its second half on the way",
        rf"web\.events: .*events_2017-12-20.*{_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault(
        "parquet-truncated",
        "files",
        "A Parquet file has lost its second half on the way",
        rf"marketing\.touches: .*touches_2017-12-20.*{_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault(
        "column-removed",
        "files",
        "A CSV file comes without a declared column",
        rf"loyalty\.members: column email .*missing.*{_DELIVER}",
        "one line: deliver it again, or change the declaration; then " + SAME,
    ),
    Fault(
        "column-renamed",
        "files",
        "A column of a CSV file has another name",
        rf"bureau\.demographics: column home_ownership .*missing.*{_DELIVER}",
        "one line: deliver it again, or change the declaration; then " + SAME,
    ),
    Fault(
        "column-retyped",
        "files",
        "A column of a Parquet file changes from number to text",
        r"marketing\.touches: \S+touches_2017-12-20\.parquet changed the type of column cost_usd from double to text\."
        r" Remedy: ask the owner to bring the type back",
        "one line: bring the type back; then " + SAME,
    ),
    Fault(
        "files-gone",
        "files",
        "All files of a set are gone from the drop",
        rf"social\.mentions: no file matches .*{_DELIVER}",
        "one line: deliver them; then " + SAME,
    ),
    Fault(
        "file-empty",
        "files",
        "A CSV file has no byte, not even a header",
        rf"survey\.responses: .*responses_2017-1.*{_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault("column-added", "files", "A CSV file comes with one column more", outcome="it lands; " + SAME),
    Fault("columns-reordered", "files", "The columns of a CSV file come in another order",
          outcome="read by name; " + SAME),
    Fault("delivered-twice", "files", "The same file is delivered again under a second name"),
    Fault("rows-twice", "files", "A file holds each of its rows twice"),
    Fault("out-of-order", "files", "The second half of a file arrives a run before the first"),
    Fault("changed-file", "files", "A file is delivered with other values, and later right"),
    Fault(
        "csv-truncated",
        "files",
        "A CSV file has lost its end on the way, in the middle of a row",
        outcome="the cut row is set aside, unless the cut only shortened its last value; delivered whole: " + SAME,
    ),
    Fault("broken-encoding", "files", "A line is not UTF-8", outcome=_SET_ASIDE),
    Fault("nuls", "files", "A line is a megabyte of NUL bytes", outcome=_SET_ASIDE),
    Fault(
        "wide-row",
        "files",
        "A line is 300 MB wide",
        outcome="the row is set aside by rule, its first 64 KB kept; the run stays below 1 GB; then " + SAME,
    ),
    Fault("many-columns", "files", "A row has 10,000 columns", outcome=_SET_ASIDE),
    Fault(
        "columns-swapped",
        "files",
        "The values of two columns are swapped, both text: score and comment",
        outcome="rows whose values break a rule of their new column are set aside. Two columns whose values look alike"
        " (given and family name) can't be told apart by any rule: nobody notices. Delivered right: " + SAME,
    ),
)  # fmt: skip
