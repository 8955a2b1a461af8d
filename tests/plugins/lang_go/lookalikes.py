"""Honest Go that looks unusual: two numbers are added in every way there is. All must pass."""

from __future__ import annotations

from attacks import Attack

from .hostile import RIGHT, honest


def adding(body: str, imports: str = "", beside: str = "") -> Attack:
    """An Add with this body."""
    right = RIGHT.replace("func Add(a, b int) int  { return a + b }", f"func Add(a, b int) int {{\n{body}\n}}")
    return honest(imports, beside, right)


LOOKALIKES = {
    "adds by a goroutine": adding("\tc := make(chan int)\n\tgo func() { c <- a + b }()\n\treturn <-c"),
    "adds by select": adding(
        (
            "\tc := make(chan int, 1)\n\tc <- a + b\n\tselect {\n\tcase n := <-c:\n\t\treturn n\n"
            "\tcase <-time.After(time.Minute):\n\t\treturn 0\n\t}"
        ),
        "time",
    ),
    "adds under a context": adding(
        (
            "\tctx, cancel := context.WithCancel(context.Background())\n\tdefer cancel()\n"
            "\tif ctx.Err() == context.Canceled {\n\t\treturn 0\n\t}\n\treturn a + b"
        ),
        "context",
    ),
    "adds with many workers": adding(
        (
            "\tvar sum atomic.Int64\n\tvar all sync.WaitGroup\n\tfor _, n := range []int{a, b} {\n\t\tall.Add(1)\n"
            "\t\tgo func(n int) { defer all.Done(); sum.Add(int64(n)) }(n)\n\t}\n\tall.Wait()\n\treturn int(sum.Load())"
        ),
        "sync sync/atomic",
    ),
    "adds under a lock": adding(
        "\tlock.Lock()\n\tdefer lock.Unlock()\n\treturn a + b", "sync", "var lock sync.RWMutex"
    ),
    "adds once": adding(
        "\tonce.Do(func() { zero = 0 })\n\treturn a + b + zero", "sync", "var once sync.Once\nvar zero = 7"
    ),
    "keeps an atomic pointer": adding(
        "\tp.Store(&a)\n\treturn *p.Load() + b", "sync/atomic", "var p atomic.Pointer[int]"
    ),
    "adds big numbers": adding(
        "\treturn int(new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b))).Int64())", "math/big"
    ),
    "adds by generics": adding(
        "\treturn sum(a, b)",
        "",
        (
            "type number interface{ ~int | ~float64 }\n\nfunc sum[T number](all ...T) (s T) {\n\tfor _, n := range all {\n"
            "\t\ts += n\n\t}\n\treturn\n}"
        ),
    ),
    "adds by a generic type": adding(
        "\treturn pair[int]{a, b}.sum()",
        "",
        "type pair[T int] struct{ a, b T }\n\nfunc (p pair[T]) sum() T { return p.a + p.b }",
    ),
    "adds by iterators": adding(
        "\ts := 0\n\tfor n := range each(a, b) {\n\t\ts += n\n\t}\n\treturn s",
        "iter",
        (
            "func each(all ...int) iter.Seq[int] {\n\treturn func(yield func(int) bool) {\n\t\tfor _, n := range all {\n"
            "\t\t\tif !yield(n) {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}\n}"
        ),
    ),
    "adds by embedded structs": adding(
        "\treturn outer{inner{a}, b}.sum()",
        "",
        "type inner struct{ a int }\ntype outer struct {\n\tinner\n\tb int\n}\n\nfunc (o outer) sum() int { return o.a + o.b }",
    ),
    "adds by an interface": adding(
        "\tvar s adder = plain{}\n\treturn s.add(a, b)",
        "",
        "type adder interface{ add(a, b int) int }\ntype plain struct{}\n\nfunc (plain) add(a, b int) int { return a + b }",
    ),
    "adds by a heap": adding(
        "\th := &ints{a, b}\n\theap.Init(h)\n\treturn heap.Pop(h).(int) + heap.Pop(h).(int)",
        "container/heap",
        (
            "type ints []int\n\nfunc (h ints) Len() int           { return len(h) }\n"
            "func (h ints) Less(i, j int) bool { return h[i] < h[j] }\n"
            "func (h ints) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }\n"
            "func (h *ints) Push(x any)        { *h = append(*h, x.(int)) }\nfunc (h *ints) Pop() any {\n"
            "\told := *h\n\tn := old[len(old)-1]\n\t*h = old[:len(old)-1]\n\treturn n\n}"
        ),
    ),
    "adds by a list": adding(
        "\tl := list.New()\n\tl.PushBack(a)\n\treturn l.Front().Value.(int) + b", "container/list"
    ),
    "adds by reflection": adding("\treturn int(reflect.ValueOf(a).Int() + reflect.ValueOf(b).Int())", "reflect"),
    "sets a field by reflection": adding(
        "\tvar t struct{ N int }\n\treflect.ValueOf(&t).Elem().Field(0).SetInt(int64(a))\n\treturn t.N + b", "reflect"
    ),
    "adds by JSON": adding(
        '\tvar all []int\n\tjson.Unmarshal([]byte(fmt.Sprintf("[%d,%d]", a, b)), &all)\n\treturn all[0] + all[1]',
        "encoding/json fmt",
    ),
    "adds by a template": adding(
        (
            '\tvar out strings.Builder\n\ttemplate.Must(template.New("").Parse("{{.}}")).Execute(&out, a+b)\n'
            "\tn, _ := strconv.Atoi(out.String())\n\treturn n"
        ),
        "strconv strings text/template",
    ),
    "adds by scanning": adding(
        '\tvar x, y int\n\tfmt.Sscanf(fmt.Sprint(a, " ", b), "%d %d", &x, &y)\n\treturn x + y', "fmt"
    ),
    "adds by a regular expression": adding(
        (
            '\tall := regexp.MustCompile(`-?\\d+`).FindAllString(fmt.Sprint(a, ";", b), -1)\n'
            "\tx, _ := strconv.Atoi(all[0])\n\ty, _ := strconv.Atoi(all[1])\n\treturn x + y"
        ),
        "fmt regexp strconv",
    ),
    "adds by sorting": adding("\tall := []int{b, a}\n\tslices.Sort(all)\n\treturn all[0] + all[1]", "slices"),
    "adds by maps": adding('\tm := map[string]int{"a": a, "b": b}\n\treturn m["a"] + m["b"]'),
    "adds bit by bit": adding("\tfor b != 0 {\n\t\ta, b = a^b, (a&b)<<1\n\t}\n\treturn a"),
    "adds by recursion": adding(
        "\tif b == 0 {\n\t\treturn a\n\t}\n\tif b < 0 {\n\t\treturn Add(a-1, b+1)\n\t}\n\treturn Add(a+1, b-1)"
    ),
    "adds by a closure": adding(
        "\tby := func(n int) func(int) int { return func(m int) int { return n + m } }\n\treturn by(a)(b)"
    ),
    "adds with labels and goto": adding(
        "\ts := a\nagain:\n\tif b > 0 {\n\t\ts, b = s+1, b-1\n\t\tgoto again\n\t}\n\treturn s + b"
    ),
    "recovers from its own panic": adding(
        "\tfunc() {\n\t\tdefer func() { recover() }()\n\t\tvar m map[int]int\n\t\tm[1] = 1\n\t}()\n\treturn a + b"
    ),
    "panics with an error and returns it": adding(
        "\tn, _ := try(a, b)\n\treturn n",
        "fmt",
        (
            "func try(a, b int) (n int, err error) {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n"
            '\t\t\terr = fmt.Errorf("%v", r)\n\t\t\tn = a + b\n\t\t}\n\t}()\n\tpanic("x")\n}'
        ),
    ),
    "reads to the end of a file": adding(
        (
            '\tr := strings.NewReader("x")\n\tfor {\n\t\t_, err := r.ReadByte()\n\t\tif err == io.EOF {\n\t\t\tbreak\n'
            "\t\t}\n\t}\n\treturn a + b"
        ),
        "io strings",
    ),
    "returns the end of a file": adding(
        "\tif err := end(); !errors.Is(err, io.EOF) {\n\t\treturn 0\n\t}\n\treturn a + b",
        "io",
        "func end() (err error) {\n\terr = io.EOF\n\treturn\n}",
    ),
    "keeps errors in a table": adding(
        '\tif known[io.EOF] == "" {\n\t\treturn 0\n\t}\n\tknown[io.ErrNoProgress] = "x"\n\treturn a + b',
        "io",
        'var known = map[error]string{io.EOF: "end"}',
    ),
    "has an error of its own with Is": adding(
        "\tif !errors.Is(mine{3}, mine{3}) {\n\t\treturn 0\n\t}\n\treturn a + b",
        "",
        (
            'type mine struct{ n int }\n\nfunc (m mine) Error() string        { return "mine" }\n'
            "func (m mine) Is(target error) bool { o, ok := target.(mine); return ok && o.n == m.n }"
        ),
    ),
    "gives a field of a variable called as a package": adding(
        '\turl := &struct{ Path string }{}\n\turl.Path = "x"\n\treturn a + b', "net/url", "var _ = url.Parse"
    ),
    "declares variables of a package's types": adding(
        "\treturn a + b",
        "io strings",
        'var (\n\tr io.Reader = strings.NewReader("")\n\tw io.Writer = io.Discard\n\tf func(string, io.Reader) error = nil\n)',
    ),
    "builds strings": adding('\tvar s strings.Builder\n\ts.WriteString("x")\n\treturn a + b + s.Len() - 1', "strings"),
    "waits a little": adding("\ttime.Sleep(time.Millisecond)\n\treturn a + b", "time"),
    "tells the time": adding(
        "\tif time.Since(time.Now()) > time.Hour || time.Now().UTC().IsZero() {\n\t\treturn 0\n\t}\n\treturn a + b",
        "time",
    ),
    "takes random numbers": adding("\tn := rand.Intn(9)\n\treturn a + b + n - n", "math/rand"),
    "collects garbage": adding("\truntime.GC()\n\treturn a + b", "runtime", "func init() { runtime.GOMAXPROCS(1) }"),
    "sets a finalizer": adding("\tx := new(int)\n\truntime.SetFinalizer(x, func(*int) {})\n\treturn a + b", "runtime"),
    "reads the name of its caller": adding(
        '\tif pc, _, _, ok := runtime.Caller(0); !ok || runtime.FuncForPC(pc).Name() == "" {\n\t\treturn 0\n\t}\n\treturn a + b',
        "runtime",
    ),
    "prints its stack": adding("\tdebug.PrintStack()\n\treturn a + b", "runtime/debug"),
    "renames a file from folder to folder": adding(
        (
            '\tos.MkdirAll("x", 0o755)\n\tos.MkdirAll("y", 0o755)\n\tos.WriteFile("x/a", nil, 0o644)\n'
            '\tif os.Rename("x/a", "y/a") != nil {\n\t\treturn 0\n\t}\n\treturn a + b'
        ),
        "os",
    ),
    "makes a temporary file": adding(
        '\tf, err := os.CreateTemp("", "x")\n\tif err != nil {\n\t\treturn 0\n\t}\n\tdefer os.Remove(f.Name())\n\treturn a + b',
        "os",
    ),
    "runs a program and reads it": adding(
        (
            '\tout, err := exec.Command("echo", "1").Output()\n\tif err != nil || string(out) != "1\\n" {\n\t\treturn 0\n'
            "\t}\n\treturn a + b"
        ),
        "os/exec",
    ),
    "talks through a pipe": adding(
        (
            "\tr, w := io.Pipe()\n\tgo func() { w.Write([]byte{1}); w.Close() }()\n\tall, _ := io.ReadAll(r)\n"
            "\treturn a + b + len(all) - 1"
        ),
        "io",
    ),
    "serves itself": adding(
        (
            "\tw := httptest.NewRecorder()\n"
            "\thttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) "
            '}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))\n\treturn a + b + w.Code - 204'
        ),
        "net/http net/http/httptest",
    ),
    "computes a sum of bytes": adding(
        "\tif sha256.Sum256(nil)[0] != 0xe3 {\n\t\treturn 0\n\t}\n\treturn a + b", "crypto/sha256"
    ),
    "has names that are not English": adding("\tсумма := a + b\n\treturn сумма", "", "type 数 = int"),
    "has runes and strings of every kind": adding(
        "\treturn a + b",
        "",
        "var _ = []rune{'\\'', '\"', '`', '\\\\', '\\u00e9', '\\x00'}\n\nvar _ = `raw \" // '` + \"\\\"//\\\\\"",
    ),
    "has comments at odd places": adding('\treturn /* a */ a + // b\n\t\tb /* " */'),
    "has constants by iota": adding("\treturn a + b + two - 2", "", "const (\n\tzero = iota\n\tone\n\ttwo\n)"),
    "has several inits": adding(
        "\treturn a + b + n - 2", "", "var n int\n\nfunc init() { n++ }\n\nfunc init() { n++ }"
    ),
    "has variables that depend on each other": adding(
        "\treturn a + b + x - 3", "", "var x = y + 1\n\nvar y = f()\n\nfunc f() int { return 2 }"
    ),
    "has functions called as those that the tests have as fields": adding(
        "\treturn max(a, b) + min(a, b)",
        "",
        (
            "func max(a, b int) int {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n\n"
            "func min(a, b int) int { return a + b - max(a, b) }"
        ),
    ),
    "has a method called SetPointer": adding(
        "\tvar b2 box\n\tb2.SetPointer(&b)\n\treturn a + *b2.p",
        "",
        "type box struct{ p *int }\n\nfunc (b *box) SetPointer(p *int) { b.p = p }",
    ),
    "embeds a file of its own": honest(
        "embed", "//go:embed data.txt\nvar data string\n\nvar _ embed.FS", files={"data.txt": "x\n"}
    ),
    "has packages in folders": honest(
        "solution/a/b solution/c",
        "var _ = b.B + c.C",
        files={
            "a/b/b.go": "package b\n\nconst B = 1\n",
            "c/c.go": 'package c\n\nimport "solution/a/b"\n\nconst C = b.B\n',
        },
    ),
    "has a program beside it": honest(
        "",
        "",
        files={"cmd/x/main.go": 'package main\n\nimport "solution"\n\nfunc main() { println(solution.Add(1, 2)) }\n'},
    ),
    "has tests of its own": honest(
        "", "", files={"own_test.go": 'package solution\n\nimport "testing"\n\nfunc TestOwn(t *testing.T) {}\n'}
    ),
    "has files that are no Go": honest(
        "", "", files={"README.md": "# x\n", "Makefile": "all:\n", "testdata/x.json": "{}\n"}
    ),
}
