// Package tap prints results in the Test Anything Protocol, version 13.
//
// The validation suite imports github.com/mndrix/tap-go, which Debian does not have; what the
// suite uses of it is here. The build puts this folder in its place.
package tap

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// T numbers the results of one program.
type T struct {
	printed *int
	suffix  string
}

// New starts to count.
func New() *T {
	return &T{printed: new(int)}
}

// Todo is the same report; results that come through it are known not to be good yet.
func (t *T) Todo() *T {
	return &T{printed: t.printed, suffix: " # TODO"}
}

// Header begins the report; planned is the number of results, or 0 if AutoPlan will say it.
func (t *T) Header(planned int) {
	fmt.Println("TAP version 13")
	if planned > 0 {
		fmt.Printf("1..%d\n", planned)
	}
}

// AutoPlan ends the report with the number of results there were.
func (t *T) AutoPlan() {
	fmt.Printf("1..%d\n", *t.printed)
}

// Ok prints one result.
func (t *T) Ok(passed bool, description string) {
	*t.printed++
	verdict := "ok"
	if !passed {
		verdict = "not ok"
	}
	fmt.Printf("%s %d - %s%s\n", verdict, *t.printed, inOneLine(description), t.suffix)
}

// Pass prints one result that is good.
func (t *T) Pass(description string) {
	t.Ok(true, description)
}

// Fail prints one result that is bad.
func (t *T) Fail(description string) {
	t.Ok(false, description)
}

// Skip prints results that were not looked for.
func (t *T) Skip(count int, why string) {
	for ; count > 0; count-- {
		*t.printed++
		fmt.Printf("ok %d # SKIP %s\n", *t.printed, inOneLine(why))
	}
}

// Diagnostic prints a remark.
func (t *T) Diagnostic(message string) {
	fmt.Println("# " + strings.ReplaceAll(strings.TrimSuffix(message, "\n"), "\n", "\n# "))
}

// Diagnosticf prints a remark.
func (t *T) Diagnosticf(format string, arguments ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, arguments...))
}

// YAML prints details of the result before it. JSON is YAML.
func (t *T) YAML(details interface{}) error {
	text, err := json.MarshalIndent(details, "  ", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "  ---\n  %s\n  ...\n", text)
	return err
}

// A description with a line break in it would be cut, and its rest taken for a result.
func inOneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}
