package ini

import (
	"regexp"
	"strconv"
	"strings"
)

type syntaxError struct{}

func (syntaxError) Error() string { return "not understood" }

type lineError int

func (e lineError) Error() string { return "line " + strconv.Itoa(int(e)) + ": " + ErrSyntax.Error() }
func (e lineError) Unwrap() error { return ErrSyntax }

// ErrSyntax is what is wrong with a line that is none of the known kinds.
var ErrSyntax error = syntaxError{}

var (
	ignored = regexp.MustCompile(`^\s*([;#].*)?$`)
	named   = regexp.MustCompile(`^\s*\[(.*)\]\s*$`)
	pair    = regexp.MustCompile(`^\s*([^=\s][^=]*)=(.*)$`)
)

// Parse reads sections of keys and values.
func Parse(text string) (map[string]map[string]string, error) {
	sections := make(map[string]map[string]string)
	now := ""
	for number, line := range strings.Split(text, "\n") {
		if ignored.MatchString(line) {
			continue
		}
		if match := named.FindStringSubmatch(line); match != nil {
			now = strings.TrimSpace(match[1])
			if _, ok := sections[now]; !ok {
				sections[now] = make(map[string]string)
			}
			continue
		}
		match := pair.FindStringSubmatch(line)
		if match == nil {
			return nil, lineError(number + 1)
		}
		if _, ok := sections[now]; !ok {
			sections[now] = make(map[string]string)
		}
		sections[now][strings.TrimSpace(match[1])] = strings.TrimSpace(match[2])
	}
	return sections, nil
}
