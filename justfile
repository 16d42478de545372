# `just` lists these; `just ci` is what a change has to pass.

# list the recipes
default:
    @just --list

# format everything
fmt:
    cargo fmt --all

# clippy, and the list of allowed dependencies
lint:
    cargo clippy --workspace --all-targets --locked -- -Dwarnings
    .ci/check-dependencies.py

# run the tests, or those whose name contains FILTER
test *FILTER:
    cargo test --workspace --locked {{FILTER}}

# record again what rustc prints for the files in tests/macros/ui
bless:
    TRYBUILD=overwrite cargo test --package secrets-macros --test macros --locked

# time `run` beside a bare exec and sops, the runner beside bare cargo and nextest, the lint beside plain reading
bench:
    cargo bench --package cargo-secrets --bench run --locked
    cargo bench --package cargo-secrets --bench runner --locked
    cargo bench --package secrets-detect --bench lint --locked

# look for hard-coded keys in this repository
secrets:
    cargo run --quiet --locked --package cargo-secrets -- lint

# everything that CI does
ci:
    .ci/run
