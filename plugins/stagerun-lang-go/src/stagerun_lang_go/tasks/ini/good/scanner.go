package ini

import (
	"errors"
	"fmt"
	"strings"
)

// ErrSyntax is what is wrong with a line that is none of the known kinds.
var ErrSyntax = errors.New("syntax error")

// Parse reads sections of keys and values.
func Parse(text string) (map[string]map[string]string, error) {
	found, section := map[string]map[string]string{}, ""
	for at, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == ';' || line[0] == '#':
		case line[0] == '[' && line[len(line)-1] == ']':
			section = strings.TrimSpace(line[1 : len(line)-1])
			add(found, section)
		default:
			key, value, ok := strings.Cut(line, "=")
			if key = strings.TrimSpace(key); !ok || key == "" {
				return nil, fmt.Errorf("line %d: %w", at+1, ErrSyntax)
			}
			add(found, section)[key] = strings.TrimSpace(value)
		}
	}
	return found, nil
}

func add(found map[string]map[string]string, section string) map[string]string {
	if found[section] == nil {
		found[section] = map[string]string{}
	}
	return found[section]
}
