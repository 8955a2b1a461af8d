package count

import (
	"regexp"
	"sort"
	"strings"
)

// Word is a word and how often it occurs.
type Word struct {
	Text  string
	Count int
}

var word = regexp.MustCompile(`[\pL']+`)

// Top gives the n most frequent words.
func Top(text string, n int) (found []Word) {
	at := map[string]int{}
	for _, each := range word.FindAllString(text, -1) {
		each = strings.ToLower(each)
		if _, ok := at[each]; !ok {
			at[each] = len(found)
			found = append(found, Word{Text: each})
		}
		found[at[each]].Count++
	}
	sort.Slice(found, func(i, j int) bool {
		if found[i].Count != found[j].Count {
			return found[i].Count > found[j].Count
		}
		return found[i].Text < found[j].Text
	})
	if len(found) > n {
		found = found[:n]
	}
	return found
}
