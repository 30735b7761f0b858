# The engine and its first results: docker build -t engine . && docker run --rm -v "$PWD/outputs:/engine/outputs" engine
FROM python:3.11-slim
WORKDIR /engine
COPY . .
# The first command of README.
RUN python3 -m venv .venv && .venv/bin/pip install -e '.[all]' && .venv/bin/engine run scenarios/baseline.yaml --seed 2026 -o outputs/baseline.nc
ENTRYPOINT [".venv/bin/engine"]
CMD ["run", "baseline", "--seed", "2026", "-o", "outputs/baseline.nc"]
