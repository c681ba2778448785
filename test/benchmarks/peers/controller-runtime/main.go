// Command controller-runtime does with controller-runtime what the benchmarks have Trueup do. It says on standard output, in
// lines of JSON, how far it is, and at the end what it took.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

var started = time.Now()

func main() {
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: %s cache|reconcile", os.Args[0]))
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	check(err)
	// The client's own limit is not what is measured.
	config.QPS = -1
	switch os.Args[1] {
	case "cache":
		fillCache(config)
	case "reconcile":
		reconcileAll(config)
	default:
		fail(fmt.Errorf("no benchmark is called %s", os.Args[1]))
	}
}

// say tells the benchmark something.
func say(fields map[string]any) {
	line, err := json.Marshal(fields)
	check(err)
	fmt.Println(string(line))
}

// memory is what is in use once the garbage is gone.
func memory() (heapBytes, rss int) {
	debug.FreeOSMemory()
	var statistics runtime.MemStats
	runtime.ReadMemStats(&statistics)
	return int(statistics.HeapAlloc), rssBytes()
}

func cpuMs() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(time.Duration(usage.Utime.Nano()+usage.Stime.Nano()).Microseconds()) / 1000
}

func rssBytes() int {
	status, err := os.ReadFile("/proc/self/status")
	check(err)
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kilobytes, err := strconv.Atoi(fields[1])
			check(err)
			return kilobytes * 1024
		}
	}
	return 0
}

// onLine calls back for every line of standard input.
func onLine(heard func(line string)) {
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		heard(input.Text())
	}
	os.Exit(0)
}

func newManager(config *rest.Config, options ctrl.Options) ctrl.Manager {
	manager, err := ctrl.NewManager(config, options)
	check(err)
	return manager
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
