"""Go as a language of stagerun: `go build`, `go vet`, `go test` and golangci-lint over model-written code."""

from stagerun_lang_go.language import Go

__all__ = ["Go"]
