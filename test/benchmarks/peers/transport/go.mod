module trueup.dev/benchmarks/transport

go 1.23
