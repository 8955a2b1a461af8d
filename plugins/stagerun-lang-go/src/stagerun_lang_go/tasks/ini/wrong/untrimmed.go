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
		if line == "" || strings.HasPrefix(line, ";") || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line[1 : len(line)-1]
			if found[section] == nil {
				found[section] = map[string]string{}
			}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("line %d: %w", at+1, ErrSyntax)
		}
		if found[section] == nil {
			found[section] = map[string]string{}
		}
		found[section][key] = value
	}
	return found, nil
}
