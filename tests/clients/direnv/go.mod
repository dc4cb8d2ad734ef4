module rolecall.test/direnv

go 1.24

require (
	github.com/BurntSushi/toml v1.5.0 // indirect
	github.com/direnv/direnv/v2 v2.37.1 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	golang.org/x/mod v0.25.0 // indirect
	golang.org/x/sys v0.30.0 // indirect
)
