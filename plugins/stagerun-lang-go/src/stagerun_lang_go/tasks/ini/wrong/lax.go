package ini

import (
	"errors"
	"strings"
)

// ErrSyntax is what is wrong with a line that is none of the known kinds.
var ErrSyntax = errors.New("syntax error")

// Parse reads sections of keys and values.
func Parse(text string) (map[string]map[string]string, error) {
	found, section := map[string]map[string]string{}, ""
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, ";") || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			section = strings.TrimSpace(strings.Trim(line, "[]"))
			if found[section] == nil {
				found[section] = map[string]string{}
			}
		} else if key, value, ok := strings.Cut(line, "="); ok {
			if found[section] == nil {
				found[section] = map[string]string{}
			}
			found[section][strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return found, nil
}
