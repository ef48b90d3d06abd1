# Type `make` for what there is. Everything runs in .venv, which the targets make themselves.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
STAMP := .venv/.installed
# No remembered downloads and no stray settings: the lock files alone decide.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt bench screenshots deploy-rehearsal infra-check policies lock messages clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP)-base messages ## install, load real rates, serve on http://127.0.0.1:8000 (PORT=…)
	@$(BIN)/python manage.py migrate --verbosity 0
	@LOG_LEVEL=WARNING $(BIN)/python manage.py ingest --bundled
	@echo "→ http://127.0.0.1:$(PORT)/            여행자 화면 (English: /en/)"
	@echo "  http://127.0.0.1:$(PORT)/api/docs    API 문서"
	@echo "  http://127.0.0.1:$(PORT)/admin/      운영자 화면. 계정: $(BIN)/python manage.py make_operator NAME --role administrator"
	@echo "  시연용 순위: $(BIN)/python manage.py seed_demo, 다시 빼기: seed_demo --remove      (Ctrl-C ends)"
	@DJANGO_RUNSERVER_HIDE_WARNING=true exec $(BIN)/python manage.py runserver --noreload 127.0.0.1:$(PORT)

test: $(STAMP)-development messages ## every test: SQLite, and MariaDB and Redis where they answer
	@$(BIN)/python -m tests.everything

lint: $(STAMP)-development ## format, lint, types, import contracts, migrations, deployment checks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tests.deployment_check

fmt: $(STAMP)-development ## format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(STAMP)-development messages ## what a request and a row cost, as ratios measured in one run
	@$(BIN)/python -m tests.bench

screenshots: $(STAMP)-development messages ## every page, phone and desktop, light and dark, ko and en: var/screenshots
	@$(BIN)/python -m tests.e2e.screenshots

# What is packed is an environment of its own: what the function needs, and nothing of what tests it.
deploy-rehearsal: $(STAMP)-development .venv-lambda/.installed messages ## Zappa against a played AWS, then the package asked as Lambda asks
	@$(BIN)/python -m deploy.rehearsal

.venv-lambda/.installed: requirements/lambda.txt
	@test -x .venv-lambda/bin/python || $(PYTHON) -m venv .venv-lambda
	@echo "Installing requirements/lambda.txt …"
	@.venv-lambda/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lambda.txt
	@touch $@

# The checker of Terraform lies beside the checkout, on our machines and in CI; the policy scan needs nothing
# but its own environment, whose requirements would not agree with the service's.
TERRAFORM := deploy/terraform
TFCHECK := ../shared/tools/tfcheck/tfcheck
infra-check: .venv-policy/.installed ## plans and tests of Terraform for both environments, and their policies
	@$(MAKE) --no-print-directory --jobs=2 --output-sync terraform-prod terraform-staging policies

# The tests are of both environments: once is enough.
terraform-prod: WHAT := --test --fmt
terraform-%:
	@if [ -x $(TFCHECK) ]; then \
	  $(TFCHECK) --plan --strict $(WHAT) $(TERRAFORM) --var-file $(TERRAFORM)/environments/$*.tfvars; \
	else echo "Terraform ($*) did not run: $(TFCHECK) is not here."; fi

policies:
	@LOG_LEVEL=ERROR .venv-policy/bin/checkov --directory deploy --framework terraform kubernetes dockerfile \
	  --var-file $(TERRAFORM)/environments/prod.tfvars --quiet --compact --skip-download

.venv-policy/.installed: requirements/policy.txt
	@test -x .venv-policy/bin/python || $(PYTHON) -m venv .venv-policy
	@echo "Installing requirements/policy.txt …"
	@.venv-policy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/policy.txt
	@touch $@

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header
lock: $(STAMP)-development ## compile the lock files from pyproject.toml
	@$(COMPILE) pyproject.toml -o requirements/base.txt
	@$(COMPILE) pyproject.toml --extra production -c requirements/base.txt -o requirements/production.txt
	@$(COMPILE) pyproject.toml --extra lambda -c requirements/production.txt -o requirements/lambda.txt
	@$(COMPILE) pyproject.toml --extra development -c requirements/production.txt -o requirements/development.txt
	@$(COMPILE) --group policy -o requirements/policy.txt

CATALOGUES := $(wildcard locale/ko/LC_MESSAGES/*.po */locale/ko/LC_MESSAGES/*.po)
messages: $(CATALOGUES:.po=.mo)

%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale ko

# Installed once for each change of a lock file.
$(STAMP)-%: requirements/%.txt
	@test -x $(BIN)/python || { echo "Making .venv …"; $(PYTHON) -m venv .venv; }
	@echo "Installing requirements/$*.txt …"
	@$(PIP) -r requirements/$*.txt
	@touch $@

clean: ## remove .venv and var/ (the laptop's database)
	@rm -rf .venv .venv-lambda .venv-policy var
