# The commands of the README. Everything lands in .venv and data/ (or PIPELINE_DATA_DIR); nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
DEMAND_VENV := .venv-bench-demand
SUPERSET_VENV := .venv-superset
DATA := $(or $(PIPELINE_DATA_DIR),data)
DEMO := $(BIN)/python -m demo_company serve --
# Variables that only the demo company sets: while a source reads one, the UI needs its systems.
READS_DEMO = grep -qsE '\$$\{(ERP_DATABASE_URL|CRM_DATABASE_URL|HELPDESK_URL|DROP_DIR)\}' orchestration/raw/sources/*.yml
export DAGSTER_DISABLE_TELEMETRY := 1
# Containers often forbid Python to keep what it compiled; then every start compiles 3,000 files again, for ten seconds.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help install run nightly replay backfill approve-identity rollback explain review ui dashboard new-source remove-source test test-fast faults docs lint bench-identity bench-scale bench-models bench-models-scale bench-demand bench-serving bench-page superset superset-environment check-superset clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements.lock
	@echo "Installing into $(VENV) …"
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or later is needed (set PYTHON=…)"'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@touch $@

install: $(VENV)/.installed ## Install the locked versions into .venv

run: install ## Start the demo company, run the night, print the summary
	@$(DEMO) $(BIN)/python -m orchestration.nightly $(ARGS)

nightly: install ## Run the night on your own systems (their addresses come from the environment)
	@$(BIN)/python -m orchestration.nightly $(ARGS)

replay: install ## Judge and build again from staged on, after a rule changed; pulls nothing
	@$(BIN)/python -m orchestration.nightly --replay $(ARGS)

backfill: install ## Say what the models would have said each week, and how right that was (FROM=2017-04-01 TO=2017-12-31)
	@$(BIN)/python -m orchestration.backfill $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)")

approve-identity: install ## Let a change of customers be published that stopped a night (CHANGE=… BY=… WHY=…)
	@$(BIN)/python -m orchestration.identity.approve "$(CHANGE)" --by "$(BY)" --why "$(WHY)"

rollback: install ## Put an earlier publication back: the one before, or TO=… (LIST=1 shows them; BY=… WHY=…)
	@$(BIN)/python -m orchestration.serving.rollback $(if $(LIST),--list) $(if $(TO),--to "$(TO)") $(if $(BY),--by "$(BY)") $(if $(WHY),--why "$(WHY)")

explain: install ## Say why two records are one customer or two (A=crm:1 B=erp:2; ARGS=--show-values for real values)
	@$(BIN)/python -m orchestration.identity.explanation "$(A)" "$(B)" $(ARGS)

review: install ## Answer which records are one customer, one by one (BY="your name"; TAKE=file takes a filled-in sheet)
	@$(BIN)/python -m orchestration.identity.label $(if $(BY),--by "$(BY)") $(if $(TAKE),--take "$(TAKE)")

ui: install ## Open the Dagster UI on the same code and data (ARGS="--port 3001"), with the demo company if it is a source
	@if $(READS_DEMO); then $(DEMO) $(BIN)/python -m orchestration.ui $(ARGS); else $(BIN)/python -m orchestration.ui $(ARGS); fi

dashboard: install ## Look at the report and at single customers (PRIVATE=1 shows names; ARGS="--port 8081")
	@$(BIN)/python -m report.dashboard --data "$(DATA)" $(if $(PRIVATE),--private) $(ARGS)

new-source: install ## Write the staging models of a source declared in orchestration/raw/sources/ (NAME=…)
	@$(BIN)/python -m orchestration.new_source $(NAME) $(if $(MAP),--map "$(MAP)") $(if $(FORCE),--force)

remove-source: install ## Take sources out again, such as those of the demo company (NAME="erp crm …")
	@$(BIN)/python -m orchestration.new_source --remove $(NAME)

test: install ## Run all tests but the faults (minutes)
	@$(BIN)/python -m pytest tests --ignore tests/faults -n 2 --dist loadfile --no-loadscope-reorder -rs

test-fast: install ## Run the unit tests but the slow ones (under a minute)
	@$(BIN)/python -m pytest tests/unit -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder

faults: install ## Provoke every fault of docs/faults.md (WHOLE=1: on whole nights, an hour)
	@FAULT_WHOLE=$(WHOLE) $(BIN)/python -m pytest tests/faults -n 0

lint: install ## Check style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

docs: install ## Write the reference pages of docs/, and dbt's own (tables, columns, lineage) into the data folder
	@$(BIN)/python -m orchestration.raw.declaration.reference
	@$(BIN)/python -m orchestration.validated.document
	@$(BIN)/python -m orchestration.new_source.reference
	@$(BIN)/python -m tests.faults.catalogue
	@$(BIN)/python -m orchestration.intelligence.segments_reference
	@if [ -f "$(DATA)/warehouse.duckdb" ]; then cd dbt_project && PIPELINE_DATA_DIR="$(abspath $(DATA))" $(abspath $(BIN))/dbt --quiet docs generate \
		--static --profiles-dir . --target-path "$(abspath $(DATA))/dbt_docs" --log-path "$(abspath $(DATA))/dbt_docs" && echo "Tables and columns: $(DATA)/dbt_docs/static_index.html"; \
		else echo "Tables and columns (dbt docs) are written after the first make run"; fi

$(BENCH_VENV)/.installed: $(VENV)/.installed benchmarks/identity/requirements.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(BENCH_VENV)
	@$(BIN)/uv pip sync --quiet --no-config --python $(BENCH_VENV)/bin/python benchmarks/identity/requirements.txt
	@touch $@

bench-identity: $(BENCH_VENV)/.installed ## Compare identity with plain Splink and GoldenMatch (after make run; SETS="febrl3 …")
	@BENCHMARK_PYTHON=$(CURDIR)/$(BENCH_VENV)/bin/python $(BIN)/python -m benchmarks.identity $(SETS)

bench-scale: install ## Time identity at 10 thousand, 100 thousand and 1 million records, beside plain Splink
	@$(BIN)/python -m benchmarks.identity.scale $(ARGS)

bench-models: install ## Compare every promoted customer model with its baselines on public purchases
	@$(BIN)/python -m benchmarks.intelligence

bench-models-scale: install ## Time features and customer models on a generated shop (ARGS="100000" customers; default 1 million)
	@$(BIN)/python -m benchmarks.intelligence.scale $(ARGS)

$(DEMAND_VENV)/.installed: $(VENV)/.installed benchmarks/demand/requirements.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(DEMAND_VENV)
	@$(BIN)/uv pip sync --quiet --no-config --python $(DEMAND_VENV)/bin/python benchmarks/demand/requirements.txt
	@touch $@

bench-demand: $(DEMAND_VENV)/.installed ## Compare demand with statsforecast and Prophet, and time its growth (PARTS="accuracy …")
	@BENCHMARK_PYTHON=$(CURDIR)/$(DEMAND_VENV)/bin/python $(BIN)/python -m benchmarks.demand $(PARTS)

bench-serving: install ## Time the dashboards' queries on 15 million order lines; 95 of 100 within 200 ms (ARGS=--lines …)
	@$(BIN)/python -m benchmarks.serving $(ARGS)

$(SUPERSET_VENV)/.installed: $(VENV)/.installed bi/superset/requirements.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(SUPERSET_VENV)
	@$(BIN)/uv pip sync --quiet --no-config --python $(SUPERSET_VENV)/bin/python bi/superset/requirements.txt
	@touch $@

superset-environment: $(SUPERSET_VENV)/.installed

superset: superset-environment ## Open Apache Superset on the published tables, with a dashboard to begin with (ARGS="--port 8089")
	@$(BIN)/python -m bi.superset serve --data "$(DATA)" $(ARGS)

check-superset: superset-environment ## Ask a real Superset on serving.duckdb and PostgreSQL, and compare its numbers with the tables
	@$(BIN)/python -m bi.superset check --data "$(DATA)" $(ARGS)

bench-page: install ## Rewrite the tables of docs/identity-quality.md from the last measurements
	@$(BIN)/python -m benchmarks.identity.page

clean: ## Remove what was generated: data, caches (the environment stays)
	@rm -rf $(addprefix "$(DATA)"/,explanations lake dlt dbt dbt_docs dagster demo warehouse.duckdb warehouse.duckdb.wal serving.duckdb site serving.manifest.json publications identity_to_review.csv .run.lock)
	@rmdir "$(DATA)" 2>/dev/null || true
	@rm -rf .pytest_cache .hypothesis .ruff_cache
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
